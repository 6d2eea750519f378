import { whatIsAt } from '../provider/container/mounted-socket.ts';
import type { Surroundings } from '../provider/container/surroundings.ts';
import { chooseEngine, EngineMissing } from '../provider/detect.ts';
import type { Check, CheckContext, CheckedEngine, CheckResult, CheckScope } from './check.ts';
import { checks } from './checks/index.ts';
import { readDistribution } from './distribution.ts';
import { hasSecurityOption, NO_DOCKER, readDocker } from './docker-state.ts';
import type { Host } from './host.ts';
import { cheapFacts, type HostFacts } from './host-facts.ts';
import { lastLine, NO_PODMAN, readPodman } from './podman-state.ts';

type Choice = Pick<CheckContext, 'engine' | 'named' | 'refused'>;

export interface CheckOptions {
  /** The engine to check for. Default: the one that a command would use; Podman, which can be installed, where there is none. */
  provider?: string | undefined;
  /** What the host is to be good for. Default `all`. */
  scope?: CheckScope | 'all' | undefined;
  signal?: AbortSignal | undefined;
}

/** What `kinpod check -o json` prints. */
export interface CheckReport {
  /** False where any check found an error; warnings leave it true. */
  ok: boolean;
  provider: CheckedEngine;
  scope: CheckScope | 'all';
  results: CheckResult[];
  facts: HostFacts;
}

/**
 * Look at everything that kinpod needs of the host; changes nothing. Takes about a second, most of it a trial container.
 * @throws AbortError if `signal` aborts
 */
export async function checkHost(host: Host, options: CheckOptions = {}): Promise<CheckReport> {
  const choice = await engineOf(host, options.provider);
  const isDocker = choice.engine === 'docker';
  const [facts, distribution, podman, docker] = await Promise.all([
    cheapFacts(host),
    readDistribution(host),
    isDocker ? NO_PODMAN : readPodman(host),
    isDocker ? readDocker(host) : NO_DOCKER,
  ]);
  options.signal?.throwIfAborted();
  const rootless = isDocker ? docker.info !== undefined && hasSecurityOption(docker.info, 'rootless') : host.uid !== 0;
  const context: CheckContext = { ...choice, host, facts, distribution, podman, docker, rootless };
  const engineElsewhere = host.platform !== 'linux' || podman.info?.host.serviceIsRemote === true;
  const scope = options.scope ?? 'all';
  const chosen = checks.filter(
    (check) =>
      (scope === 'all' || check.scope === scope) &&
      (check.engines?.includes(choice.engine) ?? true) &&
      (check.anywhere || !engineElsewhere),
  );

  const found = new Map<string, CheckResult>();
  const look = async (check: Check): Promise<void> => {
    const finding = await check.look(context);
    if (finding) found.set(check.id, { id: check.id, title: check.title, scope: check.scope, ...finding });
  };
  await Promise.all(chosen.filter((check) => !check.last).map(look));
  options.signal?.throwIfAborted();
  const engineIsFine = [...found.values()].every((result) => result.scope !== 'run' || result.status !== 'error');
  if (engineIsFine) await Promise.all(chosen.filter((check) => check.last).map(look));
  options.signal?.throwIfAborted();

  const results = chosen.flatMap((check) => found.get(check.id) ?? []);
  return { ok: results.every((result) => result.status !== 'error'), provider: choice.engine, scope, results, facts };
}

/** @throws {KinpodError} `unknown-provider` */
async function engineOf(host: Host, requested: string | undefined): Promise<Choice> {
  const look: Surroundings = {
    env: host.env,
    home: host.env.HOME ?? '',
    onPath: async (program) => (await host.which(program)) !== undefined,
    readFile: (path) => host.readFile(path),
    whatIsAt,
    ping: (socket) => host.ping(socket),
    ask: async (command, args) => {
      const { exitCode, stderr } = await host.run(command, args);
      return exitCode === 0 ? undefined : lastLine(stderr) || `exit code ${exitCode}`;
    },
  };
  try {
    const { engine, named, refused } = await chooseEngine(requested, look);
    return { engine: engine.name, named, refused };
  } catch (error) {
    if (!(error instanceof EngineMissing)) throw error;
    return { engine: 'podman', named: false, refused: error.refused };
  }
}
