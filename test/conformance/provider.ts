import { readFile, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KinpodError } from '../../src/errors/kinpod-error.ts';
import { CommandError } from '../../src/exec/run.ts';
import type { NodeAddresses } from '../../src/network/addresses.ts';
import type { NodeFile } from '../../src/node/node-file.ts';
import type { NodeSpec, Provider } from '../../src/provider/provider.ts';
import { useHome } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';

/** What the suite needs to know of the engine that a provider works with. */
export interface ProviderUnderTest {
  provider(): Promise<Provider>;
  /** A node image of the engine's store. */
  image: string;
  /** Kubernetes version of that image. */
  version: string;
  /** Whether nodes' ports can be published on this host. Default: true. */
  publishes?: boolean;
  /** Whether all clusters' nodes are in one network. Default: true. */
  sharesNetwork?: boolean;
  /** Begins the names of all that the suite makes. */
  prefix: string;
  /** Remove what the suite has made, without the provider's help. */
  removeAll(): Promise<void>;
  /** Make what a create leaves that was killed while it made a node, and tell whether it is still there. */
  halfNode(spec: NodeSpec): Promise<{ isThere(): Promise<boolean> }>;
  /** Stop a node and start it again, as the engine does when the machine is restarted. */
  restart(node: string): Promise<void>;
}

/** Why tests of addresses that clusters share do not apply. */
const NETWORK_APART = 'each of its clusters has a network of its own';

/**
 * What everything above relies on, whatever the engine. A provider that passes needs no tests of its own for it.
 * One node is made and followed through its life; the tests are read, and run, from top to bottom.
 */
export function providerContract(name: string, engine: ProviderUnderTest): void {
  describe(`the provider ${name}`, () => {
    const home = useHome();
    const { publishes = true, sharesNetwork = true } = engine;
    const cluster = `${engine.prefix}contract`;
    const other = `${cluster}-other`;
    const node = `${cluster}-control-plane`;
    let provider: Provider;
    let addresses: NodeAddresses = { ipv4: '', ipv6: undefined };

    const spec = (change: Partial<NodeSpec> = {}): NodeSpec => ({
      name: node,
      cluster,
      role: 'control-plane',
      image: engine.image,
      addresses,
      ports: [{ containerPort: 6443, hostPort: -1, listenAddress: '127.0.0.1', protocol: 'TCP' }],
      mounts: [],
      env: { PROBE: 'a value, with "quotes" and = signs' },
      labels: { 'dev.kinpod.test': 'yes' },
      ...change,
    });
    const shell = (script: string) => provider.exec(node, ['sh', '-c', script]);
    /** Name of a node's first process. */
    const init = async (name = node) => (await provider.exec(name, ['cat', '/proc/1/comm'])).stdout;
    const untilInit = (expected: string, name = node) =>
      eventually(async () => (await init(name)) === expected, {
        withinMs: 10_000,
        what: `${expected} to begin in ${name}`,
      });
    const files: NodeFile[] = [
      { path: '/kind/probe/script', content: '#!/bin/sh\necho ready\n', mode: 0o755 },
      { path: '/kind/probe/secret', content: 'äöü\n', mode: 0o600 },
      { path: '/kind/probe/link', linkTo: '/kind/probe/secret' },
      { path: '/var/lib/probe', content: 'in the volume\n' },
    ];

    beforeAll(async () => {
      provider = await engine.provider();
    });
    afterAll(() => engine.removeAll());

    describe('images', () => {
      test('findImage tells what an image is labelled with', async () => {
        const image = await provider.findImage(engine.image);
        expect(image?.id).toMatch(/[0-9a-f]{64}/);
        expect(image?.labels).toMatchObject({ 'dev.kinpod.kubernetes-version': engine.version });
      });

      test('findImage finds nothing that is not here, and asks no registry for it', async () => {
        expect(await provider.findImage(`localhost/${engine.prefix}missing:1`)).toBeUndefined();
      });

      test('readImageFile gives the text of a file', async () => {
        expect((await provider.readImageFile(engine.image, '/kind/version')).trim()).toBe(engine.version);
      });

      test('readImageFile fails for a file that is not there', async () => {
        await expect(provider.readImageFile(engine.image, '/no/such/file')).rejects.toThrow('/no/such/file');
      });

      test('pullImage fails where no registry has it', async () => {
        await expect(provider.pullImage(`localhost/${engine.prefix}missing:1`)).rejects.toThrow(KinpodError);
      });
    });

    describe('addresses', () => {
      test('ensureNetwork may be called any number of times, also at once', async () => {
        await Promise.all([provider.ensureNetwork(), provider.ensureNetwork()]);
        await provider.ensureNetwork();
      });

      test('withAddresses gives different ones', async () => {
        await provider.withAddresses(3, async (free) => {
          expect(new Set(free.map((a) => a.ipv4)).size).toBe(3);
          if (free[0]?.ipv6) expect(new Set(free.map((a) => a.ipv6)).size).toBe(3);
          addresses = free[0] ?? addresses;
        });
        expect(addresses.ipv4).toMatch(/^[\d.]+$/);
      });

      test('networkSubnets has the subnet that they are of', async () => {
        const own = ipaddr.parse(addresses.ipv4);
        const holds = (subnet: string) => {
          const [net, bits] = ipaddr.parseCIDR(subnet);
          return net.kind() === own.kind() && own.match(net, bits);
        };
        expect((await provider.networkSubnets()).some(holds)).toBe(true);
      });

      test('withAddresses lets one in after the other, so that two do not get the same', async ({ skip }) => {
        skip(!sharesNetwork, NETWORK_APART);
        const order: string[] = [];
        const hold = (who: string) =>
          provider.withAddresses(1, async () => {
            order.push(`${who} in`);
            await new Promise((resolve) => setImmediate(resolve));
            order.push(`${who} out`);
          });
        await Promise.all([hold('a'), hold('b')]);
        expect([order[0]?.[0], order[1]?.[0]]).toEqual([order[1]?.[0], order[0]?.[0]]);
        expect(order.map((one) => one.split(' ')[1])).toEqual(['in', 'out', 'in', 'out']);
      });

      test('withAddresses lets the next one in where the work has failed', async () => {
        await expect(provider.withAddresses(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
        expect(await provider.withAddresses(1, async (addresses) => addresses.length)).toBe(1);
      });
    });

    describe('a node that was made', () => {
      beforeAll(() => provider.createNode(spec()));

      test('is listed, with its cluster, role and labels', async () => {
        const [info, ...others] = await provider.listNodes(cluster);
        expect(others).toEqual([]);
        expect(info).toMatchObject({ name: node, cluster, role: 'control-plane' });
        expect(info?.labels).toMatchObject({ 'dev.kinpod.test': 'yes', 'io.x-k8s.kind.cluster': cluster });
        expect(await provider.listClusters()).toContain(cluster);
        expect((await provider.listNodes()).map((n) => n.name)).toContain(node);
      });

      test('keeps its address: it is not given away again', async ({ skip }) => {
        skip(!sharesNetwork, NETWORK_APART);
        await provider.withAddresses(5, async (free) => {
          expect(free.map((a) => a.ipv4)).not.toContain(addresses.ipv4);
          if (addresses.ipv6) expect(free.map((a) => a.ipv6)).not.toContain(addresses.ipv6);
        });
      });

      test('cannot be made twice', async () => {
        await expect(provider.createNode(spec())).rejects.toThrow(KinpodError);
      });

      test('does not begin without its files, whenever it is started', async () => {
        await engine.restart(node);
        expect(await init()).not.toBe('systemd');
      });

      test('has no address on this host yet, or the one that it will have', async () => {
        const endpoint = await provider.endpoint(node);
        if (endpoint && publishes) expect(endpoint.host).toBe('127.0.0.1');
      });
    });

    describe('a node that was started', () => {
      beforeAll(() => provider.startNode(node, files));

      test('begins with the program of its image', () => untilInit('systemd'));

      test('is listed as running', async () => {
        expect(await provider.listNodes(cluster)).toMatchObject([{ name: node, running: true }]);
      });

      test('has the files that it was given, with their modes and links, owned by root', async () => {
        expect((await provider.exec(node, ['/kind/probe/script'])).stdout).toBe('ready');
        expect((await shell('cat /kind/probe/link /var/lib/probe')).stdout).toBe('äöü\nin the volume');
        expect((await shell('stat -c "%a %U:%G" /kind/probe/secret')).stdout).toBe('600 root:root');
      });

      test('has its name, address and environment', async () => {
        expect((await shell('hostname')).stdout).toBe(node);
        const shown = (await shell('ip -o address show')).stdout;
        expect(shown).toContain(` ${addresses.ipv4}/`);
        if (addresses.ipv6) expect(shown).toContain(` ${addresses.ipv6}/`);
        expect((await shell('tr "\\0" "\\n" </proc/1/environ')).stdout).toContain(`PROBE=${spec().env.PROBE}`);
      });

      test('has a volume for what is written much, and memory for what is forgotten', async () => {
        const type = async (path: string) => (await shell(`stat -f -c %T ${path}`)).stdout;
        expect(await type('/var')).not.toMatch(/overlay|tmpfs/);
        expect((await shell("grep ' /var ' /proc/self/mountinfo")).stdout).not.toMatch(/nosuid|nodev|noexec/);
        expect([await type('/tmp'), await type('/run')]).toEqual(['tmpfs', 'tmpfs']);
      });

      test('is reached from this host at its endpoint', async () => {
        const endpoint = await provider.endpoint(node);
        if (publishes) {
          expect(endpoint).toMatchObject({ host: '127.0.0.1' });
          // Nothing listens inside, but the port is the engine's now.
          expect(await canListen(endpoint?.port ?? 0)).toBe(false);
        }
        expect(await provider.endpoint(`${cluster}-nobody`)).toBeUndefined();
      });

      test('gives files', async () => {
        await provider.copyOut(node, '/kind/probe/script', home.path('script'));
        expect(await readFile(home.path('script'), 'utf8')).toBe('#!/bin/sh\necho ready\n');
        expect((await stat(home.path('script'))).mode & 0o777).toBe(0o755);
        await expect(provider.copyOut(node, '/no/such/file', join(home.path('.'), 'x'))).rejects.toThrow(CommandError);
      });

      test('tells what its first programs printed, as many lines as asked for', async () => {
        const some = await eventually(async () => (await provider.logs(node, 50)) || undefined, {
          withinMs: 30_000,
          what: 'the log of the node',
        });
        expect(some.split('\n').length).toBeGreaterThan(1);
        expect((await provider.logs(node, 1)).split('\n')).toHaveLength(1);
      });

      test('begins at once when it is started again, with the files that it had', async () => {
        await engine.restart(node);
        await untilInit('systemd');
        expect((await shell('cat /kind/probe/secret /var/lib/probe')).stdout).toBe('äöü\nin the volume');
      });
    });

    test('a load balancer runs another program than its image does, without rights over this host', async () => {
      const name = `${other}-external-load-balancer`;
      const change = {
        name,
        cluster: other,
        role: 'external-load-balancer',
        command: ['sleep', '600'],
        ports: [],
      } as const;
      await provider.withAddresses(1, ([free = addresses]) =>
        provider.createNode(spec({ ...change, addresses: free })),
      );
      await provider.startNode(name, []);
      await untilInit('sleep', name);
      const { stdout } = await provider.exec(name, ['grep', 'CapEff', '/proc/1/status']);
      // CAP_SYS_ADMIN is bit 21.
      expect((BigInt(`0x${stdout.split(/\s+/)[1]}`) >> 21n) & 1n).toBe(0n);
      expect(await provider.deleteCluster(other)).toEqual([name]);
    });

    describe('exec', () => {
      test('keeps arguments as they are, and stdout apart from stderr', async () => {
        const argv = ['printf', '%s|', 'a b', '$HOME', '"', '*', '', 'ä'];
        expect((await provider.exec(node, argv)).stdout).toBe('a b|$HOME|"|*||ä|');
        expect(await shell('echo out; echo err >&2')).toMatchObject({ stdout: 'out', stderr: 'err', exitCode: 0 });
      });

      test('passes on stdin to its end', async () => {
        const { stdout } = await provider.exec(node, ['wc', '-c'], { input: 'x'.repeat(100_000) });
        expect(stdout).toBe('100000');
      });

      test('fails with the exit code and the output of the program', async () => {
        const failure = await shell('echo why >&2; exit 7').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(CommandError);
        expect(failure).toMatchObject({ commandExitCode: 7, details: expect.stringContaining('why') });
      });

      test('does not fail where failing is allowed', async () => {
        const result = await provider.exec(node, ['sh', '-c', 'exit 7'], { allowFailure: true });
        expect(result.exitCode).toBe(7);
      });

      test('tells lines as they come', async () => {
        const abort = new AbortController();
        const lines: string[] = [];
        const onLine = (line: string) => {
          lines.push(line);
          if (line === 'second') abort.abort();
        };
        const running = provider.exec(node, ['sh', '-c', 'echo first; echo second; sleep 600'], {
          onLine,
          signal: abort.signal,
        });
        await expect(running).rejects.toThrow(/abort/i);
        expect(lines).toEqual(['first', 'second']);
      });

      test('fails for a node that is not there', async () => {
        await expect(provider.exec(`${cluster}-nobody`, ['true'])).rejects.toThrow(CommandError);
      });
    });

    describe('deleteCluster', () => {
      test('removes a running cluster, and no other', async () => {
        await provider.withAddresses(1, ([free = addresses]) =>
          provider.createNode(
            spec({ name: `${other}-worker`, cluster: other, role: 'worker', addresses: free, ports: [] }),
          ),
        );
        const endpoint = publishes ? await provider.endpoint(node) : undefined;
        expect(await provider.deleteCluster(cluster)).toEqual([node]);
        expect(await provider.listNodes(cluster)).toEqual([]);
        expect((await provider.listNodes(other)).map((n) => n.name)).toEqual([`${other}-worker`]);
        if (endpoint) expect(await canListen(endpoint.port)).toBe(true);
      });

      test('removes a cluster that was never started', async () => {
        expect(await provider.deleteCluster(other)).toEqual([`${other}-worker`]);
        expect(await provider.listNodes(other)).toEqual([]);
      });

      test('of a cluster that does not exist has nothing to do', async () => {
        expect(await provider.deleteCluster(cluster)).toEqual([]);
      });

      test('removes what a create left that was killed while it made a node', async () => {
        const half = await engine.halfNode(spec());
        expect(await half.isThere()).toBe(true);
        await provider.deleteCluster(cluster);
        expect(await half.isThere()).toBe(false);
      });

      test('leaves nothing that is in the way of a node of the same name', async () => {
        await provider.createNode(spec());
        expect(await provider.deleteCluster(cluster)).toEqual([node]);
      });
    });

    test('a host port that is in use is named', async ({ skip }) => {
      skip(!publishes, 'its nodes publish no ports on this host');
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const taken = server.address();
      const hostPort = taken !== null && typeof taken === 'object' ? taken.port : 0;
      try {
        const ports = [{ containerPort: 6443, hostPort, listenAddress: '127.0.0.1', protocol: 'TCP' as const }];
        await expect(provider.createNode(spec({ ports }))).rejects.toMatchObject({
          code: 'port-in-use',
          message: expect.stringContaining(String(hostPort)),
        });
      } finally {
        server.close();
        await provider.deleteCluster(cluster);
      }
    });

    test('what was aborted before it began is not done', async () => {
      const signal = AbortSignal.abort();
      await expect(provider.createNode(spec(), signal)).rejects.toThrow(/abort/i);
      expect(await provider.listNodes(cluster)).toEqual([]);
    });
  });
}

/** Whether a port of the loopback address is free. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
  });
}
