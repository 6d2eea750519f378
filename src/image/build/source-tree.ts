import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { KubernetesVersion } from '../../kube/version.ts';
import { type Checkout, hasStaging, readCheckout } from './checkout.ts';
import { digestFile } from './checksum.ts';
import { compile } from './compile.ts';
import { writeKubernetesModule } from './kubernetes-module.ts';
import type { Kubernetes, KubernetesSource, SourceWork } from './kubernetes-source.ts';
import { AGNHOST_VERSION_FILE, KUBERNETES_GROUP, tagsFor } from './programs.ts';
import { keyOf } from './workspace.ts';

/**
 * A checkout of Kubernetes. It is compiled at every build: Go knows best what has changed in it, and where nothing has, the
 * programs are the same and so is all that is made of them.
 * @param dir undefined: the current directory, or where GOPATH has Kubernetes
 * @param version what to call it, where neither git nor the directory tells
 */
export function treeSource(dir: string | undefined, version: string | undefined): KubernetesSource {
  return {
    cheap: false,
    async identify(work): Promise<Kubernetes> {
      const checkout = await readCheckout(dir, version, work.signal);
      const built = await compileTree(checkout, work);
      return {
        version: new KubernetesVersion(checkout.version).text,
        key: keyOf('tree', work.arch, await digestsOf(built, work.signal)),
        images: 'compiled',
        make: (path) => rename(built, path),
        madeAt: async () => new Date(checkout.madeAt),
      };
    },
  };
}

/** @returns directory with the programs */
async function compileTree(checkout: Checkout, work: SourceWork): Promise<string> {
  const { workspace, steps, assets, arch, warn, signal } = work;
  const temporary = await workspace.makeTemporary('go-tree');
  const into = join(await workspace.makeTemporary('tree'), 'built');
  const whole = hasStaging(checkout.dir);
  const moduleDir = whole ? checkout.dir : await workspace.makeTemporary('tree-module');
  // A tree that comes without its staging modules (a Go module does) gets the published ones of the same release.
  if (!whole) {
    const release = checkout.version.replace(/\+.*/, '');
    await writeKubernetesModule(release, assets, moduleDir, { tree: checkout.dir, warn, signal });
  }
  await steps.run('compile-tree', `Compiling Kubernetes ${checkout.version} from ${checkout.dir}`, async (detail) => {
    const tags = tagsFor(checkout.version);
    const options = { moduleDir, ...(whole && { checkout }), tags, arch, temporary, signal, detail };
    await compile(KUBERNETES_GROUP, into, options);
  });
  return into;
}

async function digestsOf(built: string, signal: AbortSignal | undefined): Promise<string[]> {
  const files = [
    ...KUBERNETES_GROUP.programs.map(({ name }) => join('bin', name)),
    AGNHOST_VERSION_FILE.split('/').at(-1) ?? '',
  ];
  return Promise.all(files.map(async (file) => (await digestFile(join(built, file), signal)).sha256));
}
