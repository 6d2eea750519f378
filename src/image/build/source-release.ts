import { compile, moduleOf } from './compile.ts';
import { pinnedKubernetesVersion, writeKubernetesModule } from './kubernetes-module.ts';
import type { Kubernetes, KubernetesSource, SourceWork } from './kubernetes-source.ts';
import { KUBERNETES_GROUP, tagsFor } from './programs.ts';
import { compiledKey, moduleFiles } from './recipe.ts';

/** A release, compiled from its Go module. @param version `v1.36.3` */
export function releaseSource(version: string): KubernetesSource {
  return {
    cheap: true,
    async identify(work): Promise<Kubernetes> {
      const pinned = (await pinnedKubernetesVersion(work.assets)) === version;
      const tags = tagsFor(version);
      const source = pinned ? await moduleFiles(work.assets, KUBERNETES_GROUP.module) : [version];
      const moduleDir = () =>
        pinned ? work.assets.path('modules', KUBERNETES_GROUP.module) : generated(version, work);
      return {
        version,
        key: compiledKey(KUBERNETES_GROUP, source, work),
        images: 'compiled',
        async make(path) {
          // Before the step: what the proxy lacks is said first.
          const dir = await moduleDir();
          await work.steps.run('compile-kubernetes', 'Compiling Kubernetes', async (detail) => {
            const temporary = await work.workspace.makeTemporary('go-kubernetes');
            await compile(KUBERNETES_GROUP, path, {
              moduleDir: dir,
              tags,
              temporary,
              arch: work.arch,
              signal: work.signal,
              detail,
            });
          });
        },
        madeAt: async () => new Date((await moduleOf(KUBERNETES_GROUP, await moduleDir(), work.signal)).madeAt),
      };
    },
  };
}

/** Wrapper module of a release that no committed one pins. */
function generated(version: string, { assets, workspace, warn, signal }: SourceWork): Promise<string> {
  return workspace.cached('modules', `kubernetes-${version}`, (path) =>
    writeKubernetesModule(version, assets, path, { warn, signal }),
  );
}
