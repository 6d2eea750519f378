import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { root } from './cli.ts';
import { kindBinary } from './kind.ts';
import { PREFIX } from './podman.ts';

const RECORDER = join(root, 'test', 'support', 'recorder');

/** What stock kind makes of a configuration: its error, or the names of the nodes, without the load balancer. */
export type KindVerdict = { accepted: false; error: string } | { accepted: true; nodes: string[] };

/** Stock kind with a stand-in for podman that makes nothing: a verdict takes 5 to 200 ms. */
export class KindJudge {
  readonly #program: string;
  readonly #dir: string;

  private constructor(program: string, dir: string) {
    this.#program = program;
    this.#dir = dir;
  }

  static async prepare(): Promise<KindJudge> {
    return new KindJudge(await kindBinary(), await mkdtemp(join(tmpdir(), `${PREFIX}judge-`)));
  }

  /** @param withNodes false: the first node fails, which is faster, and no node is named */
  async judge(config: string | Uint8Array, withNodes = true): Promise<KindVerdict> {
    const dir = await mkdtemp(join(this.#dir, 'record-'));
    try {
      await Promise.all([
        writeFile(join(dir, 'addresses'), ''),
        writeFile(join(dir, 'version'), 'v1.36.3'),
        writeFile(join(dir, 'rootless'), 'false'),
        cp(join(root, 'images/node/runtimes/containerd/rootfs/etc/containerd/config.toml'), join(dir, 'config.toml')),
        // The recorder cannot make the directory of this name then.
        ...(withNodes ? [] : [writeFile(join(dir, 'created'), '')]),
      ]);
      const { stderr } = await run(this.#program, ['create', 'cluster', '--config', '-'], {
        input: config,
        env: {
          PATH: `${RECORDER}:${process.env.PATH}`,
          RECORDER: dir,
          KIND_EXPERIMENTAL_PROVIDER: 'podman',
          KIND_CLUSTER_NAME: '',
          KUBECONFIG: join(dir, 'kubeconfig'),
        },
        timeoutMs: 30_000,
        allowFailure: true,
      });
      if (stderr.includes('Creating cluster "')) return { accepted: true, nodes: await recordedNodes(dir) };
      // Before its error, kind says which engine it takes. A crash has no such line.
      return { accepted: false, error: stderr.split(/^ERROR: failed to create cluster: /m)[1] ?? stderr };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  dispose(): Promise<void> {
    return rm(this.#dir, { recursive: true, force: true });
  }
}

async function recordedNodes(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, 'arguments')).catch(() => []);
  const isNode = async (name: string) =>
    !(await readFile(join(dir, 'arguments', name), 'utf8')).includes('io.x-k8s.kind.role=external-load-balancer\n');
  const kept = await Promise.all(names.map(isNode));
  return names.filter((_, n) => kept[n]);
}
