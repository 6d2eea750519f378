import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from '../../exec/run.ts';
import { disabledUnits, enabledUnits, hideImagesOfBase, makeBaseTree } from './base-image.ts';
import type { CLibrary } from './c-library.ts';
import { compile, moduleOf } from './compile.ts';
import { containerImages, type ImageMaterial } from './container-images.ts';
import { writeCrioModule } from './cri-o-module.ts';
import { type DebianTree, debianTrees, extractFiles, makeDebianTree } from './debian.ts';
import type { BuildEngine } from './engine.ts';
import { makeImageStore, writeImages } from './image-store.ts';
import type { SourceWork } from './kubernetes-source.ts';
import { describeLayer, type Layer, writeLayer } from './layer.ts';
import { nodeFileEntries, nodeImageConfig, programEntries } from './node-layers.ts';
import { writeOciLayout } from './oci-layout.ts';
import { AGNHOST_VERSION_FILE, KUBERNETES_GROUP, PROGRAM_GROUPS, type ProgramGroup } from './programs.ts';
import { programParts, type Recipe } from './recipe.ts';

/** What every stage of a build works with. */
export interface Build extends SourceWork {
  recipe: Recipe;
  engine: BuildEngine;
}

/** What the first stages have made, or found in the cache. */
export interface Parts {
  /** Path of a Debian tree's tar. */
  debian: Readonly<Record<DebianTree['name'], string>>;
  /** Directory of a part's programs by its name. */
  programs: Readonly<Record<string, string>>;
  /** Path of a program. */
  program(name: string): string;
  /** Directory with unpacked archives of the control plane's images, where they do not have to be made. */
  archives: string | undefined;
  /** When the release of Kubernetes was made: the time of every file that kinpod writes into images. */
  madeAt: Date;
}

export async function makeParts(build: Build): Promise<Parts> {
  const debian: Record<string, string> = {};
  const { kubernetes, runtime } = build.recipe;
  for (const tree of debianTrees(runtime)) debian[tree.name] = await debianTree(build, tree);
  const programs: Record<string, string> = {};
  const paths = new Map<string, string>();
  for (const part of programParts(kubernetes, runtime)) {
    const dir = await build.workspace.cached('programs', build.recipe.programs[part.name] ?? '', (path) =>
      part.group ? compileGroup(build, part.group, part.name, debian['c-library'], path) : kubernetes.make(path, build),
    );
    programs[part.name] = dir;
    for (const name of await readdir(join(dir, 'bin'))) paths.set(name, join(dir, 'bin', name));
  }
  const program = (name: string) => {
    const path = paths.get(name);
    if (path === undefined) throw new Error(`no group of programs has ${name}`);
    return path;
  };
  const own = programs[KUBERNETES_GROUP.module] ?? '';
  return {
    debian: debian as Parts['debian'],
    programs,
    program,
    archives: kubernetes.images === 'archives' ? join(own, 'images') : undefined,
    madeAt: await kubernetes.madeAt(own, build),
  };
}

function debianTree(build: Build, tree: DebianTree): Promise<string> {
  const { recipe, assets, workspace, engine, steps, signal } = build;
  return workspace.cached('debian', recipe.debian[tree.name] ?? '', (path) => {
    if (tree.name === 'node' && recipe.base) {
      const { base } = recipe;
      return steps.run('base-image', `Taking over ${base.reference}`, () =>
        makeBaseTree(engine, base, path, recipe.runtime, signal),
      );
    }
    return steps.run(`debian-${tree.name}`, tree.title, async (detail) => {
      const temporary = await workspace.makeTemporary(`debian-${tree.name}`);
      await makeDebianTree(tree, assets, path, { runtime: recipe.runtime, temporary, signal, detail });
    });
  });
}

/**
 * Compile what a committed wrapper module pins, or another version of it that was asked for.
 * @param libraries tar of the Debian tree that programs with C in them are linked with
 */
function compileGroup(
  build: Build,
  group: ProgramGroup,
  name: string,
  libraries: string | undefined,
  path: string,
): Promise<void> {
  const { workspace, assets, steps, arch, signal } = build;
  return steps.run(`compile-${name}`, `Compiling ${group.title}`, async (detail) => {
    const moduleDir = await moduleDirOf(build, group);
    const temporary = await workspace.makeTemporary(`go-${name}`);
    let cLibrary: CLibrary | undefined;
    if (group.cgo && libraries !== undefined) {
      cLibrary = { dir: await workspace.makeTemporary('c-library'), pkgConfig: assets.path('build', 'pkg-config.sh') };
      await run('tar', ['--extract', '--file', libraries, '--directory', cLibrary.dir, '--exclude=./dev'], { signal });
    }
    await compile(group, path, { moduleDir, cLibrary, arch, temporary, signal, detail });
  });
}

async function moduleDirOf({ recipe, assets, workspace, signal }: Build, group: ProgramGroup): Promise<string> {
  if (group.own) return assets.path('programs');
  const { release } = recipe.runtime;
  if (group.module !== release?.module) return assets.path('modules', group.module);
  return workspace.cached('modules', `${release.module}-${release.version}`, (path) =>
    writeCrioModule(release.version, assets, path, signal),
  );
}

/** Layers of the node image by what is in them. */
export interface NodeLayers {
  debian: Layer;
  programs: Layer;
  files: Layer;
}

export async function makeNodeLayers(build: Build, parts: Parts, images: ImageMaterial): Promise<NodeLayers> {
  const { recipe, assets, workspace, signal } = build;
  const dir = await workspace.makeTemporary('layers');
  const licenses = Object.values(parts.programs).map((group) => join(group, 'licenses'));
  const named = (name: string) => containerImages(images).find((image) => image.name.includes(`/${name}:`))?.name ?? '';
  const { runtime } = recipe;
  const facts = {
    kubernetesVersion: recipe.kubernetesVersion,
    pauseImage: named('pause'),
    provisionerImage: named('local-path-provisioner'),
    ociSpec: runtime.baseSpec && (await run(parts.program('ctr'), ['oci', 'spec'], { signal })).stdout,
  };
  const files = await nodeFileEntries(assets, facts, runtime);
  return {
    debian: await describeLayer(parts.debian.node, signal),
    programs: await writeLayer(
      join(dir, 'programs.tar'),
      [...(recipe.base ? hideImagesOfBase() : []), ...(await programEntries(parts.program, licenses, runtime))],
      parts.madeAt,
      signal,
    ),
    files: await writeLayer(
      join(dir, 'files.tar'),
      [...files, ...enabledUnits(runtime), ...(recipe.base ? disabledUnits(runtime) : [])],
      parts.madeAt,
      signal,
    ),
  };
}

/** Gather what the container images are made of. */
export async function imageMaterial(build: Build, parts: Parts): Promise<ImageMaterial> {
  const { recipe, assets, workspace, signal } = build;
  const dir = await workspace.makeTemporary('files');
  await extractFiles(parts.debian.static, ['/bin/busybox', '/usr/bin/catatonit'], dir);
  await extractFiles(parts.debian.node, ['/etc/ssl/certs/ca-certificates.crt'], dir);
  const busybox = join(dir, 'bin', 'busybox');
  const kubeadm = await run(
    parts.program('kubeadm'),
    ['config', 'images', 'list', '--kubernetes-version', recipe.kubernetesVersion],
    { signal },
  );
  const provisioner = PROGRAM_GROUPS.find((group) => group.module === 'local-path-provisioner') as ProgramGroup;
  const agnhostVersion = await readFile(
    join(dirname(parts.program('agnhost')), '..', basename(AGNHOST_VERSION_FILE)),
    'utf8',
  );
  return {
    kubeadmImages: kubeadm.stdout.split('\n').filter((line) => line.includes('/')),
    program: parts.program,
    archives: parts.archives,
    busybox,
    applets: (await run(busybox, ['--list'], { signal })).stdout.split('\n'),
    catatonit: join(dir, 'usr', 'bin', 'catatonit'),
    kubeProxyFiles: parts.debian['kube-proxy'],
    iptablesWrapper: assets.path('kube-proxy', 'iptables-wrapper.sh'),
    caCertificates: join(dir, 'etc', 'ssl', 'certs', 'ca-certificates.crt'),
    localPathProvisionerVersion: (await moduleOf(provisioner, assets.path('modules', provisioner.module), signal))
      .version,
    agnhostVersion: agnhostVersion.trim(),
  };
}

/** The layer with the runtime's state, in which all images are. */
export async function makeStoreLayer(
  build: Build,
  parts: Parts,
  material: ImageMaterial,
  layers: NodeLayers,
): Promise<Layer> {
  const { recipe, assets, workspace, engine, steps, signal } = build;
  const path = await workspace.cached('stores', recipe.store, async (unfinished) => {
    const dir = await workspace.makeTemporary('images');
    await steps.run('container-images', 'Writing container images', (detail) =>
      writeImages(containerImages(material), dir, parts.madeAt, signal, detail),
    );
    const image = await steps.run('node-base', 'Preparing a container', async () => {
      const layout = await workspace.makeTemporary('base');
      const { debian, programs, files } = layers;
      const config = { Labels: engine.label };
      await writeOciLayout(layout, [{ config, layers: [debian, programs, files] }], parts.madeAt);
      return engine.load(layout, signal);
    });
    const title = recipe.imageStore === 'unpacked' ? 'Unpacking images' : 'Storing images';
    await steps.run('image-store', title, async (detail) => {
      const into = join(dir, 'store');
      await mkdir(into);
      const layout = join(dir, 'layout');
      const { imageStore } = recipe;
      const runtime = recipe.runtime.name;
      const options = { engine, assets, runtime, image, imageStore, layout, into, signal, onLine: detail };
      const made = await makeImageStore(options);
      await rename(made, unfinished);
    });
  });
  return describeLayer(path, signal);
}

/** Give the finished image to the engine under its name. @returns its ID */
export async function makeNodeImage(
  build: Build,
  parts: Parts,
  { debian, programs, files }: NodeLayers,
  store: Layer,
  name: string,
): Promise<string> {
  const { recipe, workspace, engine, steps, signal } = build;
  return steps.run('node-image', `Making ${name}`, async () => {
    const layout = await workspace.makeTemporary('node');
    // What changes most often comes last: engines keep the layers below.
    const layers = [debian, programs, store, files];
    await writeOciLayout(layout, [{ config: nodeImageConfig(recipe), layers }], parts.madeAt);
    const id = await engine.load(layout, signal);
    await engine.tag(id, name);
    return id;
  });
}
