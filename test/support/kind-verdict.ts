import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { root } from './cli.ts';
import { kindProgram } from './kind.ts';

/** What stock kind makes of a configuration. */
export type KindVerdict =
  | { accepted: false; error: string }
  /** `nodes` by name, without the load balancer; `kubeadm`: what each gets as its kubeadm configuration. */
  | { accepted: true; nodes: string[]; kubeadm: Record<string, string> };

/** Stock kind on an engine that makes nothing, see recording-podman.sh: a verdict takes 5 to 200 ms. */
export class KindJudge {
  readonly #program: string;
  readonly #dir: string;

  private constructor(program: string, dir: string) {
    this.#program = program;
    this.#dir = dir;
  }

  static async prepare(): Promise<KindJudge> {
    const dir = await mkdtemp(join(tmpdir(), 'kpt-judge-'));
    await mkdir(join(dir, 'bin'));
    await symlink(join(root, 'test/support/recording-podman.sh'), join(dir, 'bin/podman'));
    return new KindJudge(await kindProgram(), dir);
  }

  /** @param withNodes false: kind is stopped as soon as it has taken the configuration, which is ten times faster */
  async judge(config: string | Uint8Array, withNodes = true): Promise<KindVerdict> {
    const record = await mkdtemp(join(this.#dir, 'record-'));
    try {
      const { stderr } = await run(this.#program, ['create', 'cluster', '--config', '-'], {
        input: config,
        env: {
          PATH: `${join(this.#dir, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
          KUBECONFIG: join(record, '.kubeconfig'),
          KIND_EXPERIMENTAL_PROVIDER: 'podman',
          KIND_CLUSTER_NAME: '',
          RECORD: record,
          ...(withNodes ? {} : { RECORD_NOTHING: '1' }),
        },
        timeoutMs: 30_000,
        allowFailure: true,
      });
      if (stderr.includes('Creating cluster "')) return { accepted: true, ...(await readRecord(record)) };
      // What comes before it: which engine is taken. A crash has no such line.
      return { accepted: false, error: stderr.split(/^ERROR: failed to create cluster: /m)[1] ?? stderr };
    } finally {
      await rm(record, { recursive: true, force: true });
    }
  }

  dispose(): Promise<void> {
    return rm(this.#dir, { recursive: true, force: true });
  }
}

async function readRecord(dir: string): Promise<{ nodes: string[]; kubeadm: Record<string, string> }> {
  const nodes: string[] = [];
  const kubeadm: Record<string, string> = {};
  for (const name of (await readdir(dir)).filter((entry) => !entry.startsWith('.'))) {
    if ((await readFile(join(dir, name, 'role'), 'utf8')).trim() === 'external-load-balancer') continue;
    nodes.push(name);
    kubeadm[name] = await readFile(join(dir, name, 'kubeadm.conf'), 'utf8').catch(() => '');
  }
  return { nodes, kubeadm };
}
