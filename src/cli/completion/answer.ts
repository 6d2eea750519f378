import { DEFAULT_CLUSTER_NAME } from '../../config/defaults.ts';
import { variable } from '../../exec/variables.ts';
import type { Candidate, Completion } from './complete.ts';

/** Answers to the shell's scripts: cobra's numbers, which tools that complete for other shells know too. */
const NO_FILES = 4;
const DIRECTORIES = 16;
const FILES = 0;

/** What is looked up for completion. */
export interface Lookup {
  clusters(): Promise<string[]>;
  nodes(cluster: string): Promise<string[]>;
}

/**
 * What the shell's script reads: a line for each candidate (value, tab, words about it), and last a line `:number` that says whether
 * files are to be offered. Where the engine cannot be asked nothing is offered: a failure has no place in a half typed line.
 */
export async function answer(
  completion: Completion,
  current: string,
  lookup: Lookup,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { names, prefix } = completion;
  const typed = current.replace(/^--[^=]+=/, '');
  const found = names === undefined ? [] : await namesOf(completion, lookup, env).catch(() => []);
  const lines = [...completion.candidates, ...found]
    .map(({ value, about }) => ({ value: `${prefix}${value}`, about }))
    .filter(({ value }) => value.startsWith(typed))
    .map(({ value, about }) => (about ? `${value}\t${about.replaceAll(/\s+/g, ' ')}` : value));
  const rule = names === 'file' ? FILES : names === 'directory' ? DIRECTORIES : NO_FILES;
  return `${[...lines, `:${rule}`].join('\n')}\n`;
}

async function namesOf({ names, cluster }: Completion, lookup: Lookup, env: NodeJS.ProcessEnv): Promise<Candidate[]> {
  const plain = (values: readonly string[]) => values.map((value) => ({ value, about: '' }));
  if (names === 'cluster') return plain(await lookup.clusters());
  if (names !== 'node') return [];
  return plain(await lookup.nodes(cluster || variable(env, 'CLUSTER_NAME') || DEFAULT_CLUSTER_NAME));
}
