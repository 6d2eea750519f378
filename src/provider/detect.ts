import { KinpodError } from '../errors/kinpod-error.ts';
import { variable } from '../exec/variables.ts';
import { ContainerProvider } from './container/container-provider.ts';
import { docker } from './container/docker.ts';
import { whyNoDocker, whyNoPodmanAt } from './container/docker-daemon.ts';
import { type EngineFacts, podman } from './container/engine.ts';
import { isPodmans, podmanEndpoint } from './container/mounted-socket.ts';
import { realSurroundings, type Surroundings } from './container/surroundings.ts';
import { lookOutside } from './container/whereabouts.ts';
import type { OuterCluster } from './kubernetes/kubectl.ts';
import type { HostAllowances, Provider } from './provider.ts';

/**
 * Engines in the order in which they are tried, kind's: whoever has a Docker daemon running uses it. Each with the reason why it
 * cannot be used, if there is one.
 */
const ENGINES: readonly { facts: EngineFacts; whyNot(look: Surroundings): Promise<string | undefined> }[] = [
  { facts: docker, whyNot: whyNoDocker },
  { facts: podman, whyNot: whyNoPodman },
];

async function whyNoPodman(look: Surroundings): Promise<string | undefined> {
  if (!(await look.onPath('podman'))) return 'not installed: there is no podman on the PATH';
  const endpoint = await podmanEndpoint(look.env, look.whatIsAt);
  return endpoint === undefined || isPodmans(endpoint, look.env) ? undefined : whyNoPodmanAt(endpoint, look);
}

/** An engine that was not taken, and why. */
export interface RefusedEngine {
  name: EngineFacts['name'];
  reason: string;
}

/** No engine can be used; the message's details have every reason. */
export class EngineMissing extends KinpodError {
  readonly refused: readonly RefusedEngine[];

  constructor(refused: readonly RefusedEngine[]) {
    super('no container engine can be used on this host', {
      code: 'engine-missing',
      details: refused.map((one) => `${one.name}: ${one.reason}`).join('\n'),
      hint: 'kinpod check --fix',
    });
    this.refused = refused;
  }
}

export interface EngineChoice {
  engine: EngineFacts;
  /** How it was chosen: named by the user, or the first that can be used. */
  named: boolean;
  /** Those before it in the order. */
  refused: readonly RefusedEngine[];
}

/**
 * The engine that the user named, by flag or variable, else the first that can be used. One that was named is taken as it
 * is: what it lacks it says itself.
 * @throws {KinpodError} `unknown-provider` for a name that is none, `engine-missing` where none can be used
 */
export async function chooseEngine(requested: string | undefined, look: Surroundings): Promise<EngineChoice> {
  const name = requested ?? requestedProvider(look.env);
  if (name) return { engine: engineNamed(name), named: true, refused: [] };
  const refused: RefusedEngine[] = [];
  for (const { facts, whyNot } of ENGINES) {
    const reason = await whyNot(look);
    if (reason === undefined) return { engine: facts, named: false, refused };
    refused.push({ name: facts.name, reason });
  }
  throw new EngineMissing(refused);
}

function engineNamed(name: string): EngineFacts {
  const found = ENGINES.find(({ facts }) => facts.name === name);
  if (found) return found.facts;
  throw new KinpodError(`unknown provider "${name}"`, {
    code: 'unknown-provider',
    hint: `one of: ${[...ENGINES.map(({ facts }) => facts.name), KUBERNETES].join(', ')}`,
  });
}

/** The provider that the environment names: by kinpod's own variable, or by that which kind has too. */
function requestedProvider(env: NodeJS.ProcessEnv): string | undefined {
  return env.KINPOD_PROVIDER || variable(env, 'EXPERIMENTAL_PROVIDER');
}

/** The provider whose nodes are Pods of a cluster. Never chosen unless it is named: a kubeconfig says nothing of what its cluster is for. */
const KUBERNETES = 'kubernetes';

/**
 * Nodes on what the user named, else on the first engine that can be used.
 * @param outer the cluster for nodes that are Pods
 * @throws {KinpodError} as {@link chooseEngine}
 */
export async function chooseProvider(
  requested: string | undefined,
  host: HostAllowances,
  env: NodeJS.ProcessEnv,
  outer: OuterCluster = {},
): Promise<Provider> {
  if ((requested ?? requestedProvider(env)) === KUBERNETES) {
    // Loaded only here: the others have no use for it.
    const { KubernetesProvider } = await import('./kubernetes/kubernetes-provider.ts');
    return new KubernetesProvider(outer, env);
  }
  const { engine } = await chooseEngine(requested, realSurroundings(env));
  return new ContainerProvider({
    engine,
    host,
    outside: await lookOutside(engine, env),
    network: variable(env, engine.networkVariable),
    neighbours: ENGINES.map(({ facts }) => facts).filter((other) => other !== engine),
  });
}
