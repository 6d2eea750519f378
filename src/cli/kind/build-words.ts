import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { valid } from 'semver';
import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { commandLine } from '../../exec/command-line.ts';
import { CommandError, run } from '../../exec/run.ts';

/** The image that kind builds where it is told no name. */
export const KIND_IMAGE = 'kindest/node:latest';

/** What kind would make of a build's arguments (pkg/build/nodeimage/build.go). */
export interface KindBuild {
  /** What it says before it begins. */
  lines: readonly string[];
  type: string;
  /** Undefined: the source directory that it finds. */
  source: string | undefined;
  /** It does not begin at all. */
  failure?: KinpodError;
}

const ARCHITECTURES = ['amd64', 'arm64'];

/** @param type any text: one that kind does not know is a source directory */
export function kindBuild(source: string, type: string, arch: string): KindBuild {
  const lines = arch === '' || ARCHITECTURES.includes(arch) ? [] : [`unsupported architecture ${goQuote(arch)}`];
  const detected = type === '' ? detect(source) : '';
  if (detected !== '') lines.push(`Detected build type: ${goQuote(detected)}`);
  const wanted = type || detected;
  const as = (then: string): KindBuild => ({ lines: [...lines, START, then].filter(Boolean), type: wanted, source });
  if (wanted === 'url') {
    lines.push(`Building using URL: ${goQuote(source)}`);
    return as(`Downloading ${goQuote(source)}`);
  }
  if (wanted === 'file') {
    lines.push(`Building using local file: ${goQuote(source)}`);
    if (look(source)?.isFile()) return as(`Extracting ${goQuote(source)}`);
  }
  if (wanted === 'release') {
    lines.push(`Building using release ${goQuote(source)} artifacts`);
    if (valid(source)) return as('');
    if (!look(source)) {
      const text = `${source} is not a valid kubernetes version`;
      const failure = new KinpodError(text, { code: 'bad-version' });
      return { lines: [...lines, text], type: wanted, source, failure };
    }
  }
  if (wanted === 'ci') {
    const marker = `ci/${(source || 'latest').replace(/^ci\//, '').replace(/\.txt$/, '')}.txt`;
    const fetching = `Fetching ${goQuote(`https://dl.k8s.io/${marker}`)}`;
    return { lines: [...lines, `Building using CI ${goQuote(source)} artifacts`, fetching], type: 'ci', source };
  }
  if (source === '') return { lines, type: 'source', source: undefined };
  return { lines: [...lines, `Building using source: ${goQuote(source)}`, START], type: 'source', source };
}

const START = 'Starting to build Kubernetes';

function detect(source: string): string {
  if (/^https?:\/\//i.test(source)) return 'url';
  const found = look(source);
  if (found?.isFile()) return 'file';
  if (found?.isDirectory()) return 'source';
  if (source.startsWith('ci/')) return 'ci';
  return valid(source) ? 'release' : '';
}

function look(path: string) {
  return path === '' ? undefined : statSync(path, { throwIfNoEntry: false });
}

/** Failures of the part of a build that kind calls building Kubernetes. */
const OF_KUBERNETES = new Set([
  ...['download-failed', 'unknown-source', 'not-a-release', 'checksum-mismatch', 'not-a-checkout'],
  ...['unknown-version', 'bad-version'],
]);

/**
 * A build's failure with what kind says of it; undefined where kind has no such failure.
 * @returns also what it says on the way there
 */
export async function kindBuildFailure(
  error: KinpodError,
  { type, source }: KindBuild,
): Promise<{ error: KinpodError; line?: string } | undefined> {
  if (!OF_KUBERNETES.has(error.code) || source === undefined) return undefined;
  const { code, details = '' } = error;
  if (type === 'ci') {
    const address = /https?:\/\/\S+\.txt/.exec(error.message)?.[0] ?? source;
    return { error: said(error, `error resolving CI version from ${address}: ${fetchProblem(address, details)}`) };
  }
  let reason = error.message;
  let cause: unknown = error.cause;
  if (type === 'url' && (code === 'download-failed' || code === 'unknown-source')) {
    const status = /returned error: (\d{3})/.exec(details)?.[1];
    const problem = status
      ? `error response from ${goQuote(source)}: HTTP ${status}`
      : `error doing HTTP fetch of ${goQuote(source)}: ${fetchProblem(source, details)}`;
    reason = `error downloading file: ${problem}`;
  } else if (type === 'file' && code === 'not-a-release') {
    const problem = gzipProblem(source);
    if (problem) reason = `error extracting tar file: ${problem}`;
  } else if (type === 'source') {
    const failed = await askForVersion(source);
    reason = failed?.kindMessage ?? reason;
    cause = failed ?? cause;
  }
  const failure = said(error, `failed to build kubernetes: ${reason}`, cause);
  return { error: failure, line: `Failed to build Kubernetes: ${reason}` };
}

function said(error: KinpodError, kindMessage: string, cause: unknown = error.cause): KinpodError {
  return new KinpodError(error.message, { ...error, cause, kindMessage });
}

/** What Go's net/http says where curl failed. */
function fetchProblem(address: string, curl: string): string {
  const get = `Get ${goQuote(address)}`;
  const [, scheme = ''] = /^([A-Za-z][\w+.-]*):/.exec(address) ?? [];
  if (!/^https?$/i.test(scheme)) return `${get}: unsupported protocol scheme "${scheme.toLowerCase()}"`;
  const { hostname, port, protocol } = new URL(address);
  const to = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  if (curl.includes('curl: (6)')) return `${get}: dial tcp: lookup ${hostname}: no such host`;
  if (curl.includes('curl: (7)')) return `${get}: dial tcp ${to}: connect: connection refused`;
  return `${get}: ${curl.replace(/^curl: \(\d+\) /, '')}`;
}

/** What Go's compress/gzip says of a file that does not begin as gzip does. */
function gzipProblem(path: string): string | undefined {
  const header = Buffer.alloc(10);
  const file = openSync(path, 'r');
  const length = readSync(file, header);
  closeSync(file);
  if (length === 0) return 'EOF';
  if (length < header.length) return 'unexpected EOF';
  // Magic number and method deflate (RFC 1952).
  return header.readUIntBE(0, 3) === 0x1f8b08 ? undefined : 'gzip: invalid header';
}

/** kind asks a source directory for its version by a script of that; where it is none, the shell says so. */
async function askForVersion(dir: string): Promise<CommandError | undefined> {
  const ask = 'hack/print-workspace-status.sh';
  const { exitCode, stderr } = await run('sh', ['-c', `cd "$1" && ${ask}`, 'sh', dir], { allowFailure: true });
  if (exitCode === 0) return undefined;
  const quoted = commandLine(dir, []);
  return new CommandError(commandLine('sh', ['-c', `cd ${quoted} && ${ask}`]), exitCode, stderr, stderr, undefined);
}
