import { lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ShellNode } from './testing/shell-node.ts';

const node = new ShellNode();

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
    expect(await node.printed(`milliseconds ${name} '${line}'`, { from: 'join.sh' })).toBe(milliseconds);
  });

  test.each([
    ['that is gone', '', true],
    ['that has sent just now', socketLine(undefined, 152), false],
    ['that has sent 0.9 s ago', socketLine(999, 999), false],
    ['that has sent 1 s ago and was answered', socketLine(1000, 1000), true],
    ['that has sent 1.2 s ago and was answered later', socketLine(1200, 250), true],
    ['that has sent 1.2 s ago and was answered just now', socketLine(1200, undefined), true],
    ['that has sent 1.2 s ago and has heard at that time', socketLine(1200, 1300), true],
    ['that has sent 1.2 s ago and has heard nothing since', socketLine(1200, 1301), false],
    ['that has sent 1.9 s ago and has heard nothing since', socketLine(1999, 9000), false],
    ['that has sent 2 s ago, for which one waits here, and has heard nothing since', socketLine(2000, 9000), true],
  ])('by a socket %s: %j is quiet: %s', async (_, line, quiet) => {
    await node.program('ss', line && `echo '${line}'`);
    const patient = { from: 'join.sh', env: { PATIENCE: '2' } };
    const { exitCode } = await node.sh('is_quiet 10.89.128.9 10.89.128.2:38846', patient);
    expect(exitCode).toBe(quiet ? 0 : 1);
    expect(await node.asked()).toEqual(['ss -HtniO dst 10.89.128.9 dport = :6443 src 10.89.128.2:38846']);
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
    await node.program('curl', `[ -e "${node.path()}/answers" ] || { : >"${node.path()}/answers"; exit 7; }`);
    await node.program('sleep', '');
    await node.program('ss', ss(600));
    await node.printed('leave_detours', { from: 'join.sh', env });
    const lines = await node.asked();
    expect(lines.filter(isEnd)).toEqual(ended);
    expect(lines.map((line) => line.split(' ')[0]).slice(0, 4)).toEqual(['curl', 'sleep', 'curl', 'ss']);
    expect(lines.filter((line) => line === 'sleep 0.1')).toEqual([]);
  });

  test('after 3 s, however much is said there, and by a kernel that can end nothing', async () => {
    await node.program('curl', '');
    await node.program('sleep', '');
    await node.program('ss', `case $1 in --kill) exit 1 ;; esac\n${ss(1)}`);
    await node.printed('leave_detours', { from: 'join.sh', env });
    const lines = await node.asked();
    expect(lines.filter((line) => line === 'sleep 0.1')).toHaveLength(30);
    expect(lines.filter(isEnd)).toEqual(ended);
  });
});

describe('what is made through the API', () => {
  const env = { PATIENCE: '1', API: 'https://localhost:6443' };
  const post = () => node.sh('post_node nodes/a.json a', { from: 'api.sh', env });
  const isPatch = (line: string) =>
    line.includes('--request PATCH') && line.endsWith(' https://localhost:6443/api/v1/nodes/a');

  test.each([
    ['is made', '201', 0, 0],
    ['completes what the kubelet has made', '409', 0, 1],
    ['is to be tried again where it is refused', '403', 1, 0],
  ])('a Node %s: %s', async (_, status, exitCode, patches) => {
    await writeFile(node.inKinpod('answer.log'), 'why\n');
    await node.program('curl', `case "$*" in *PATCH*) echo 200 ;; *) echo ${status} ;; esac`);
    const result = await post();
    expect(result).toMatchObject({ exitCode, stdout: exitCode ? 'why' : '' });
    expect((await node.asked()).filter(isPatch)).toHaveLength(patches);
  });

  test('a Node that could not be completed is to be tried again', async () => {
    await node.program('curl', 'case "$*" in *PATCH*) echo 422 ;; *) echo 409 ;; esac');
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
  const conf = () => node.path('etc/kubernetes/kubelet.conf');
  const pki = (name = '') => node.path('var/lib/kubelet/pki', name);

  test("puts the kubelet's certificate and key where the kubelet keeps them", async () => {
    await node.program('date', 'echo 2026-01-02-03-04-05');
    await writeFile(
      conf(),
      kubeconfig(`client-certificate-data: ${base64(certificate)}`, `client-key-data: ${base64(key)}`),
    );
    await node.printed('keep_identity', { from: 'files.sh' });
    const pair = pki('kubelet-client-2026-01-02-03-04-05.pem');
    expect(await readFile(pair, 'utf8')).toBe(certificate + key);
    expect((await stat(pair)).mode & 0o777).toBe(0o600);
    const current = pki('kubelet-client-current.pem');
    expect((await lstat(current)).isSymbolicLink() && (await readlink(current))).toBe(pair);
    expect(await readFile(conf(), 'utf8')).toBe(kubeconfig(`client-certificate: ${current}`, `client-key: ${current}`));
    expect(await node.asked()).toEqual(['date -u +%Y-%m-%d-%H-%M-%S']);
  });

  test('leaves a kubeconfig alone that names files already', async () => {
    const text = kubeconfig('client-certificate: /etc/a.pem', 'client-key: /etc/a.pem');
    await writeFile(conf(), text);
    await node.printed('keep_identity', { from: 'files.sh' });
    expect(await readFile(conf(), 'utf8')).toBe(text);
    expect(await readdir(pki())).toEqual([]);
  });

  test('does nothing where there is no kubeconfig', async () => {
    await node.printed('keep_identity', { from: 'files.sh' });
    expect(await readdir(pki())).toEqual([]);
  });
});
