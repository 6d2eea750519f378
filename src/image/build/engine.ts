import { basename, dirname } from 'node:path';
import { cheapFacts, realHost } from '../../check/index.ts';
import { run } from '../../exec/run.ts';
import { askAllowances, type EngineFacts } from '../../provider/container/engine.ts';
import { archiveOfLayout } from './layout-archive.ts';
import { CREATED_BY } from './oci-layout.ts';

/** Label of containers, volumes and images that a build makes on its way; the value tells builds of other caches apart. */
const BUILD_LABEL = 'dev.kinpod.build';

export interface BuildRun {
  image: string;
  /** Host path by path in the container; the container may write to them. */
  binds: Readonly<Record<string, string>>;
  /** Where the container gets an empty volume: a file system that can hold the upper layer of an overlay. */
  volume: string;
  argv: readonly string[];
  signal?: AbortSignal | undefined;
  onLine?: ((line: string) => void) | undefined;
}

/** What a build needs of an engine. */
export class BuildEngine {
  readonly #facts: EngineFacts;
  readonly #command: string;
  readonly #label: string;

  /** @param owner what tells this user's builds from others in the same engine */
  constructor(facts: EngineFacts, owner: string) {
    this.#facts = facts;
    this.#command = facts.command;
    this.#label = `${BUILD_LABEL}=${owner}`;
  }

  /** Label to be put on images that are only a step of a build. */
  get label(): Readonly<Record<string, string>> {
    const [name = '', value = ''] = this.#label.split('=');
    return { [name]: value };
  }

  async findId(reference: string): Promise<string | undefined> {
    const { stdout, exitCode } = await run(this.#command, ['image', 'inspect', '--format', '{{.Id}}', reference], {
      allowFailure: true,
    });
    return exitCode === 0 ? stdout : undefined;
  }

  /**
   * ID of the image with this label, whatever its name, if kinpod has made every layer of it: an image that somebody has
   * made from it has the label too.
   */
  async findBuilt(label: string, value: string): Promise<string | undefined> {
    const filter = `label=${label}=${value}`;
    const { stdout } = await run(this.#command, ['images', '--quiet', '--no-trunc', '--filter', filter]);
    for (const id of new Set(stdout.split('\n').filter(Boolean))) {
      // It may have been removed meanwhile.
      const history = await run(this.#command, ['history', '--no-trunc', '--format', '{{.CreatedBy}}', id], {
        allowFailure: true,
      });
      const steps = history.stdout.split('\n');
      if (history.exitCode === 0 && steps.every((step) => step === CREATED_BY)) return id.replace('sha256:', '');
    }
    return undefined;
  }

  /** @returns the ID of what a registry has under this name */
  async pull(reference: string, signal?: AbortSignal): Promise<string> {
    await run(this.#command, ['pull', '--quiet', reference], { signal });
    // Docker prints the name, Podman the ID.
    return (await this.findId(reference)) ?? '';
  }

  /** Write an image's whole file system as a tar. */
  async exportImage(id: string, output: string, signal?: AbortSignal): Promise<void> {
    const create = ['create', `--label=${this.#label}`, '--network=none', '--entrypoint=/none', id];
    const { stdout } = await run(this.#command, create, { signal });
    await run(this.#command, ['export', '--output', output, stdout.trim()], { signal });
    await run(this.#command, ['rm', '--force', '--volumes', stdout.trim()], { signal });
  }

  /** Write an image, with its name, as an archive that `load` of either engine reads. */
  async save(reference: string, output: string, signal?: AbortSignal): Promise<void> {
    await run(this.#command, ['save', '--output', output, reference], { signal });
  }

  /** Copy a file of an image's file system to this host. */
  async copyOut(id: string, path: string, output: string, signal?: AbortSignal): Promise<void> {
    const create = ['create', `--label=${this.#label}`, '--network=none', '--entrypoint=/none', id];
    const { stdout } = await run(this.#command, create, { signal });
    await run(this.#command, ['cp', `${stdout.trim()}:${path}`, output], { signal });
    await run(this.#command, ['rm', '--force', '--volumes', stdout.trim()], { signal });
  }

  /** Read an OCI image layout with one image. Layers that the engine has are not read again. The image gets no name. */
  async load(layout: string, signal?: AbortSignal): Promise<string> {
    if (this.#facts.reads === 'Docker archives') return this.#loadArchive(layout, signal);
    // Podman 4 makes a name of the path, and a name must be lower-case: so the path is kept short.
    const name = basename(layout);
    const cwd = dirname(layout);
    // Where it stages layers, which it leaves behind when it is ended.
    const env = { TMPDIR: cwd };
    const { stdout } = await run(this.#command, ['pull', '--quiet', `oci:${name}`], { cwd, env, signal });
    const id = stdout.trim().split('\n').at(-1) ?? '';
    await run(this.#command, ['untag', id, `localhost/${name}:latest`], { allowFailure: true });
    return id;
  }

  async #loadArchive(layout: string, signal: AbortSignal | undefined): Promise<string> {
    const { stdout } = await run(this.#command, ['load', '--quiet'], { input: await archiveOfLayout(layout), signal });
    return /^Loaded image(?: ID)?: (\S+)$/m.exec(stdout)?.[1] ?? '';
  }

  /** The name leads to the old image until it leads to the new one. The old one goes, unless a node was made from it. */
  async tag(id: string, reference: string): Promise<void> {
    const before = await this.findId(reference);
    await run(this.#command, ['tag', id, reference]);
    if (before !== undefined && before !== id) await this.removeImage(before);
  }

  /** Images that are in use, or have another name, stay. */
  async removeImage(id: string): Promise<void> {
    const { stdout } = await run(this.#command, ['image', 'inspect', '--format', '{{len .RepoTags}}', id], {
      allowFailure: true,
    });
    if (stdout === '0') await run(this.#command, ['rmi', id], { allowFailure: true });
  }

  /** Run a program in a container that is gone afterwards, with its volume. */
  async run(options: BuildRun): Promise<void> {
    const volume = `kinpod-build-${process.pid}`;
    const allowed = await askAllowances(this.#facts, await cheapFacts(realHost()));
    await run(this.#command, ['volume', 'create', '--label', this.#label, volume]);
    const [command = '', ...args] = options.argv;
    await run(
      this.#command,
      [
        'run',
        '--rm',
        `--name=${volume}`,
        `--label=${this.#label}`,
        // A signal ends this client; the container is removed with the leftovers.
        '--sig-proxy=false',
        ...this.#facts.privileges(allowed),
        '--network=none',
        ...this.#facts.unlimitedPids,
        ...this.#facts.limits(allowed),
        `--volume=${volume}:${options.volume}`,
        ...Object.entries(options.binds).map(([inside, outside]) => `--volume=${outside}:${inside}`),
        `--entrypoint=${command}`,
        options.image,
        ...args,
      ],
      { signal: options.signal, onLine: options.onLine },
    );
    await run(this.#command, ['volume', 'rm', '--force', volume]);
  }

  /** Remove what builds of this owner have made on their way: after a failure, an abort, or a kill of an earlier build. */
  async removeLeftovers(): Promise<void> {
    const lines = async (args: string[]) =>
      (await run(this.#command, args, { allowFailure: true })).stdout.split('\n').filter(Boolean);
    const filter = `label=${this.#label}`;
    const containers = await lines(['ps', '--all', '--quiet', '--filter', filter]);
    if (containers.length > 0) {
      await run(this.#command, ['rm', '--force', '--volumes', ...this.#facts.removeAtOnce, ...containers]);
    }
    const volumes = await lines(['volume', 'ls', '--quiet', '--filter', filter]);
    if (volumes.length > 0) await run(this.#command, ['volume', 'rm', '--force', ...volumes]);
    const images = await lines(['images', '--quiet', '--no-trunc', '--filter', filter]);
    if (images.length > 0) await run(this.#command, ['rmi', ...images], { allowFailure: true });
  }

  /** Directory in which the engine keeps images. */
  async storage(): Promise<string> {
    const { stdout } = await run(this.#command, ['info', '--format', this.#facts.storageField], { allowFailure: true });
    return stdout || '/var/lib';
  }
}
