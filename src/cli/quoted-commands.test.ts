import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assetsDir } from '../exec/assets.ts';
import { commands } from './commands.ts';
import { parse } from './parse.ts';

const root = assetsDir();
const markdown = (dir: string) =>
  readdirSync(join(root, dir))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(dir, name));
const pages = ['README.md', 'CONTRIBUTING.md', 'bench/README.md', ...markdown('docs')];

/** What stands in blocks of commands, and between backticks in the text. */
function code(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll('\\\n', ' ');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms), ...text.matchAll(/((?:^ {4}.*\n)+)/gm)];
  const inText = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...blocks.flatMap(([, block = '']) => block.split('\n')), ...inText];
}

/** The words after kinpod's name of each call in a line, up to what a shell takes for its own, a comment, or `…`. */
function calls(line: string): string[][] {
  const found = line.matchAll(/(?:^|[(']|or: |&& )(?:\.\/)?kinpod ([^#|)'>&;…]+)/g);
  return [...found].map(([, rest = '']) => rest.trim().replaceAll('"', '').split(/\s+/));
}

const quoted = pages.flatMap((page) => {
  const lines = code(page).flatMap((line) => calls(line).map((words) => words.join(' ')));
  return [...new Set(lines)].map((line) => [page, line] as const);
});

test.each(quoted)('%s: kinpod %s', (_, line) => {
  expect(parse(commands, line.split(' '), {}, '1.0.0')).toMatchObject({ kind: expect.stringMatching(/^(run|print)$/) });
});

test('scripts that the pages name are there', () => {
  const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts);
  const named = pages.flatMap((page) =>
    code(page).flatMap((line) => [...line.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => `${page}: ${name}`)),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((one) => !scripts.includes(one.split(': ')[1] ?? ''))).toEqual([]);
});
