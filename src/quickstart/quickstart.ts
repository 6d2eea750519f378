import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CheckReport,
  type CheckScope,
  type FixAttempt,
  type FixReport,
  isMendable,
  renderReport,
} from '../check/index.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import { assetsDir } from '../exec/assets.ts';
import { scaled } from '../exec/time-factor.ts';
import { until } from '../exec/until.ts';
import { type Progress, silent } from '../progress/progress.ts';
import type { QuickstartActions } from './actions.ts';
import { askThroughPort } from './port-forward.ts';

export interface QuickstartOptions {
  /** Name of the cluster to make or to use. Default `kind`. */
  cluster?: string | undefined;
  progress?: Progress | undefined;
  signal?: AbortSignal | undefined;
}

export interface QuickstartResult {
  cluster: string;
  /** What was there before. */
  found: { image: boolean; cluster: boolean; workload: boolean };
  /** What the sample workload answered through a port of this host: the name of one of its pods. */
  answer: string;
  /** How long it took. */
  seconds: number;
}

/** The Deployment and the Service of images/quickstart/hello.yaml. */
const WORKLOAD = 'hello';

/** Milliseconds for the API server of a cluster that is there: it may have been started a moment ago. */
const API_LIMIT_MS = 60_000;
/** Milliseconds for both replicas. Where the node image does not carry the sample's image, it is pulled. */
const ROLLOUT_LIMIT_MS = 300_000;

/**
 * From any state of the host to an answer of a workload in a cluster. What is there already is used, and said.
 * @throws {KinpodError} `host-not-ready`, `cluster-stopped`, `workload-failed`, `timeout`, and what the actions throw
 * @throws AbortError if `signal` aborts
 */
export async function quickstart(
  actions: QuickstartActions,
  options: QuickstartOptions = {},
): Promise<QuickstartResult> {
  const started = Date.now();
  const { cluster = 'kind', progress = silent, signal } = options;
  const journey = { actions, cluster, progress, signal };

  await makeHostReady(journey, 'run');
  const found = { image: false, cluster: await isThere(journey), workload: false };
  found.image = await (found.cluster ? reportImage(journey) : makeCluster(journey));
  await waitForApi(journey);
  found.workload = await deploy(journey);

  const step = progress.step(`Reaching service/${WORKLOAD} through a port`);
  const answer = await askThroughPort(actions, cluster, `service/${WORKLOAD}`, '/hostname', signal);
  step.done();
  return { cluster, found, answer, seconds: (Date.now() - started) / 1000 };
}

/** What every step of the way needs. */
interface Journey {
  actions: QuickstartActions;
  cluster: string;
  progress: Progress;
  signal: AbortSignal | undefined;
}

async function makeHostReady({ actions, progress, signal }: Journey, scope: CheckScope): Promise<void> {
  const what = scope === 'run' ? 'clusters' : 'building the node image';
  const step = progress.step(`Checking the host for ${what}`);
  let report: CheckReport & Partial<FixReport> = await actions.checkHost(scope);
  step.done();
  signal?.throwIfAborted();
  if (report.results.some(isMendable)) {
    report = await actions.fixHost(report);
    signal?.throwIfAborted();
  }
  if (report.ok) {
    progress.info(`The host is fine for ${what}${warningsOf(report)}`);
    return;
  }
  const errors = report.results.filter((result) => result.status === 'error');
  throw new KinpodError(`this host is not ready for ${what}`, {
    code: 'host-not-ready',
    details: [renderReport({ results: errors }, { color: false }), ...failuresOf(report.attempts ?? [])].join('\n'),
    hint: 'mend what is named above and run quickstart again; `kinpod check` shows everything',
  });
}

function failuresOf(attempts: readonly FixAttempt[]): string[] {
  return attempts
    .filter((attempt) => attempt.outcome === 'failed')
    .map(({ title, reason }) => `could not mend: ${title}: ${reason}`);
}

function warningsOf(report: CheckReport): string {
  const warnings = report.results.filter((result) => result.status === 'warning').length;
  if (warnings === 0) return '';
  return `, with ${warnings} warning${warnings === 1 ? '' : 's'} that \`kinpod check\` explains`;
}

async function isThere({ actions, cluster, progress }: Journey): Promise<boolean> {
  const nodes = await actions.getNodes(cluster);
  if (nodes.length === 0) return false;
  const stopped = nodes.filter((node) => !node.running).map((node) => node.name);
  if (stopped.length > 0) {
    throw new KinpodError(`the cluster "${cluster}" is there, but stopped: ${stopped.join(', ')}`, {
      code: 'cluster-stopped',
      hint: `kinpod delete cluster --name ${cluster}, or choose another name with --name`,
    });
  }
  progress.info(`The cluster "${cluster}" is there`);
  return true;
}

/** @returns whether the image was there before */
async function makeCluster(journey: Journey): Promise<boolean> {
  const { actions, cluster } = journey;
  const there = await reportImage(journey);
  const image = await actions.ensureImage(() => makeHostReady(journey, 'build'));
  await actions.createCluster(cluster, image);
  return there;
}

async function reportImage({ actions, progress, signal }: Journey): Promise<boolean> {
  const image = await actions.findImage();
  signal?.throwIfAborted();
  if (image !== undefined) progress.info(`The node image is there: ${image}`);
  return image !== undefined;
}

async function waitForApi({ actions, cluster, progress, signal }: Journey): Promise<void> {
  const step = progress.step(`Waiting for the API server of "${cluster}"`);
  await until(
    async () => {
      const answer = await actions.kubectl(cluster, ['get', '--raw=/readyz'], { signal });
      if (answer.exitCode !== 0) throw new Error(answer.stderr.trim());
      return true;
    },
    {
      withinMs: scaled(API_LIMIT_MS),
      everyMs: 500,
      what: `the API server of "${cluster}"`,
      signal,
      hint: `kinpod delete cluster --name ${cluster}, and run quickstart again`,
    },
  );
  step.done();
}

/** @returns whether the workload was there before, as it is to be */
async function deploy({ actions, cluster, progress, signal }: Journey): Promise<boolean> {
  const step = progress.step('Deploying the sample workload');
  const manifest = await readFile(join(assetsDir(), 'images', 'quickstart', 'hello.yaml'), 'utf8');
  const applied = await actions.kubectl(cluster, ['apply', '-f', '-'], { input: manifest, signal });
  if (applied.exitCode !== 0) throw workloadFailed('cannot deploy the sample workload', applied.stderr);
  step.done();
  const unchanged = applied.stdout
    .trim()
    .split('\n')
    .every((line) => line.endsWith(' unchanged'));
  if (unchanged) progress.info(`The sample workload deployment/${WORKLOAD} is there`);

  const waiting = progress.step('Waiting for its pods');
  const rollout = await actions.kubectl(
    cluster,
    [
      'rollout',
      'status',
      `deployment/${WORKLOAD}`,
      '--namespace=default',
      `--timeout=${scaled(ROLLOUT_LIMIT_MS) / 1000}s`,
    ],
    { signal, onLine: (line) => waiting.detail(line) },
  );
  if (rollout.exitCode !== 0) {
    waiting.fail();
    const pods = await actions.kubectl(
      cluster,
      ['describe', 'pods', '--namespace=default', `--selector=app.kubernetes.io/name=${WORKLOAD}`],
      { signal },
    );
    throw workloadFailed('the pods of the sample workload do not get ready', `${rollout.stderr}\n${tail(pods.stdout)}`);
  }
  waiting.done();
  return unchanged;
}

function workloadFailed(message: string, details: string): KinpodError {
  return new KinpodError(message, {
    code: 'workload-failed',
    details: details.trim(),
    hint: 'kinpod kubectl -- get pods -A shows how the cluster is; kinpod delete cluster removes it',
  });
}

/** The events, with which a description of pods ends. */
function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-15).join('\n');
}
