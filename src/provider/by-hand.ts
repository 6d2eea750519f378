import { podName } from './kubernetes/names.ts';
import type { Provider } from './provider.ts';

/** What people type to run a program in a node. */
export function execByHand(
  { name, nodesArePods }: Pick<Provider, 'name' | 'nodesArePods'>,
  node: string,
  program: string,
  { terminal = false }: { terminal?: boolean } = {},
): string {
  const exec = terminal ? 'exec -it' : 'exec';
  return nodesArePods ? `kubectl ${exec} ${podName(node)} -- ${program}` : `${name} ${exec} ${node} ${program}`;
}
