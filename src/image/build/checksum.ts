import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { KinpodError } from '../../errors/kinpod-error.ts';

/** Algorithms by the length of what they give in hex: what Kubernetes publishes beside its releases. */
const ALGORITHMS = { 128: 'sha512', 64: 'sha256' } as const;
export type Algorithm = (typeof ALGORITHMS)[keyof typeof ALGORITHMS];

export interface Checksum {
  algorithm: Algorithm;
  /** Lower case. */
  hex: string;
}

/** Files beside a release that hold its checksum, by what their names end in. The stronger one first. */
export const CHECKSUM_SUFFIXES: readonly `.${Algorithm}`[] = ['.sha512', '.sha256'];

/** `sha256:HEX`, `sha512:HEX`, or the digits alone. @throws {KinpodError} `usage` */
export function parseChecksum(text: string): Checksum {
  const [, named, hex = ''] = /^(?:(sha256|sha512):)?([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  const algorithm = ALGORITHMS[hex.length as keyof typeof ALGORITHMS];
  if (algorithm === undefined || (named !== undefined && named.toLowerCase() !== algorithm)) {
    throw new KinpodError(`"${text}" is not a checksum`, {
      code: 'usage',
      hint: 'write it as sha512:HEX or sha256:HEX',
    });
  }
  return { algorithm, hex: hex.toLowerCase() };
}

/** From a file as sha512sum writes it (`HEX  NAME`) or as dl.k8s.io has it (`HEX`). Undefined: there is none in it. */
export function checksumInFile(text: string): Checksum | undefined {
  const [first = ''] = text.trim().split(/\s+/);
  return /^([0-9a-f]{64}|[0-9a-f]{128})$/i.test(first) ? parseChecksum(first) : undefined;
}

/** Digests of a file, by one pass over it. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<Record<Algorithm, string>> {
  const hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') };
  await pipeline(
    createReadStream(path, { highWaterMark: 1024 * 1024 }),
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) for (const hash of Object.values(hashes)) hash.update(chunk);
    },
    { signal },
  );
  return { sha256: hashes.sha256.digest('hex'), sha512: hashes.sha512.digest('hex') };
}

/**
 * @param said where the expected checksum was found, for the message
 * @throws {KinpodError} `checksum-mismatch`
 */
export function verifyDigest(
  what: string,
  found: Readonly<Record<Algorithm, string>>,
  expected: Checksum,
  said: string,
): void {
  const { algorithm, hex } = expected;
  if (found[algorithm] === hex) return;
  throw new KinpodError(`${what} is not what its checksum says`, {
    code: 'checksum-mismatch',
    details: `${algorithm} expected (${said}): ${hex}\n${algorithm} found: ${found[algorithm]}`,
    hint: 'do not use it: it is damaged, or not the file that was meant',
  });
}
