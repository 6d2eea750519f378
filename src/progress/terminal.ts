import type { Writable } from 'node:stream';

/**
 * True where a stream is a terminal that understands escape codes; kind decides the same way (pkg/internal/env/term.go).
 * `NO_COLOR` asks for none (no-color.org), and `TERM=dumb` has none; st-256color garbles the spinner (kind issue 1892).
 */
export function isSmartTerminal(stream: Writable, env: NodeJS.ProcessEnv): boolean {
  if ((stream as { isTTY?: boolean }).isTTY !== true || env.NO_COLOR !== undefined) return false;
  return env.TERM !== 'dumb' && env.TERM !== 'st-256color';
}
