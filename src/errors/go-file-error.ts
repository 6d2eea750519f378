import { messageOf } from './kinpod-error.ts';

/**
 * `open x: no such file or directory`, as Go says it: operation, path and the system's words.
 * @param path default: the one that failed
 */
export function goFileError(error: unknown, path?: string): string {
  const { syscall, code, path: own } = error as NodeJS.ErrnoException;
  const message = messageOf(error);
  const words = code === 'EISDIR' ? 'is a directory' : (/^\w+: ([^,]+)/.exec(message)?.[1] ?? message);
  return `${syscall ?? 'open'} ${path ?? own ?? ''}: ${code === 'EEXIST' ? 'file exists' : words}`;
}
