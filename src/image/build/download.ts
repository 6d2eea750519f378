import { rm, stat } from 'node:fs/promises';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError, type RunResult, run } from '../../exec/run.ts';

/** Times that a download which broke off is taken up again. */
const ATTEMPTS = 5;

/** Exit codes of curl after which the same request may well succeed: https://curl.se/docs/manpage.html#EXIT */
const BROKEN_OFF = new Set([5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92]);

/** curl: the server cannot go on from where the file ends. */
const NO_RANGES = 33;

/** curl, for it knows proxies, certificates and how to resume. Gives up on a server that sends nothing for a minute. */
const CURL = [
  '--fail',
  '--silent',
  '--show-error',
  '--location',
  '--globoff',
  '--proto',
  '=http,https',
  '--connect-timeout',
  '30',
];
const STALLED = ['--speed-limit', '1', '--speed-time', '60'];

/** How often the size of a download is looked at, in milliseconds. */
const LOOK_EVERY_MS = 500;

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  /** Told the size of what is there, in bytes. */
  onSize?: ((bytes: number) => void) | undefined;
}

/**
 * Download a file. What is at `path` already is the beginning of it, from a download that broke off; it is kept when this
 * one breaks off too.
 * @returns whether it was taken up from such a beginning
 * @throws {KinpodError} `download-failed`, `tool-missing` (curl)
 * @throws AbortError if `signal` ended it
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<{ resumed: boolean }> {
  const { signal, onSize } = options;
  const resumed = (await sizeOf(path)) > 0;
  const watch = setInterval(() => void sizeOf(path).then((bytes) => onSize?.(bytes)), LOOK_EVERY_MS);
  try {
    for (let attempt = 1; ; attempt++) {
      const { exitCode, stdout, stderr } = await curl(
        [...STALLED, '--continue-at', '-', '--write-out', '%{http_code}', '--output', path, url],
        signal,
      );
      if (exitCode === 0) return { resumed };
      // 416: the file ends before that, so what is here is of another one.
      if (exitCode === NO_RANGES || stdout.endsWith('416')) await rm(path, { force: true });
      else if (!BROKEN_OFF.has(exitCode)) throw failed(url, stderr);
      if (attempt === ATTEMPTS) throw failed(url, stderr);
    }
  } finally {
    clearInterval(watch);
  }
}

/** A small text, such as a checksum. Undefined where the server does not have it. */
export async function downloadText(url: string, signal?: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await curl(['--max-time', '60', '--write-out', '\n%{http_code}', url], signal);
  const [, text = '', status = ''] = /^(.*)\n(\d*)$/s.exec(stdout) ?? [];
  if (exitCode === 0) return text;
  if (['403', '404', '410'].includes(status)) return undefined;
  throw failed(url, stderr);
}

async function curl(args: readonly string[], signal: AbortSignal | undefined): Promise<RunResult> {
  try {
    return await run('curl', [...CURL, ...args], { signal, allowFailure: true });
  } catch (error) {
    if (!(error instanceof CommandError) || !error.notStarted) throw error;
    throw new KinpodError('"curl" is not installed, and downloads need it', {
      code: 'tool-missing',
      hint: 'sudo apt-get install curl',
      cause: error,
    });
  }
}

function failed(url: string, stderr: string): KinpodError {
  return new KinpodError(`${url} could not be downloaded`, {
    code: 'download-failed',
    details: stderr,
    hint: 'look at the address and the network; a download that broke off is taken up again by the next build',
  });
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
