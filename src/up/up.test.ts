import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { silent } from '../progress/progress.ts';
import type { NodeInfo } from '../provider/provider.ts';
import type { UpActions } from './actions.ts';
import { type UpOptions, up } from './up.ts';

/** A machine with clusters, and what was done to them. */
class Machine {
  readonly done: string[] = [];
  readonly stopping = new AbortController();
  finished = true;
  isReady = async () => true;
  reach = async () => {};
  exitStatus = 0;
  nodes: NodeInfo[];

  constructor(...nodes: [name: string, cluster: string, running: boolean][]) {
    this.nodes = nodes.map(([name, cluster, running]) => ({
      name,
      cluster,
      running,
      role: 'control-plane',
      labels: {},
    }));
  }

  /** Told to end as soon as it is ready. */
  async up(options: Partial<UpOptions> = {}): Promise<number> {
    const { done, stopping } = this;
    const actions: UpActions = {
      nodes: async (cluster) => this.nodes.filter((n) => cluster === undefined || n.cluster === cluster),
      isFinished: async () => this.finished,
      create: async (cluster) => {
        done.push(`create ${cluster}`);
        this.nodes.push({ name: `${cluster}-new`, cluster, running: true, role: 'control-plane', labels: {} });
      },
      remove: async (cluster) => {
        done.push(`remove ${cluster}`);
        this.nodes = this.nodes.filter((n) => n.cluster !== cluster);
      },
      start: async (nodes) => {
        const stopped = nodes.filter((n) => !n.running).map((n) => n.name);
        if (stopped.length > 0) done.push(`start ${stopped.join(' ')}`);
        this.nodes = this.nodes.map((n) => (stopped.includes(n.name) ? { ...n, running: true } : n));
        return stopped;
      },
      stop: async (nodes, seconds) => void done.push(`stop ${nodes.map((n) => n.name).join(' ')} in ${seconds}`),
      writeKubeconfig: async (cluster) => void done.push(`kubeconfig ${cluster}`),
      reach: () => this.reach(),
      isReady: () => this.isReady(),
      publishReady: async (ready) => {
        if (done.at(-1) !== `ready ${ready}`) done.push(`ready ${ready}`);
        if (ready && !options.command) stopping.abort();
      },
      runCommand: async (argv) => {
        done.push(argv.join(' '));
        return this.exitStatus;
      },
    };
    const defaults = { cluster: 'kind', command: [], alone: true, ownOnly: false, graceSeconds: 8, retain: false };
    return up(actions, { ...defaults, progress: silent, signal: stopping.signal, ...options });
  }
}

describe('without a command', () => {
  test('a cluster is made where there is none, watched, and stopped when it is told to end', async () => {
    const machine = new Machine();
    expect(await machine.up()).toBe(0);
    expect(machine.done).toEqual(['ready false', 'create kind', 'ready true', 'ready false', 'stop kind-new in 8']);
  });

  test('all clusters of a container start and stop with it', async () => {
    const machine = new Machine(['a', 'kind', false], ['b', 'other', false]);
    expect(await machine.up()).toBe(0);
    expect(machine.done).toEqual([
      'ready false',
      'start a b',
      'kubeconfig kind',
      'ready true',
      'ready false',
      'stop a b in 8',
    ]);
  });

  test('other clusters of a machine are left alone', async () => {
    const machine = new Machine(['a', 'kind', false], ['b', 'other', false]);
    await machine.up({ alone: false });
    expect(machine.done.filter((one) => /^(start|stop)/.test(one))).toEqual(['start a', 'stop a in 8']);
  });

  test('a cluster of the same name that somebody else has made is left alone too', async () => {
    const machine = new Machine(['a', 'kind', true]);
    await expect(machine.up({ alone: false, ownOnly: true })).rejects.toMatchObject({ code: 'name-in-use' });
    machine.nodes = machine.nodes.map((node) => ({ ...node, running: false, labels: { 'dev.kinpod.up': 'true' } }));
    await machine.up({ alone: false, ownOnly: true });
    expect(machine.done.filter((one) => /^(start|stop)/.test(one))).toEqual(['start a', 'stop a in 8']);
  });

  test.each([
    ['others have made are left alone', {}, []],
    ['are its own are started again', { 'dev.kinpod.up': 'true' }, ['start a', 'stop a in 8']],
  ])(
    'of stopped nodes that have its name while it watches, those that %s',
    async (_, labels: Record<string, string>, done) => {
      let now = 0;
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => (now += 60_000));
      const machine = new Machine();
      machine.isReady = async () => {
        machine.isReady = async () => true;
        machine.nodes = [{ name: 'a', cluster: 'kind', role: 'control-plane', running: false, labels }];
        return false;
      };
      await machine.up({ alone: false, ownOnly: true });
      clock.mockRestore();
      expect(machine.done.filter((one) => /^(start|stop)/.test(one))).toEqual(done);
    },
  );

  test('a cluster that cannot be reached from here is not waited for', async () => {
    const machine = new Machine(['a', 'kind', false]);
    machine.isReady = async () => false;
    machine.reach = () => Promise.reject(new KinpodError('no way', { code: 'not-connected' }));
    await expect(machine.up()).rejects.toMatchObject({ code: 'not-connected' });
    expect(machine.done).toContain('start a');
  });

  test('a cluster whose create was cut short is made anew, and only that', async () => {
    const machine = new Machine(['a', 'kind', false], ['b', 'other', false]);
    machine.finished = false;
    await machine.up();
    expect(machine.done.slice(1, 4)).toEqual(['remove kind', 'start b', 'create kind']);
  });
});

describe('a command', () => {
  test.each([0, 3])(
    'gets a fresh cluster, which is removed after it, and its exit status %i counts',
    async (status) => {
      const machine = new Machine(['a', 'kind', false]);
      machine.exitStatus = status;
      expect(await machine.up({ command: ['make', 'test'] })).toBe(status);
      expect(machine.done).toEqual([
        'remove kind',
        'create kind',
        'ready true',
        'make test',
        'ready false',
        'remove kind',
      ]);
    },
  );

  test('leaves its cluster behind where that is wanted', async () => {
    const machine = new Machine();
    await machine.up({ command: ['true'], retain: true });
    expect(machine.done.at(-1)).toBe('ready false');
  });

  test('does not take a cluster of a machine that is somebody’s', async () => {
    const machine = new Machine(['a', 'kind', true]);
    await expect(machine.up({ command: ['true'], alone: false })).rejects.toMatchObject({ code: 'name-in-use' });
    expect(machine.done).toEqual([]);
  });
});
