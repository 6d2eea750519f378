import { isAbort, KinpodError, messageOf } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';
import type { BuildRuntime } from './node-runtime.ts';

const DISK_FULL = /no space left on device|ENOSPC|disk quota exceeded|not enough free space/i;

/** Programs without which nothing can be built, and how Debian and Ubuntu have them. */
const REQUIRED_PROGRAMS: Readonly<Record<string, string>> = {
  go: 'install Go 1.21 or newer: https://go.dev/doc/install',
  mmdebstrap: 'sudo apt-get install mmdebstrap debian-archive-keyring',
  tar: 'sudo apt-get install tar',
};

/** What is needed where programs with C in them are compiled. */
const C_COMPILER = 'gcc';
const NEEDED_FOR_C: Readonly<Record<string, string>> = { [C_COMPILER]: 'sudo apt-get install gcc' };

/** What must be installed, besides the engine, for a node image with this runtime. */
export function requiredPrograms({ groups }: BuildRuntime): string[] {
  return [...Object.keys(REQUIRED_PROGRAMS), ...(groups.some((group) => group.cgo) ? [C_COMPILER] : [])];
}

/** The engines, of which one is needed. */
const ENGINES: Readonly<Record<string, string>> = {
  podman: 'sudo apt-get install podman crun',
  docker: 'https://docs.docker.com/engine/install/',
};

/** Why a build failed, in the user's terms, where that can be told from what was thrown. */
export function explainBuildFailure(error: unknown, places: readonly string[]): unknown {
  if (isAbort(error)) return error;
  const details = error instanceof KinpodError ? (error.details ?? '') : '';
  if (DISK_FULL.test(`${messageOf(error)}\n${details}`)) {
    return new KinpodError('the disk is full: the node image was not built', {
      code: 'disk-full',
      details: details || messageOf(error),
      hint: `make room at ${places.join(' or ')}, then build again: what is finished is kept`,
      cause: error,
    });
  }
  if (error instanceof CommandError) {
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    const program = error.commandLine.split(' ')[0] ?? '';
    if (code === 'ENOENT' && (program in REQUIRED_PROGRAMS || program in ENGINES))
      return missingProgram(program, error);
    if (isNetworkFailure(error)) {
      return new KinpodError(`a download failed: ${error.message}`, {
        code: 'download-failed',
        details,
        hint: 'look at the network, and at GOPROXY or the Debian mirror; then build again: what is finished is kept',
        cause: error,
      });
    }
  }
  return error;
}

export function missingProgram(program: string, cause?: unknown): KinpodError {
  return new KinpodError(`"${program}" is not installed, and building a node image needs it`, {
    code: 'tool-missing',
    hint: `${REQUIRED_PROGRAMS[program] ?? NEEDED_FOR_C[program] ?? ENGINES[program]}\nkinpod check --fix`,
    cause,
  });
}

/** As Go and apt say it. */
function isNetworkFailure(error: CommandError): boolean {
  return /dial tcp|i\/o timeout|no such host|TLS handshake|Temporary failure resolving|Could not connect to|Connection failed|Failed to fetch/.test(
    error.details ?? '',
  );
}
