import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDir } from '../exec/directories.ts';
import { run } from '../exec/run.ts';
import { renderKubeconfig } from '../kubeconfig/kubeconfig.ts';
import { KUBERNETES_VERSION_LABEL } from '../provider/labels.ts';
import type { Provider } from '../provider/provider.ts';
import { type ApiNodes, administrator, findApiNodes } from './existing.ts';
import { type CommonOptions, openSession } from './session.ts';

/**
 * Run the kubectl of a cluster's version on this host, with this process' stdin, stdout and stderr.
 * @returns kubectl's exit code
 * @throws {KinpodError} `no-such-cluster`, `node-stopped`
 */
export async function kubectl(name: string, args: readonly string[], options: CommonOptions = {}): Promise<number> {
  const { provider, signal } = await openSession(options);
  return withKubectl(provider, name, signal, async (command, env) => {
    const { exitCode } = await run(command, args, { env, inherit: true, allowFailure: true, signal });
    return exitCode;
  });
}

/**
 * Give `use` a kubectl of the cluster's own version, taken from its node and kept in the cache, and the environment in which it
 * talks to that cluster, whatever the user's kubeconfig says. The program is static and runs on this host, so that files and
 * ports in its arguments are this host's.
 */
export async function withKubectl<T>(
  provider: Provider,
  cluster: string,
  signal: AbortSignal | undefined,
  use: (command: string, env: { KUBECONFIG: string }) => Promise<T>,
): Promise<T> {
  const nodes = await findApiNodes(provider, cluster);
  const access = await administrator(provider, nodes, false, signal);
  const command = await kubectlOf(provider, nodes, signal);
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-kubectl-'));
  try {
    const KUBECONFIG = join(dir, 'config');
    await writeFile(KUBECONFIG, renderKubeconfig(access), { mode: 0o600 });
    return await use(command, { KUBECONFIG });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function kubectlOf(
  provider: Provider,
  { controlPlane: node }: ApiNodes,
  signal: AbortSignal | undefined,
): Promise<string> {
  const version =
    node.labels[KUBERNETES_VERSION_LABEL] ?? (await provider.exec(node.name, ['cat', '/kind/version'])).stdout;
  const path = join(cacheDir(), 'kubectl', version.trim(), 'kubectl');
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(dirname(path), { recursive: true });
  // Moved in place when whole: an interrupted copy is never run.
  const partial = `${path}.${process.pid}`;
  try {
    await provider.copyOut(node.name, '/usr/bin/kubectl', partial, signal);
    await chmod(partial, 0o755);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return path;
}
