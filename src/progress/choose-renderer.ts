import { PlainProgress } from './plain.ts';
import { silent } from './progress.ts';
import type { ProgressRenderer, RendererOptions } from './renderer.ts';
import { SpinnerProgress } from './spinner.ts';
import { isSmartTerminal } from './terminal.ts';

/** The renderer that fits the stream: a spinner on a terminal, lines as kind writes them elsewhere, nothing with `-q`. */
export function chooseRenderer(options: RendererOptions): ProgressRenderer {
  if (options.quiet) return { ...silent, waiting() {}, close() {} };
  // Debug lines between its frames would tear a spinner apart.
  const spin = isSmartTerminal(options.stream, options.env) && options.verbosity < 1;
  return spin ? new SpinnerProgress(options) : new PlainProgress(options);
}
