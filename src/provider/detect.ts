import { KinpodError } from '../errors/kinpod-error.ts';
import { variable } from '../exec/variables.ts';
import { ContainerProvider } from './container/container-provider.ts';
import { type EngineFacts, podman } from './container/engine.ts';
import type { HostAllowances, Provider } from './provider.ts';

/** Engines in the order in which they are tried. */
const ENGINES: readonly EngineFacts[] = [podman];

/** Name of the network that all clusters of an engine share, as in kind. */
const DEFAULT_NETWORK = 'kind';

/**
 * The provider that the user named, by flag or variable, else the first engine.
 * @throws {KinpodError} `unknown-provider` for a name that is none
 */
export function chooseProvider(requested: string | undefined, host: HostAllowances, env: NodeJS.ProcessEnv): Provider {
  const name = requested ?? variable(env, 'EXPERIMENTAL_PROVIDER');
  const engine = name ? ENGINES.find((e) => e.name === name) : ENGINES[0];
  if (!engine) {
    throw new KinpodError(`unknown provider "${name}"`, {
      code: 'unknown-provider',
      hint: `one of: ${ENGINES.map((e) => e.name).join(', ')}`,
    });
  }
  return new ContainerProvider(engine, host, variable(env, engine.networkVariable) ?? DEFAULT_NETWORK);
}
