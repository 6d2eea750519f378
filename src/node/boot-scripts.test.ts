import { appendFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { run } from '../exec/run.ts';
import { ShellNode } from './testing/shell-node.ts';

const node = new ShellNode();

test.each([
  ['10.89.128.1', '4', '10.89.128.1'],
  ['10.244.0.0/16', '4', '10.244.0.0/16'],
  ['fc00::1', '6', '[fc00::1]'],
])('%s is of family %s and stands as %s before a port', async (address, family, bracketed) => {
  expect(await node.printed(`family_of ${address}; bracketed ${address}`)).toBe(`${family}\n${bracketed}`);
});

test.each([
  ['LISTEN 0      4096   *:6443 *:*', 0],
  ['', 1],
])('what the kernel lists at a port (%j) tells whether somebody listens there', async (line, exitCode) => {
  await node.program('ss', `echo '${line}'`);
  expect((await node.sh('listens 6443')).exitCode).toBe(exitCode);
  expect(await node.asked()).toEqual(['ss -Hltn sport = :6443']);
});

describe('the gate', () => {
  const env = {
    PART: 'first',
    NODE_ADDRESSES: '10.89.128.1 fc00::1',
    FIRST_ADDRESSES: '10.89.128.1 fc00::1',
    GATE_SOURCES: '10.89.128.2 fc00::2',
    DETOURS: '',
  };

  test.each(['-I', '-D'])('is rules for the node itself and for each of the others: %s', async (action) => {
    expect((await node.printed(`first_gate ${action}`, { env })).split('\n')).toEqual([
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.1 -j REDIRECT --to-ports 16443`,
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::1 -j REDIRECT --to-ports 16443`,
      `4 nat ${action} PREROUTING -p tcp --dport 6443 -s 10.89.128.2 -j REDIRECT --to-ports 16443`,
      `6 nat ${action} PREROUTING -p tcp --dport 6443 -s fc00::2 -j REDIRECT --to-ports 16443`,
    ]);
  });

  test.each(['-I', '-D'])('is reached by detours that stay in their family: %s', async (action) => {
    const detoured = { ...env, DETOURS: '10.89.128.9 fc00::9 10.89.128.2' };
    expect((await node.printed(`detours ${action}`, { env: detoured })).split('\n')).toEqual([
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.9 -j DNAT --to-destination 10.89.128.1:6443`,
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::9 -j DNAT --to-destination [fc00::1]:6443`,
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.2 -j DNAT --to-destination 10.89.128.1:6443`,
    ]);
    expect(await node.printed(`detours ${action}`, { env: { ...detoured, FIRST_ADDRESSES: 'fc00::1' } })).toBe(
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::9 -j DNAT --to-destination [fc00::1]:6443`,
    );
  });

  const following = [
    '4 nat -A OUTPUT -m conntrack --ctstate INVALID',
    '6 nat -A OUTPUT -m conntrack --ctstate INVALID',
  ];

  test('is at the first control plane, if there is what lets connections through it', async () => {
    expect((await node.printed('gate', { from: 'network.sh', env })).split('\n')).toEqual(following);
    await mkdir(node.path('lib/systemd'), { recursive: true });
    await writeFile(node.path('lib/systemd/systemd-socket-proxyd'), '', { mode: 0o755 });
    expect(await node.printed('gate', { from: 'network.sh', env })).toBe(
      [...following, await node.printed('first_gate -I', { env })].join('\n'),
    );
  });

  test('is by a detour for every other node', async () => {
    const worker = { ...env, PART: 'worker', DETOURS: '10.89.128.9' };
    expect(await node.printed('gate', { from: 'network.sh', env: worker })).toBe(
      [...following, await node.printed('detours -I', { env: worker })].join('\n'),
    );
  });

  test('is there on the first boot only', async () => {
    await writeFile(node.inKinpod('set-up'), '');
    expect(await node.printed('gate', { from: 'network.sh', env })).toBe('');
  });
});

describe('the network at every boot', () => {
  test('has no rule whose addresses are of another family', async () => {
    const env = {
      PART: 'worker',
      NODE_ADDRESSES: '10.89.128.2 fc00::2',
      FIRST_ADDRESSES: '10.89.128.1 fc00::1',
      DETOURS: '10.89.128.9 fc00::9',
      MASQUERADE_SUBNETS: '10.244.0.0/16 fd00:10:244::/56',
      REFUSED_SUBNETS: '10.96.0.0/16 fd00:10:96::/112',
      API_SERVICE_ADDRESS: 'fd00:10:96::1',
      API_BACKEND: '[fc00::1]:6443',
    };
    const lines = (await node.printed('rules', { from: 'network.sh', env })).split('\n');
    const of = (family: string) => lines.filter((line) => line.startsWith(`${family} `)).join('\n');
    expect(of('4')).not.toMatch(/fc00:|fd00:/);
    expect(of('6')).not.toMatch(/10\.\d+\.\d+\.\d+/);
    expect(of('4').match(/10\.(?:89|244|96)\S+/g)).toEqual([
      ...['10.244.0.0/16', '10.244.0.0/16'],
      ...['10.89.128.9', '10.89.128.1:6443'],
      ...['10.96.0.0/16', '10.96.0.0/16'],
    ]);
    expect(of('6').match(/\[?f[cd]00:\S+/g)).toEqual([
      ...['fd00:10:244::/56', 'fd00:10:244::/56'],
      ...['fc00::9', '[fc00::1]:6443'],
      ...['fd00:10:96::1', '[fc00::1]:6443', 'fd00:10:96::1', '[fc00::1]:6443'],
      ...['fd00:10:96::/112', 'fd00:10:96::/112'],
    ]);
  });

  test("leads to the other nodes' pods through those nodes", async () => {
    await node.program('ip', '');
    await writeFile(node.inKinpod('peers'), '10.244.1.0/24 10.89.128.2\nfd00:10:244:1::/64 fc00::2\n');
    await node.printed('peer_routes', { from: 'network.sh' });
    expect(await node.asked()).toEqual([
      'ip route replace 10.244.1.0/24 via 10.89.128.2',
      'ip route replace fd00:10:244:1::/64 via fc00::2',
    ]);
  });

  test.each([
    ["echo '3: eth1    inet 10.89.128.1/24 brd 10.89.128.255 scope global eth1'", 9000],
    ['', 1400],
  ])('lets pods send what fits through the device of the node, else eth0: %j', async (addresses, mtu) => {
    await node.program('ip', addresses);
    const conf = node.path('etc/cni/net.d/10-kindnet.conflist');
    await mkdir(dirname(conf), { recursive: true });
    await writeFile(conf, '{"type":"ptp","mtu": 1500,"ipMasq":false}\n');
    for (const [device, text] of Object.entries({ eth0: '1400\n', eth1: '9000\n' })) {
      await mkdir(node.path('sys/class/net', device), { recursive: true });
      await writeFile(node.path('sys/class/net', device, 'mtu'), text);
    }
    await node.printed('fit_mtu', { from: 'network.sh', env: { NODE_ADDRESSES: '10.89.128.1 fc00::1' } });
    expect(await readFile(conf, 'utf8')).toBe(`{"type":"ptp","mtu": ${mtu},"ipMasq":false}\n`);
    expect(await node.asked()).toEqual(['ip -o address show to 10.89.128.1']);
  });
});

describe('apply_rules', () => {
  const env = {
    MASQUERADE_SUBNETS: '10.244.0.0/16',
    REFUSED_SUBNETS: '10.96.0.0/16',
    API_SERVICE_ADDRESS: '10.96.0.1',
  };
  const ipv4 = '4 nat -A OUTPUT -d 10.0.0.1\n4 filter -A FORWARD -d 10.0.0.2\n4 nat -A OUTPUT -d 10.0.0.3\n';
  const ipv6 = '6 filter -A FORWARD -d fc00::2\n6 nat -A OUTPUT -d fc00::1\n';
  const apply = (input: string, more = {}) => node.sh('apply_rules', { env: { ...env, ...more }, input });

  test('hands over at once what is of a family, table by table', async () => {
    expect(await apply(ipv6 + ipv4)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await node.asked()).toEqual([
      'iptables-restore --noflush --wait',
      ...['*nat', '-A OUTPUT -d 10.0.0.1', '-A OUTPUT -d 10.0.0.3', 'COMMIT'],
      ...['*filter', '-A FORWARD -d 10.0.0.2', 'COMMIT'],
      'ip6tables-restore --noflush --wait',
      ...['*nat', '-A OUTPUT -d fc00::1', 'COMMIT'],
      ...['*filter', '-A FORWARD -d fc00::2', 'COMMIT'],
    ]);
  });

  test('leaves the filter of IPv6 alone where there is nothing for it', async () => {
    expect(await apply(ipv4)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await node.asked()).filter((line) => line.includes('restore'))).toEqual([
      'iptables-restore --noflush --wait',
    ]);
  });

  describe('where the kernel has no filter for IPv6', () => {
    beforeEach(() => node.program('ip6tables-restore', 'cat >/dev/null; exit 3'));
    const triesOfIpv6 = async () => (await node.asked()).filter((line) => line.startsWith('ip6tables-restore')).length;

    test('does without for a cluster of IPv4, and does not try again', async () => {
      expect((await apply(ipv4 + ipv6)).exitCode).toBe(0);
      expect(await readdir(node.inKinpod())).toContain('no-ipv6-rules');
      expect((await apply(ipv4 + ipv6)).exitCode).toBe(0);
      expect(await triesOfIpv6()).toBe(1);
    });

    test.each([
      { MASQUERADE_SUBNETS: '10.244.0.0/16 fd00:10:244::/56' },
      { REFUSED_SUBNETS: '10.96.0.0/16 fd00:10:96::/112' },
      { API_SERVICE_ADDRESS: 'fd00:10:96::1' },
    ])('fails for a cluster that uses it: %j', async (more) => {
      expect((await apply(ipv4 + ipv6, more)).exitCode).toBe(1);
      expect(await readdir(node.inKinpod())).not.toContain('no-ipv6-rules');
    });
  });

  test('fails where the rules of IPv4 are refused, whoever listens', async () => {
    await node.program('iptables-restore', 'cat >/dev/null; exit 2');
    expect((await apply(ipv4 + ipv6)).exitCode).toBe(1);
    expect(await node.asked()).toEqual(['iptables-restore --noflush --wait']);
  });
});

describe('watch_for', () => {
  const url = 'https://kind-control-plane:6443/api/v1/nodes?watch=true';

  test('ends at the line that it is to wait for, and with it the watch', async () => {
    // Of its own it would end in time for this test to fail.
    await node.program('curl', `echo '{"type":"ADDED"}'; echo '{"type":"MODIFIED"}'; exec sleep 20`);
    expect(
      await node.printed(
        `watch_for node '"MODIFIED"' --max-time 30 '${url}'; wait "$watching" || echo "ended with $?"`,
      ),
    ).toBe('ended with 143');
    expect(await node.asked()).toEqual([
      expect.stringMatching(/^curl --noproxy \* .* --max-time 30 https:\S+watch=true$/),
    ]);
    expect(await readdir(node.inKinpod())).toEqual([]);
  });

  test.each([
    ['without that line', `echo '{"type":"ADDED"}'`],
    ['without a word', 'exit 7'],
  ])('fails where the watch ends %s', async (_, curl) => {
    await node.program('curl', curl);
    expect((await node.sh(`watch_for node '"MODIFIED"' '${url}'`)).exitCode).toBe(1);
    expect(await readdir(node.inKinpod())).toEqual([]);
  });

  test('is not in the way of an earlier one that was ended in the middle', async () => {
    await writeFile(node.inKinpod('watch-node'), '');
    await node.program('curl', `echo '{"type":"ADDED"}'`);
    await node.printed(`watch_for node '"ADDED"' '${url}'`);
  });
});

describe('the host is told', () => {
  const events = () => readFile(node.inKinpod('events'), 'utf8');

  test.each([
    ['exit 3', /^\d+\.\d+ failed joining failed \(exit code 3\)\n$/],
    ['event "done" "set up"', /^\d+\.\d+ done set up\n$/],
  ])('how a script ended: %s', async (end, expected) => {
    await node.sh(`trap 'fail_early "joining failed"' EXIT\n${end}`);
    expect(await events()).toMatch(expected);
  });

  test('which program a node image does not have', async () => {
    expect((await node.sh('require ss no-such-program; echo on')).stdout).toBe('');
    expect(await events()).toMatch(/^\S+ failed the node image has no no-such-program\n$/);
  });

  test.each(['done set up', 'failed joining failed (exit code 3)'])(
    'what happens as it happens, to the end: %s',
    async (end) => {
      const begun = '1.00 files a failed look is done again\n1.50 api what follows\n';
      await writeFile(node.inKinpod('events'), begun);
      // timeout(1) ends the pipeline too, where it does not end by itself.
      const { stdout } = await run('timeout', ['20', '/bin/sh', '-c', node.script('follow.sh')], {
        // Written when it has told all that there was.
        onLine: (line) => {
          if (line.startsWith('1.50')) appendFileSync(node.inKinpod('events'), `2.00 ${end}\n2.50 api too late\n`);
        },
      });
      expect(stdout).toBe(`${begun}2.00 ${end}`);
    },
  );
});
