import type { Provider } from '../../provider/provider.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { containerd } from './containerd.ts';
import { crio } from './cri-o.ts';
import { CRICTL_CONFIG, type RuntimeName, runtimeOf } from './runtimes.ts';

/**
 * The runtime of a running node: what its image has.
 * @throws {KinpodError} `unknown-runtime` where the node's containerd does not say how it stores images
 */
export async function containerRuntime(
  provider: Provider,
  node: string,
  signal?: AbortSignal,
): Promise<ContainerRuntime> {
  const [name, machine] = await Promise.all([
    runtimeNameOf(provider, node, signal),
    provider.exec(node, ['uname', '-m'], { signal }),
  ]);
  const inNode = { provider, node, platform: platformOf(machine.stdout), signal };
  return name === 'cri-o' ? crio(inNode) : containerd(inNode);
}

/** Which runtime a running node has. */
export async function runtimeNameOf(provider: Provider, node: string, signal?: AbortSignal): Promise<RuntimeName> {
  const { stdout } = await provider.exec(node, ['cat', CRICTL_CONFIG], { signal, allowFailure: true });
  return runtimeOf(stdout);
}

/** uname's words for machines that images call otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
};

export function platformOf(machine: string): string {
  const name = machine.trim();
  return `linux/${ARCHITECTURES[name] ?? name}`;
}
