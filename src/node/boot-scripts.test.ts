import { appendFileSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunOptions, run } from '../exec/run.ts';
import { bootScripts } from './boot-scripts.ts';

const { all, first, further } = await bootScripts();
const scripts: Record<string, string> = { ...all, ...first, ...further };

/** The root of what stands for a node. */
let node: string;
const inKinpod = (name: string) => join(node, 'kind/kinpod', name);

beforeEach(async () => {
  node = await mkdtemp(join(tmpdir(), 'kinpod-boot-'));
  for (const dir of ['bin', 'kind/kinpod', 'etc/kubernetes', 'var/lib/kubelet/pki']) {
    await mkdir(join(node, dir), { recursive: true });
  }
  // Whatever goes wrong here, no rule and no socket of this machine is touched.
  for (const name of ['conntrack', 'curl', 'ip', 'iptables', 'ss']) await program(name, 'exit 99');
  for (const name of ['iptables-restore', 'ip6tables-restore']) await program(name, `cat >>"${node}/asked"`);
});
afterEach(() => rm(node, { recursive: true, force: true }));

/** A program that notes what it is asked, and does what a shell script says. */
async function program(name: string, script: string): Promise<void> {
  const path = join(node, 'bin', name);
  await writeFile(path, `#!/bin/sh\necho "${name} $*" >>"${node}/asked"\n${script}\n`);
  await chmod(path, 0o755);
}

const asked = async () => (await readFile(join(node, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

/** A script whose files are those of the stand-in. */
function inNode(name: string): string {
  return (scripts[name] ?? '').replaceAll(/(?<![\w}])\/(?=(?:etc|kind|lib|sys|var)\/)/g, `${node}/`);
}

/** lib.sh does nothing by itself. Of the others only the functions are taken, not what they do with them. */
function functionsOf(name: string): string {
  return (inNode(name).match(/^\w+\(\) \{(?:$[\s\S]*?^\}| .*\}$)/gm) ?? []).join('\n');
}

/** Run some lines after lib.sh and the functions of a script, with the options that all these scripts set. */
function sh(lines: string, { from, env, input }: { from?: string } & Pick<RunOptions, 'env' | 'input'> = {}) {
  const text = ['set -eu', inNode('lib.sh'), from ? functionsOf(from) : '', lines].join('\n');
  const PATH = `${join(node, 'bin')}${delimiter}${process.env.PATH}`;
  return run('/bin/sh', ['-c', text], { env: { ...env, PATH }, input, allowFailure: true });
}

/** What they print, where they must not fail. */
async function printed(...args: Parameters<typeof sh>): Promise<string> {
  const { exitCode, stdout, stderr } = await sh(...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

test.each([
  ['10.89.128.1', '4', '10.89.128.1'],
  ['10.244.0.0/16', '4', '10.244.0.0/16'],
  ['fc00::1', '6', '[fc00::1]'],
])('%s is of family %s and stands as %s before a port', async (address, family, bracketed) => {
  expect(await printed(`family_of ${address}; bracketed ${address}`)).toBe(`${family}\n${bracketed}`);
});

test.each([
  ['LISTEN 0      4096   *:6443 *:*', 0],
  ['', 1],
])('what the kernel lists at a port (%j) tells whether somebody listens there', async (line, exitCode) => {
  await program('ss', `echo '${line}'`);
  expect((await sh('listens 6443')).exitCode).toBe(exitCode);
  expect(await asked()).toEqual(['ss -Hltn sport = :6443']);
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
    expect((await printed(`first_gate ${action}`, { env })).split('\n')).toEqual([
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.1 -j REDIRECT --to-ports 16443`,
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::1 -j REDIRECT --to-ports 16443`,
      `4 nat ${action} PREROUTING -p tcp --dport 6443 -s 10.89.128.2 -j REDIRECT --to-ports 16443`,
      `6 nat ${action} PREROUTING -p tcp --dport 6443 -s fc00::2 -j REDIRECT --to-ports 16443`,
    ]);
  });

  test.each(['-I', '-D'])('is reached by detours that stay in their family: %s', async (action) => {
    const detoured = { ...env, DETOURS: '10.89.128.9 fc00::9 10.89.128.2' };
    expect((await printed(`detours ${action}`, { env: detoured })).split('\n')).toEqual([
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.9 -j DNAT --to-destination 10.89.128.1:6443`,
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::9 -j DNAT --to-destination [fc00::1]:6443`,
      `4 nat ${action} OUTPUT -p tcp --dport 6443 -d 10.89.128.2 -j DNAT --to-destination 10.89.128.1:6443`,
    ]);
    expect(await printed(`detours ${action}`, { env: { ...detoured, FIRST_ADDRESSES: 'fc00::1' } })).toBe(
      `6 nat ${action} OUTPUT -p tcp --dport 6443 -d fc00::9 -j DNAT --to-destination [fc00::1]:6443`,
    );
  });

  const following = [
    '4 nat -A OUTPUT -m conntrack --ctstate INVALID',
    '6 nat -A OUTPUT -m conntrack --ctstate INVALID',
  ];

  test('is at the first control plane, if there is what lets connections through it', async () => {
    expect((await printed('gate', { from: 'network.sh', env })).split('\n')).toEqual(following);
    await mkdir(join(node, 'lib/systemd'), { recursive: true });
    await writeFile(join(node, 'lib/systemd/systemd-socket-proxyd'), '', { mode: 0o755 });
    expect(await printed('gate', { from: 'network.sh', env })).toBe(
      [...following, await printed('first_gate -I', { env })].join('\n'),
    );
  });

  test('is by a detour for every other node', async () => {
    const worker = { ...env, PART: 'worker', DETOURS: '10.89.128.9' };
    expect(await printed('gate', { from: 'network.sh', env: worker })).toBe(
      [...following, await printed('detours -I', { env: worker })].join('\n'),
    );
  });

  test('is there on the first boot only', async () => {
    await writeFile(inKinpod('set-up'), '');
    expect(await printed('gate', { from: 'network.sh', env })).toBe('');
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
    const lines = (await printed('rules', { from: 'network.sh', env })).split('\n');
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
    await program('ip', '');
    await writeFile(inKinpod('peers'), '10.244.1.0/24 10.89.128.2\nfd00:10:244:1::/64 fc00::2\n');
    await printed('peer_routes', { from: 'network.sh' });
    expect(await asked()).toEqual([
      'ip route replace 10.244.1.0/24 via 10.89.128.2',
      'ip route replace fd00:10:244:1::/64 via fc00::2',
    ]);
  });

  test.each([
    ["echo '3: eth1    inet 10.89.128.1/24 brd 10.89.128.255 scope global eth1'", 9000],
    ['', 1400],
  ])('lets pods send what fits through the device of the node, else eth0: %j', async (addresses, mtu) => {
    await program('ip', addresses);
    const conf = join(node, 'etc/cni/net.d/10-kindnet.conflist');
    await mkdir(join(conf, '..'), { recursive: true });
    await writeFile(conf, '{"type":"ptp","mtu": 1500,"ipMasq":false}\n');
    for (const [device, text] of Object.entries({ eth0: '1400\n', eth1: '9000\n' })) {
      await mkdir(join(node, 'sys/class/net', device), { recursive: true });
      await writeFile(join(node, 'sys/class/net', device, 'mtu'), text);
    }
    await printed('fit_mtu', { from: 'network.sh', env: { NODE_ADDRESSES: '10.89.128.1 fc00::1' } });
    expect(await readFile(conf, 'utf8')).toBe(`{"type":"ptp","mtu": ${mtu},"ipMasq":false}\n`);
    expect(await asked()).toEqual(['ip -o address show to 10.89.128.1']);
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
  const apply = (input: string, more = {}) => sh('apply_rules', { env: { ...env, ...more }, input });

  test('hands over at once what is of a family, table by table', async () => {
    expect(await apply(ipv6 + ipv4)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await asked()).toEqual([
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
    expect((await asked()).filter((line) => line.includes('restore'))).toEqual(['iptables-restore --noflush --wait']);
  });

  describe('where the kernel has no filter for IPv6', () => {
    beforeEach(() => program('ip6tables-restore', 'cat >/dev/null; exit 3'));
    const triesOfIpv6 = async () => (await asked()).filter((line) => line.startsWith('ip6tables-restore')).length;

    test('does without for a cluster of IPv4, and does not try again', async () => {
      expect((await apply(ipv4 + ipv6)).exitCode).toBe(0);
      expect(await readdir(join(node, 'kind/kinpod'))).toContain('no-ipv6-rules');
      expect((await apply(ipv4 + ipv6)).exitCode).toBe(0);
      expect(await triesOfIpv6()).toBe(1);
    });

    test.each([
      { MASQUERADE_SUBNETS: '10.244.0.0/16 fd00:10:244::/56' },
      { REFUSED_SUBNETS: '10.96.0.0/16 fd00:10:96::/112' },
      { API_SERVICE_ADDRESS: 'fd00:10:96::1' },
    ])('fails for a cluster that uses it: %j', async (more) => {
      expect((await apply(ipv4 + ipv6, more)).exitCode).toBe(1);
      expect(await readdir(join(node, 'kind/kinpod'))).not.toContain('no-ipv6-rules');
    });
  });

  test('fails where the rules of IPv4 are refused, whoever listens', async () => {
    await program('iptables-restore', 'cat >/dev/null; exit 2');
    expect((await apply(ipv4 + ipv6)).exitCode).toBe(1);
    expect(await asked()).toEqual(['iptables-restore --noflush --wait']);
  });
});

describe('watch_for', () => {
  const url = 'https://kind-control-plane:6443/api/v1/nodes?watch=true';

  test('ends at the line that it is to wait for, and with it the watch', async () => {
    // Of its own it would end in time for this test to fail.
    await program('curl', `echo '{"type":"ADDED"}'; echo '{"type":"MODIFIED"}'; exec sleep 20`);
    expect(
      await printed(`watch_for node '"MODIFIED"' --max-time 30 '${url}'; wait "$watching" || echo "ended with $?"`),
    ).toBe('ended with 143');
    expect(await asked()).toEqual([expect.stringMatching(/^curl --noproxy \* .* --max-time 30 https:\S+watch=true$/)]);
    expect(await readdir(join(node, 'kind/kinpod'))).toEqual([]);
  });

  test.each([
    ['without that line', `echo '{"type":"ADDED"}'`],
    ['without a word', 'exit 7'],
  ])('fails where the watch ends %s', async (_, curl) => {
    await program('curl', curl);
    expect((await sh(`watch_for node '"MODIFIED"' '${url}'`)).exitCode).toBe(1);
    expect(await readdir(join(node, 'kind/kinpod'))).toEqual([]);
  });

  test('is not in the way of an earlier one that was ended in the middle', async () => {
    await writeFile(inKinpod('watch-node'), '');
    await program('curl', `echo '{"type":"ADDED"}'`);
    await printed(`watch_for node '"ADDED"' '${url}'`);
  });
});

/** As `ss -HtniO` prints it. */
function socketLine(sent: number | undefined, received: number | undefined, source = '10.89.128.2:38846'): string {
  // A field that is 0 is left out.
  const times = Object.entries({ lastsnd: sent, lastrcv: received, lastack: 152 })
    .flatMap(([name, value]) => (value ? [`${name}:${value} `] : []))
    .join('');
  return (
    `ESTAB 0      0      ${source} 10.89.128.9:6443 bbr wscale:10,10 rto:204 rtt:0.041/0.023 ato:40 mss:32768 ` +
    'pmtu:65535 rcvmss:536 advmss:65483 cwnd:11 bytes_sent:1 bytes_acked:2 bytes_received:1 segs_out:4 segs_in:3 ' +
    'data_segs_out:1 data_segs_in:1 bbr:(bw:29127109368bps,mrtt:0.009,pacing_gain:2.88672,cwnd_gain:2.88672) ' +
    `send 70331317073bps ${times}pacing_rate 162728514256bps delivered:2 app_limited minrtt:0.009 snd_wnd:65536`
  );
}

describe('the detour is left', () => {
  test.each([
    ['lastsnd', socketLine(150, 38), '150'],
    ['lastrcv', socketLine(150, 38), '38'],
    ['lastrcv', socketLine(150, undefined), '0'],
    ['lastsnd', socketLine(undefined, 38), '0'],
    ['lastsnd', 'ESTAB 0 0 10.89.128.2:1 10.89.128.9:6443 lastsnd:7', '7'],
  ])("with the kernel's %s of %j: %s ms", async (name, line, milliseconds) => {
    expect(await printed(`milliseconds ${name} '${line}'`, { from: 'join.sh' })).toBe(milliseconds);
  });

  test.each([
    ['that is gone', '', true],
    ['that has sent just now', socketLine(undefined, 152), false],
    ['that has sent 150 ms ago', socketLine(150, 150), false],
    ['that has sent 200 ms ago and was answered', socketLine(200, 200), true],
    ['that has sent 300 ms ago and was answered later', socketLine(300, 250), true],
    ['that has sent 300 ms ago and was answered just now', socketLine(300, undefined), true],
    ['that has sent 300 ms ago and has heard at that time', socketLine(300, 400), true],
    ['that has sent 300 ms ago and has heard nothing since', socketLine(300, 401), false],
  ])('by a socket %s: %j is quiet: %s', async (_, line, quiet) => {
    await program('ss', line && `echo '${line}'`);
    const { exitCode } = await sh('is_quiet 10.89.128.9 10.89.128.2:38846', { from: 'join.sh' });
    expect(exitCode).toBe(quiet ? 0 : 1);
    expect(await asked()).toEqual(['ss -HtniO dst 10.89.128.9 dport = :6443 src 10.89.128.2:38846']);
  });

  const env = { API_ENDPOINT: 'kind-external-load-balancer:6443', PATIENCE: '1', DETOURS: '10.89.128.9 fc00::9' };
  const sockets = {
    'dst 10.89.128.9 dport = :6443': '10.89.128.2:38846',
    'dst [fc00::9] dport = :6443': '[fc00::2]:38848',
  };
  /** Connections that are there whenever somebody looks, one of each family. */
  const ss = (sent: number) =>
    Object.entries(sockets)
      .map(([filter, source]) => `case "$*" in "-HtniO ${filter}"*) echo '${socketLine(sent, sent, source)}' ;; esac`)
      .join('\n');
  const ended = [
    ...['ss --kill --tcp dst 10.89.128.9 dport = :6443 src 10.89.128.2:38846'],
    ...['conntrack -D -p tcp --orig-dst 10.89.128.9 --dport 6443'],
    ...['ss --kill --tcp dst [fc00::9] dport = :6443 src [fc00::2]:38848'],
    ...['conntrack -D -p tcp --orig-dst fc00::9 --dport 6443'],
  ];
  const isEnd = (line: string) => line.startsWith('ss --kill') || line.startsWith('conntrack');

  test('by ending what went over it, once the API server answers without it', async () => {
    // curl fails as long as nobody answers.
    await program('curl', `[ -e "${node}/answers" ] || { : >"${node}/answers"; exit 7; }`);
    await program('sleep', '');
    await program('ss', ss(300));
    await printed('leave_detours', { from: 'join.sh', env });
    const lines = await asked();
    expect(lines.filter(isEnd)).toEqual(ended);
    expect(lines.map((line) => line.split(' ')[0]).slice(0, 4)).toEqual(['curl', 'sleep', 'curl', 'ss']);
    expect(lines.filter((line) => line === 'sleep 0.1')).toEqual([]);
  });

  test('after 3 s, however much is said there, and by a kernel that can end nothing', async () => {
    await program('curl', '');
    await program('sleep', '');
    await program('ss', `case $1 in --kill) exit 1 ;; esac\n${ss(1)}`);
    await printed('leave_detours', { from: 'join.sh', env });
    const lines = await asked();
    expect(lines.filter((line) => line === 'sleep 0.1')).toHaveLength(30);
    expect(lines.filter(isEnd)).toEqual(ended);
  });
});

describe('what is made through the API', () => {
  const env = { PATIENCE: '1', API: 'https://localhost:6443' };
  const post = () => sh('post_node nodes/a.json a', { from: 'api.sh', env });
  const isPatch = (line: string) =>
    line.includes('--request PATCH') && line.endsWith(' https://localhost:6443/api/v1/nodes/a');

  test.each([
    ['is made', '201', 0, 0],
    ['completes what the kubelet has made', '409', 0, 1],
    ['is to be tried again where it is refused', '403', 1, 0],
  ])('a Node %s: %s', async (_, status, exitCode, patches) => {
    await writeFile(inKinpod('answer.log'), 'why\n');
    await program('curl', `case "$*" in *PATCH*) echo 200 ;; *) echo ${status} ;; esac`);
    const result = await post();
    expect(result).toMatchObject({ exitCode, stdout: exitCode ? 'why' : '' });
    expect((await asked()).filter(isPatch)).toHaveLength(patches);
  });

  test('a Node that could not be completed is to be tried again', async () => {
    await program('curl', 'case "$*" in *PATCH*) echo 422 ;; *) echo 409 ;; esac');
    expect((await post()).exitCode).toBe(1);
  });
});

describe('keep_identity', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n';
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const kubeconfig = (certificateField: string, keyField: string) =>
    'apiVersion: v1\nclusters:\n- cluster:\n' +
    `    certificate-authority-data: ${base64(certificate)}\n    server: https://kind-control-plane:6443\n` +
    `kind: Config\nusers:\n- name: system:node:a\n  user:\n    ${certificateField}\n    ${keyField}\n`;
  const conf = () => join(node, 'etc/kubernetes/kubelet.conf');
  const pki = (name = '') => join(node, 'var/lib/kubelet/pki', name);

  test("puts the kubelet's certificate and key where the kubelet keeps them", async () => {
    await program('date', 'echo 2026-01-02-03-04-05');
    await writeFile(
      conf(),
      kubeconfig(`client-certificate-data: ${base64(certificate)}`, `client-key-data: ${base64(key)}`),
    );
    await printed('keep_identity', { from: 'files.sh' });
    const pair = pki('kubelet-client-2026-01-02-03-04-05.pem');
    expect(await readFile(pair, 'utf8')).toBe(certificate + key);
    expect((await stat(pair)).mode & 0o777).toBe(0o600);
    const current = pki('kubelet-client-current.pem');
    expect((await lstat(current)).isSymbolicLink() && (await readlink(current))).toBe(pair);
    expect(await readFile(conf(), 'utf8')).toBe(kubeconfig(`client-certificate: ${current}`, `client-key: ${current}`));
    expect(await asked()).toEqual(['date -u +%Y-%m-%d-%H-%M-%S']);
  });

  test('leaves a kubeconfig alone that names files already', async () => {
    const text = kubeconfig('client-certificate: /etc/a.pem', 'client-key: /etc/a.pem');
    await writeFile(conf(), text);
    await printed('keep_identity', { from: 'files.sh' });
    expect(await readFile(conf(), 'utf8')).toBe(text);
    expect(await readdir(pki())).toEqual([]);
  });

  test('does nothing where there is no kubeconfig', async () => {
    await printed('keep_identity', { from: 'files.sh' });
    expect(await readdir(pki())).toEqual([]);
  });
});

describe('the host is told', () => {
  const events = () => readFile(inKinpod('events'), 'utf8');

  test.each([
    ['exit 3', /^\d+\.\d+ failed joining failed \(exit code 3\)\n$/],
    ['event "done" "set up"', /^\d+\.\d+ done set up\n$/],
  ])('how a script ended: %s', async (end, expected) => {
    await sh(`trap 'fail_early "joining failed"' EXIT\n${end}`);
    expect(await events()).toMatch(expected);
  });

  test('which program a node image does not have', async () => {
    expect((await sh('require ss no-such-program; echo on')).stdout).toBe('');
    expect(await events()).toMatch(/^\S+ failed the node image has no no-such-program\n$/);
  });

  test.each(['done set up', 'failed joining failed (exit code 3)'])(
    'what happens as it happens, to the end: %s',
    async (end) => {
      const begun = '1.00 files a failed look is done again\n1.50 api what follows\n';
      await writeFile(inKinpod('events'), begun);
      // timeout(1) ends the pipeline too, where it does not end by itself.
      const { stdout } = await run('timeout', ['20', '/bin/sh', '-c', inNode('follow.sh')], {
        // Written when it has told all that there was.
        onLine: (line) => {
          if (line.startsWith('1.50')) appendFileSync(inKinpod('events'), `2.00 ${end}\n2.50 api too late\n`);
        },
      });
      expect(stdout).toBe(`${begun}2.00 ${end}`);
    },
  );
});
