/** One program run that mends something. Doing it twice does no harm. */
export interface FixCommand {
  argv: readonly string[];
  /** Run through sudo where kinpod does not run as root. */
  asRoot: boolean;
  /** Goes to the program's stdin. */
  input?: string;
  /** The commands after it are run even if it fails. Default false. */
  mayFail?: boolean;
}

export interface Fix {
  /** In this order. Empty where only the user can mend it, as `text` says. */
  commands: readonly FixCommand[];
  /** To paste into a shell; or, without commands, what to do in words. */
  text: string;
  /** What the user must still do afterwards: `log out and in again`. */
  afterwards?: string;
}

/** A command of a fix that needs root. */
export function asRoot(...argv: string[]): FixCommand {
  return { argv, asRoot: true };
}
