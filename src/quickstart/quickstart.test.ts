import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { CheckReport, CheckResult, CheckScope } from '../check/index.ts';
import type { Progress } from '../progress/progress.ts';
import type { KubectlOptions, KubectlResult, QuickstartActions } from './actions.ts';
import { quickstart } from './quickstart.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

const success = (stdout = ''): KubectlResult => ({ stdout, stderr: '', exitCode: 0 });
const NEW = 'deployment.apps/hello created\nservice/hello created\n';
const UNCHANGED = 'deployment.apps/hello unchanged\nservice/hello unchanged\n';

function report(scope: CheckScope, results: Partial<CheckResult>[] = []): CheckReport {
  const full = results.map((r) => ({ id: 'x', title: 'X', scope, status: 'ok' as const, reason: 'fine', ...r }));
  return {
    ok: full.every((r) => r.status !== 'error'),
    provider: 'podman',
    scope,
    results: full,
    facts: {} as CheckReport['facts'],
  };
}

/** A world that remembers what was done to it. Its port-forward is a real server on a free port of this machine. */
function world(changes: Partial<QuickstartActions> = {}, state = { image: false, cluster: false, workload: false }) {
  const log: string[] = [];
  const lines: string[] = [];
  const progress: Progress = {
    step: (title) => {
      lines.push(title);
      return { detail() {}, done() {}, fail() {} };
    },
    info: (line) => lines.push(line),
    warn: (line) => lines.push(line),
    debug() {},
  };
  const actions: QuickstartActions = {
    checkHost: async (scope) => {
      log.push(`check ${scope}`);
      return report(scope);
    },
    fixHost: async (before) => {
      log.push('fix');
      return { ...report(before.scope as CheckScope), attempts: [] };
    },
    findImage: async () => (state.image ? 'localhost/kinpod-node:v1.36.3' : undefined),
    ensureImage: async (beforeBuild) => {
      if (!state.image) {
        await beforeBuild();
        log.push('build');
      }
      state.image = true;
      return 'localhost/kinpod-node:v1.36.3';
    },
    getNodes: async (cluster) => (state.cluster ? [{ name: `${cluster}-control-plane`, running: true }] : []),
    createCluster: async (cluster, image) => {
      log.push(`create ${cluster} from ${image}`);
      state.cluster = true;
    },
    kubectl: async (_, args, options = {}) => {
      log.push(`kubectl ${args.slice(0, 2).join(' ')}`);
      if (args[0] === 'port-forward') return serve(options);
      if (args[0] !== 'apply') return success();
      const before = state.workload;
      state.workload = true;
      return success(before ? UNCHANGED : NEW);
    },
    ...changes,
  };
  return { actions, log, lines, run: (signal?: AbortSignal) => quickstart(actions, { progress, signal }) };
}

function serve({ signal, onLine }: KubectlOptions): Promise<KubectlResult> {
  const server = createServer((request, response) => {
    response.end(request.url === '/hostname' ? 'hello-6d5f-abcde\n' : '');
  });
  servers.push(server);
  server.listen(0, '127.0.0.1', () => {
    onLine?.(`Forwarding from 127.0.0.1:${(server.address() as AddressInfo).port} -> 8080`);
  });
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      server.close();
      server.closeAllConnections();
      reject(signal.reason);
    });
  });
}

test('goes from nothing to an answer: host, image, cluster, workload, port', async () => {
  const { run, log } = world();
  const result = await run();
  expect(result).toMatchObject({
    cluster: 'kind',
    answer: 'hello-6d5f-abcde',
    found: { image: false, cluster: false, workload: false },
  });
  expect(log).toEqual([
    'check run',
    'check build',
    'build',
    'create kind from localhost/kinpod-node:v1.36.3',
    'kubectl get --raw=/readyz',
    'kubectl apply -f',
    'kubectl rollout status',
    'kubectl port-forward service/hello',
  ]);
});

test('run again, it makes nothing and says what it found', async () => {
  const { run, log, lines } = world({}, { image: true, cluster: true, workload: true });
  expect((await run()).found).toEqual({ image: true, cluster: true, workload: true });
  expect(log.filter((line) => /^(build|create|fix|check build)/.test(line))).toEqual([]);
  expect(lines).toContain('The host is fine for clusters');
  expect(lines).toContain('The cluster "kind" is there');
  expect(lines).toContain('The node image is there: localhost/kinpod-node:v1.36.3');
  expect(lines).toContain('The sample workload deployment/hello is there');
});

test('does not check for building where the image is here or pulled', async () => {
  const { run, log } = world({}, { image: true, cluster: false, workload: false });
  expect((await run()).found.image).toBe(true);
  expect(log).not.toContain('check build');
});

test('mends the host first where it can be mended', async () => {
  const inotify: Partial<CheckResult> = {
    status: 'warning',
    fix: { commands: [{ argv: ['sysctl'], asRoot: true }], text: 'sysctl' },
  };
  const { run, log } = world({ checkHost: async (scope) => report(scope, scope === 'run' ? [inotify] : []) });
  await run();
  expect(log[0]).toBe('fix');
});

test('stops before it makes anything where the host stays unfit, and names why', async () => {
  const missing: Partial<CheckResult> = { title: 'Podman', status: 'error', reason: 'podman is not installed' };
  const { run, log } = world({ checkHost: async (scope) => report(scope, [missing, { reason: 'not of interest' }]) });
  const error = await run().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'host-not-ready', details: expect.stringContaining('podman is not installed') });
  expect(error).toMatchObject({ details: expect.not.stringContaining('not of interest') });
  expect(log).toEqual([]);
});

test('what could not be mended is told with its reason', async () => {
  const missing: Partial<CheckResult> = {
    title: 'Podman',
    status: 'error',
    reason: 'podman is not installed',
    fix: { commands: [{ argv: ['apt-get'], asRoot: true }], text: 'apt-get' },
  };
  const before = report('run', [missing]);
  const { run } = world({
    checkHost: async () => before,
    fixHost: async () => ({
      ...before,
      attempts: [{ id: 'podman', title: 'Podman', outcome: 'failed', reason: 'apt-get: no route to host' }],
    }),
  });
  await expect(run()).rejects.toMatchObject({
    code: 'host-not-ready',
    details: expect.stringContaining('could not mend: Podman: apt-get: no route to host'),
  });
});

test('does not build on a host that cannot', async () => {
  const go: Partial<CheckResult> = { title: 'Go', status: 'error', reason: 'go is not installed' };
  const { run, log } = world({ checkHost: async (scope) => report(scope, scope === 'build' ? [go] : []) });
  await expect(run()).rejects.toMatchObject({
    code: 'host-not-ready',
    message: 'this host is not ready for building the node image',
  });
  expect(log).not.toContain('build');
});

test('a stopped cluster is an error that names its nodes', async () => {
  const { run } = world({ getNodes: async () => [{ name: 'kind-control-plane', running: false }] });
  await expect(run()).rejects.toMatchObject({
    code: 'cluster-stopped',
    message: expect.stringContaining('kind-control-plane'),
  });
});

test('pods that do not get ready are an error with their events', async () => {
  const { run } = world({
    kubectl: async (_, [verb]) => {
      if (verb === 'rollout') return { stdout: '', stderr: 'error: timed out waiting for the condition', exitCode: 1 };
      if (verb === 'describe') return success('Events:\n  Warning  Failed  ErrImagePull');
      return success(verb === 'apply' ? NEW : '');
    },
  });
  const error = await run().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'workload-failed', details: expect.stringContaining('ErrImagePull') });
  expect(error).toMatchObject({ details: expect.stringContaining('timed out') });
});

test('a port-forward that ends early is started again', async () => {
  let tries = 0;
  const { run } = world({
    kubectl: async (_, [verb], options = {}) => {
      if (verb !== 'port-forward') return success(verb === 'apply' ? NEW : '');
      tries += 1;
      return tries === 1 ? { stdout: '', stderr: 'error: lost connection to pod', exitCode: 1 } : serve(options);
    },
  });
  expect((await run()).answer).toBe('hello-6d5f-abcde');
  expect(tries).toBe(2);
});

test('an abort ends it at once, and the port-forward with it', async () => {
  const abort = new AbortController();
  let ended = false;
  const { run } = world({
    kubectl: async (_, [verb], { signal } = {}) => {
      if (verb !== 'port-forward') return success(verb === 'apply' ? NEW : '');
      setTimeout(() => abort.abort(), 10);
      return new Promise<KubectlResult>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          ended = true;
          reject(signal.reason);
        });
      });
    },
  });
  await expect(run(abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(ended).toBe(true);
});
