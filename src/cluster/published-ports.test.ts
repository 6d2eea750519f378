import { createSocket } from 'node:dgram';
import { createServer, Server } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import type { PortMapping } from '../config/types.ts';
import type { Provider } from '../provider/provider.ts';
import { listenAddress, type PublishRules, publishWarnings, withHostPort, withMappedPort } from './published-ports.ts';

const rules: PublishRules = {
  ipFamily: 'ipv4',
  forwardsFromIPv6Loopback: false,
  elsewhere: false,
  inPods: false,
  engineOfRoot: false,
};
const port = (change: Partial<PortMapping> = {}): PortMapping => ({
  ...{ containerPort: 80, hostPort: 0, listenAddress: '127.0.0.1', protocol: 'TCP' },
  ...change,
});

test.each([
  ['', 'ipv4', false, '0.0.0.0'],
  ['', 'dual', false, '0.0.0.0'],
  ['', 'ipv6', false, '::'],
  ['::1', 'ipv6', false, '127.0.0.1'],
  ['::1', 'ipv6', true, '::1'],
  ['192.0.2.7', 'ipv6', false, '192.0.2.7'],
] as const)('"%s" of a cluster of %s, where ::1 is forwarded: %s, is %s', (address, ipFamily, forwards, expected) => {
  const where = { ipFamily, forwardsFromIPv6Loopback: forwards, elsewhere: false };
  expect(listenAddress(port({ listenAddress: address }), where)).toBe(expected);
});

describe('a mapped port of a node that is a Pod', () => {
  test('is none of this host, so it may be in use here', async () => {
    const listening = createServer();
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port: hostPort } = listening.address() as { port: number };
    expect(await withMappedPort(port({ hostPort }), { ...rules, inPods: true })).toMatchObject({ hostPort: -1 });
    await expect(withMappedPort(port({ hostPort }), rules)).rejects.toMatchObject({ code: 'port-in-use' });
    listening.close();
  });

  test('is told of', () => {
    const config = loadClusterConfig({
      text: Buffer.from(
        'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{extraPortMappings: [{containerPort: 80}]}]',
      ),
      path: 'c.yaml',
    }).config;
    const provider = (nodesArePods: boolean) =>
      ({ name: 'x', nodesArePods, forwardsFromIPv6Loopback: true }) as Provider;
    expect(publishWarnings(config, provider(true))).toEqual([expect.stringMatching(/^extraPortMappings: .* Services/)]);
    expect(publishWarnings(config, provider(false))).toEqual([]);
    expect(publishWarnings(loadClusterConfig(undefined, {}).config, provider(true))).toEqual([]);
  });
});

test('which ports of another machine are free is left to its engine', async () => {
  const elsewhere = { ...rules, elsewhere: true };
  expect(await withHostPort(port(), elsewhere)).toMatchObject({ hostPort: -1 });
  expect(await withHostPort(port({ hostPort: 1 }), elsewhere)).toMatchObject({ hostPort: 1 });
});

describe('host ports', () => {
  test.each(['TCP', 'UDP', 'SCTP'] as const)('0 becomes a free port of %s', async (protocol) => {
    expect((await withHostPort(port({ protocol }), rules)).hostPort).toBeGreaterThan(0);
  });

  test("-1 stays the engine's choice", async () => {
    expect(await withHostPort(port({ hostPort: -1 }), rules)).toMatchObject({ hostPort: -1 });
  });

  test('one that is taken is named before anything is made, with what to do', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = (server.address() as { port: number }).port;
    await expect(withHostPort(port({ hostPort: taken }), rules)).rejects.toMatchObject({
      code: 'port-in-use',
      message: `cannot listen on 127.0.0.1:${taken}: the port is in use`,
    });
    server.close();
  });

  describe('that the kernel keeps to root', () => {
    // As who may not listen there hears it. The tests may be root, who may.
    const refused = vi.spyOn(Server.prototype, 'listen');
    beforeEach(() => {
      refused.mockImplementation(function (this: Server) {
        process.nextTick(() => this.emit('error', Object.assign(new Error('listen EACCES'), { code: 'EACCES' })));
        return this;
      });
    });
    afterEach(() => refused.mockReset());
    afterAll(() => refused.mockRestore());

    test('are refused by a rootless engine, with two ways out', async () => {
      await expect(withHostPort(port({ hostPort: 80 }), rules)).rejects.toMatchObject({
        code: 'port-privileged',
        message: expect.stringContaining('127.0.0.1:80: the port is below net.ipv4.ip_unprivileged_port_start'),
        hint: expect.stringMatching(/8080[\s\S]*ip_unprivileged_port_start=80$/),
      });
    });

    test("are left to root's daemon, whoever asks it", async () => {
      const found = await withHostPort(port({ hostPort: 80 }), { ...rules, engineOfRoot: true });
      expect(found).toMatchObject({ hostPort: 80, listenAddress: '127.0.0.1' });
    });
  });

  test('of UDP too', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const taken = socket.address().port;
    const wanted = port({ hostPort: taken, protocol: 'UDP' });
    await expect(withHostPort(wanted, rules)).rejects.toMatchObject({ code: 'port-in-use' });
    expect(await withHostPort({ ...wanted, protocol: 'TCP' }, rules)).toMatchObject({ hostPort: taken });
    socket.close();
  });
});
