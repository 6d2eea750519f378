/** What a {@link KinpodError} is made of. */
export interface KinpodErrorOptions {
  /** Stable, machine-readable name of the failure, lower-case with dashes: `image-not-found`. */
  code: string;
  /** What the user can do about it, one line a suggestion. */
  hint?: string | undefined;
  /** Why it happened, where that is known beyond the message: log lines, the last answer seen. */
  details?: string | undefined;
  /** A page that explains more. */
  docsUrl?: string | undefined;
  /** What kind says of the same failure, where its words differ from the message: for those who call kinpod as kind. */
  kindMessage?: string | undefined;
  /** Exit code of the process. Default 1, as kind uses for every failure. */
  exitCode?: number | undefined;
  cause?: unknown;
}

/**
 * A failure that the user can act on: printed as what failed, why and what to do, without a stack.
 * Anything else that is thrown is a bug of kinpod and is printed as one.
 */
export class KinpodError extends Error {
  override readonly name: string = 'KinpodError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: string | undefined;
  readonly docsUrl: string | undefined;
  readonly kindMessage: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: KinpodErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details;
    this.docsUrl = options.docsUrl;
    this.kindMessage = options.kindMessage;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The text of anything that was thrown, for use inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same in kind's words, where they are known. */
export function kindMessageOf(error: unknown): string {
  return (error instanceof KinpodError ? error.kindMessage : undefined) ?? messageOf(error);
}

/** The same failure, of which kind says this. */
export function saidByKind(error: KinpodError, kindMessage: string): KinpodError {
  return new KinpodError(error.message, { ...error, cause: error.cause, kindMessage });
}

/** True where the failure is the abort that Ctrl-C (or a caller's AbortSignal) asked for. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (error as { code?: string }).code === 'ABORT_ERR');
}
