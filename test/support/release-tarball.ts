import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { BuildAssets } from '../../src/image/build/assets.ts';
import { goVersion } from '../../src/image/build/compile.ts';
import { containerImages } from '../../src/image/build/container-images.ts';
import { extractFiles } from '../../src/image/build/debian.ts';
import { writeImages } from '../../src/image/build/image-store.ts';
import { ARCHIVED_IMAGES, NODE_PROGRAMS } from '../../src/image/build/kubernetes-source.ts';
import { BUILD_RUNTIMES } from '../../src/image/build/node-runtime.ts';
import { goArch } from '../../src/image/build/oci-layout.ts';
import { makeRecipe } from '../../src/image/build/recipe.ts';
import { buildCacheDir } from '../../src/image/build/requirements.ts';
import { releaseSource } from '../../src/image/build/source-release.ts';
import { TimedSteps } from '../../src/image/build/timings.ts';
import { Workspace } from '../../src/image/build/workspace.ts';
import { silent } from '../../src/progress/progress.ts';
import { root } from './cli.ts';

/**
 * Make a release for servers as kubernetes/kubernetes packs it (build/lib/release.sh), from the programs that an earlier build
 * of the node image has left in the cache: nothing is compiled.
 * @param dir where to work; the result is `kubernetes-server-linux-<arch>.tar.gz` in it
 */
export async function makeReleaseTarball(version: string, dir: string): Promise<string> {
  const { program, tree } = await builtParts(version);
  const files = join(dir, 'files');
  await mkdir(files, { recursive: true });
  await extractFiles(tree('static'), ['/bin/busybox'], files);
  const busybox = join(files, 'bin', 'busybox');
  const images = containerImages({
    kubeadmImages: [...ARCHIVED_IMAGES, 'etcd', 'coredns', 'pause'].map((name) => `registry.k8s.io/${name}:${version}`),
    program,
    busybox,
    applets: (await run(busybox, ['--list'])).stdout.split('\n'),
    catatonit: '',
    kubeProxyFiles: tree('kube-proxy'),
    iptablesWrapper: join(root, 'images', 'node', 'kube-proxy', 'iptables-wrapper.sh'),
    caCertificates: '/etc/ssl/certs/ca-certificates.crt',
    localPathProvisionerVersion: '',
    agnhostVersion: '',
  });

  const bin = join(dir, 'kubernetes', 'server', 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of NODE_PROGRAMS) await run('cp', [program(name), bin]);
  for (const name of ARCHIVED_IMAGES) {
    const image = images.find((one) => one.name.includes(`/${name}:`));
    if (image === undefined) throw new Error(`no image for ${name}`);
    const work = join(dir, name);
    await writeImages([image], work, new Date(0), undefined, () => {});
    await writeDockerManifest(join(work, 'layout'), `registry.k8s.io/${name}-${goArch()}:${version}`);
    await run('tar', ['--create', '--file', join(bin, `${name}.tar`), '--directory', join(work, 'layout'), '.']);
    await rm(work, { recursive: true });
  }
  await writeFile(join(dir, 'kubernetes', 'version'), `${version}\n`);
  await writeFile(join(dir, 'kubernetes', 'LICENSES'), '');
  const tarball = join(dir, `kubernetes-server-linux-${goArch()}.tar.gz`);
  await run('tar', ['--create', '--use-compress-program=gzip -1', '--file', tarball, '--directory', dir, 'kubernetes']);
  await rm(join(dir, 'kubernetes'), { recursive: true });
  return tarball;
}

/** Paths of what an earlier build has left: of programs, and of the tars of Debian packages. */
export async function builtParts(version: string) {
  const assets = new BuildAssets(root);
  const cache = buildCacheDir();
  const work = {
    assets,
    workspace: new Workspace(cache),
    steps: await TimedSteps.open(silent, cache),
    go: await goVersion(assets.path('modules', 'kubernetes')),
    arch: goArch(),
    warn() {},
  };
  const kubernetes = await releaseSource(version).identify(work);
  const recipe = await makeRecipe(
    { ...work, kubernetes, runtime: BUILD_RUNTIMES.containerd, imageStore: 'unpacked' },
    assets,
  );
  return {
    program: (name: string) => join(cache, 'programs', kubernetes.key, 'bin', name),
    tree: (name: string) => join(cache, 'debian', recipe.debian[name] ?? ''),
  };
}

/** Makes an image layout an archive of `docker save` too, which is what newer Dockers write. */
async function writeDockerManifest(layout: string, tag: string): Promise<void> {
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const json = async (path: string) => JSON.parse(await readFile(join(layout, path), 'utf8'));
  const manifest = await json(blob((await json('index.json')).manifests[0].digest));
  const entry = {
    Config: blob(manifest.config.digest),
    RepoTags: [tag],
    Layers: manifest.layers.map((layer: { digest: string }) => blob(layer.digest)),
  };
  await writeFile(join(layout, 'manifest.json'), JSON.stringify([entry]));
}
