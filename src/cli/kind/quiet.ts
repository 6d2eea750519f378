import { goBoolean } from './go-text.ts';

/**
 * Whether kind would be quiet: its `-q` silences everything but data, errors and the complaints of its own command line included. So
 * it looks for the flag before anything else, with a parser that knows no other flag (checkQuiet in cmd/kind/app/main.go).
 */
export function asksForQuiet(argv: readonly string[]): boolean {
  let quiet = false;
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined && word !== '--'; word = rest.shift()) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === 'help') return quiet;
    if (name === 'quiet') {
      const given = value === undefined ? true : booleanOf(value);
      if (given === undefined) return quiet;
      quiet = given;
    } else if (name !== undefined) {
      if (value === undefined) dropValue(rest);
    } else if (/^-[^-]/.test(word)) {
      for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
        if (letters.startsWith('h')) return quiet;
        if (letters.startsWith('q')) quiet = true;
        else if (/^.=./s.test(letters)) break;
        else dropValue(rest);
      }
    }
  }
  return quiet;
}

/** What follows a flag that this parser does not know may be its value. */
function dropValue(rest: string[]): void {
  if (rest[0] !== undefined && !rest[0].startsWith('-')) rest.shift();
}

function booleanOf(text: string): boolean | undefined {
  try {
    return goBoolean(text);
  } catch {
    return undefined;
  }
}
