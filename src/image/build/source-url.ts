import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CHECKSUM_SUFFIXES, type Checksum, checksumInFile, digestFile, verifyDigest } from './checksum.ts';
import { download, downloadText } from './download.ts';
import type { KubernetesSource, SourceWork } from './kubernetes-source.ts';
import { kubernetesOf } from './source-tarball.ts';
import { keyOf } from './workspace.ts';

/** A server release by its address. @param checksum default: what lies beside it as `.sha512` or `.sha256` */
export function urlSource(url: string, checksum: Checksum | undefined): KubernetesSource {
  return { cheap: false, identify: (work) => identify(url, checksum, work) };
}

/** A build of Kubernetes' own CI, by its marker: `ci/latest`, `ci/latest-1.36`. @param server has the markers and the builds */
export function ciSource(marker: string, checksum: Checksum | undefined, server: string): KubernetesSource {
  return {
    cheap: false,
    async identify(work) {
      const address = `${server}/ci/${marker.replace(/^ci\//, '').replace(/\.txt$/, '')}.txt`;
      const version = (await downloadText(address, work.signal))?.trim();
      if (version === undefined || !/^v[\w.+-]+$/.test(version)) {
        throw new KinpodError(`error resolving CI version from ${address}`, {
          code: 'unknown-version',
          details:
            version === undefined ? 'there is no such marker' : `the answer is no version: ${version.slice(0, 80)}`,
        });
      }
      return identify(`${server}/ci/${version}/kubernetes-server-linux-${work.arch}.tar.gz`, checksum, work);
    },
  };
}

async function identify(url: string, given: Checksum | undefined, work: SourceWork) {
  const file = work.workspace.path('downloads', keyOf(url).slice(0, 32));
  const expected = given ?? (await checksumBeside(url, work.signal));
  const here = await digestsOf(file, work.signal);
  // Without a checksum nobody can tell whether the file of an earlier download is still what the server has.
  const known = expected !== undefined && here?.[expected.algorithm] === expected.hex ? here : undefined;
  const digests = known ?? (await fetchFile(url, file, expected, work));
  if (expected === undefined) {
    work.warn(`${url} has no checksum beside it and was not verified; to pin it: --checksum sha512:${digests.sha512}`);
  } else {
    verifyDigest(url, digests, expected, given ? '--checksum' : 'the file beside it');
  }
  return kubernetesOf(file, digests.sha512, work);
}

/** What is there when a download breaks off is kept, and the next one goes on from it. */
async function fetchFile(url: string, file: string, expected: Checksum | undefined, work: SourceWork) {
  const { steps, signal } = work;
  const part = `${file}.part`;
  return steps.run('download-release', `Downloading ${basename(new URL(url).pathname)}`, async (detail) => {
    const onSize = (bytes: number) => detail(`${(bytes / 1e6).toFixed(0)} MB`);
    const wrong = (digests: Digests) => expected !== undefined && digests[expected.algorithm] !== expected.hex;
    const { resumed } = await download(url, part, { signal, onSize });
    let digests = await digestFile(part, signal);
    if (resumed && wrong(digests)) {
      // It began with a part of what the server had before.
      await rm(part);
      await download(url, part, { signal, onSize });
      digests = await digestFile(part, signal);
    }
    if (wrong(digests)) await rm(part);
    else await rename(part, file);
    return digests;
  });
}

type Digests = Awaited<ReturnType<typeof digestFile>>;

async function digestsOf(file: string, signal: AbortSignal | undefined): Promise<Digests | undefined> {
  return digestFile(file, signal).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
}

async function checksumBeside(url: string, signal: AbortSignal | undefined): Promise<Checksum | undefined> {
  for (const suffix of CHECKSUM_SUFFIXES) {
    const address = new URL(url);
    address.pathname += suffix;
    const text = await downloadText(address.href, signal);
    const checksum = text === undefined ? undefined : checksumInFile(text);
    if (checksum) return checksum;
  }
  return undefined;
}
