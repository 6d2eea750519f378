import type { Check, CheckContext, CheckResult, CheckScope } from './check.ts';
import { checks } from './checks/index.ts';
import { readDistribution } from './distribution.ts';
import type { Host } from './host.ts';
import { cheapFacts, type HostFacts } from './host-facts.ts';
import { readPodman } from './podman-state.ts';

export interface CheckOptions {
  /** The engine to check for. Default, and so far the only one: `podman`. */
  provider?: 'podman' | undefined;
  /** What the host is to be good for. Default `all`. */
  scope?: CheckScope | 'all' | undefined;
  signal?: AbortSignal | undefined;
}

/** What `kinpod check -o json` prints. */
export interface CheckReport {
  /** False where any check found an error; warnings leave it true. */
  ok: boolean;
  provider: 'podman';
  scope: CheckScope | 'all';
  results: CheckResult[];
  facts: HostFacts;
}

/**
 * Look at everything that kinpod needs of the host; changes nothing. Takes about a second, most of it a trial container.
 * @throws AbortError if `signal` aborts
 */
export async function checkHost(host: Host, options: CheckOptions = {}): Promise<CheckReport> {
  const [facts, distribution, podman] = await Promise.all([cheapFacts(host), readDistribution(host), readPodman(host)]);
  options.signal?.throwIfAborted();
  const context: CheckContext = { host, facts, distribution, podman, rootless: host.uid !== 0 };
  const engineElsewhere = host.platform !== 'linux' || podman.info?.host.serviceIsRemote === true;
  const scope = options.scope ?? 'all';
  const chosen = checks.filter(
    (check) => (scope === 'all' || check.scope === scope) && (check.anywhere || !engineElsewhere),
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
  return { ok: results.every((result) => result.status !== 'error'), provider: 'podman', scope, results, facts };
}
