/** An argument that is a script, shown by its first line. */
export function withoutScripts(args: readonly string[]): string[] {
  return args.map((arg) => (arg.trimEnd().includes('\n') ? `${arg.split('\n', 1)[0]} ...` : arg));
}

/** The command line as one would paste it into a POSIX shell. For messages only: nothing is ever run through a shell. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map((a) => (/^[\w@%+=:,./-]+$/.test(a) ? a : `'${a.replaceAll("'", `'"'"'`)}'`)).join(' ');
}
