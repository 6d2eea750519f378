import { lstat, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { KubernetesVersion } from '../../kube/version.ts';
import { CHECKSUM_SUFFIXES, type Checksum, checksumInFile, digestFile, verifyDigest } from './checksum.ts';
import {
  ARCHIVED_IMAGES,
  type Kubernetes,
  type KubernetesSource,
  NODE_PROGRAMS,
  type SourceWork,
} from './kubernetes-source.ts';
import { copyTreeLicenses } from './licenses.ts';
import { runGroup } from './run-group.ts';
import { keyOf } from './workspace.ts';

/** What a release has and a node image does not need: a gigabyte, mostly programs that are in the archives too. */
const UNNEEDED = [
  ...ARCHIVED_IMAGES,
  'apiextensions-apiserver',
  'kube-aggregator',
  'kube-log-runner',
  'kubectl-convert',
  'mounter',
].map((name) => `kubernetes/server/bin/${name}`);

/** Where an unpacked release has its version. */
const VERSION_FILE = 'version';

/** A release as kubernetes/kubernetes packs it for servers (`kubernetes-server-linux-<arch>.tar.gz`), in a file. */
export function tarballSource(file: string, checksum: Checksum | undefined): KubernetesSource {
  return {
    cheap: true,
    async identify(work) {
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) throw new KinpodError(`"${file}" is not a file`, { code: 'unknown-source' });
      const digests = await digestFile(file, work.signal);
      const expected = checksum ?? (await checksumBeside(file));
      if (expected) verifyDigest(file, digests, expected, checksum ? '--checksum' : 'the file beside it');
      return kubernetesOf(file, digests.sha512, work);
    },
  };
}

/** What is known of a tarball that has been verified. @param sha512 of the file, in hex */
export async function kubernetesOf(file: string, sha512: string, work: SourceWork): Promise<Kubernetes> {
  const key = keyOf('tarball', sha512, work.arch);
  // Of one that was unpacked before; looking into the tarball may mean unpacking all of it.
  const known = await readFile(join(work.workspace.path('programs', key), VERSION_FILE), 'utf8').catch(() => undefined);
  const version = known ?? (await versionOf(file, work.signal));
  return {
    version,
    key,
    images: 'archives',
    make: (path) =>
      work.steps.run('unpack-release', 'Unpacking Kubernetes', async () => {
        await unpack(file, path, work);
        await writeFile(join(path, VERSION_FILE), version);
      }),
    // The tar's own time of the file, which the unpacking keeps.
    madeAt: async (path) => (await stat(join(path, 'bin', 'kubeadm'))).mtime,
  };
}

async function checksumBeside(file: string): Promise<Checksum | undefined> {
  for (const suffix of CHECKSUM_SUFFIXES) {
    const text = await readFile(file + suffix, 'utf8').catch(() => undefined);
    const checksum = text === undefined ? undefined : checksumInFile(text);
    if (checksum) return checksum;
  }
  return undefined;
}

/**
 * From `kubernetes/version`, which stands near the beginning; before 1.31 there is none, and the images' tag is a release's
 * version too.
 */
async function versionOf(file: string, signal: AbortSignal | undefined): Promise<string> {
  for (const member of ['kubernetes/version', 'kubernetes/server/bin/kube-apiserver.docker_tag']) {
    // --occurrence: not read on to the end.
    const { exitCode, stdout } = await runGroup(
      'tar',
      ['--extract', '--to-stdout', '--occurrence=1', '--file', file, member],
      { signal, allowFailure: true },
    );
    if (exitCode === 0) return new KubernetesVersion(stdout.trim()).text;
  }
  throw notARelease(file, 'it names no version');
}

async function unpack(file: string, path: string, { workspace, signal }: SourceWork): Promise<void> {
  const tree = await workspace.makeTemporary('release');
  const tar = (archive: string, into: string, ...more: string[]) =>
    runGroup('tar', ['--extract', '--no-same-owner', '--file', archive, '--directory', into, ...more], { signal });
  await tar(file, tree, ...UNNEEDED.map((name) => `--exclude=${name}`));

  const bin = join(tree, 'kubernetes', 'server', 'bin');
  const wanted = [...NODE_PROGRAMS, ...ARCHIVED_IMAGES.map((name) => `${name}.tar`)];
  for (const name of wanted) {
    const found = await lstat(join(bin, name)).catch(() => undefined);
    if (!found?.isFile()) throw notARelease(file, `kubernetes/server/bin/${name} is missing`);
  }
  await mkdir(join(path, 'bin'), { recursive: true });
  for (const name of NODE_PROGRAMS) await rename(join(bin, name), join(path, 'bin', name));
  for (const name of ARCHIVED_IMAGES) {
    const into = join(path, 'images', name);
    await mkdir(into, { recursive: true });
    await tar(join(bin, `${name}.tar`), into);
  }
  await copyTreeLicenses(join(tree, 'kubernetes'), join(path, 'licenses', 'k8s.io', 'kubernetes'));
}

function notARelease(file: string, why: string): KinpodError {
  return new KinpodError(`"${file}" is not a Kubernetes release for servers: ${why}`, {
    code: 'not-a-release',
    hint: 'it is called kubernetes-server-linux-<arch>.tar.gz: https://kubernetes.io/releases/download/',
  });
}
