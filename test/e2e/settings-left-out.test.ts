import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { getuid } from 'node:process';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { useCluster, useHome } from '../support/cluster.ts';
import { podmanLines } from '../support/podman.ts';

describe('a cluster without kube-proxy and DNS', () => {
  const cluster = useCluster('lean', {
    config: `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {kubeProxyMode: none, apiServerPort: -1, dnsSearch: []}
kubeadmConfigPatches:
- "kind: ClusterConfiguration\\ndns: {disabled: true}\\nnetworking: {podSubnet: 10.213.0.0/16}\\n"
- "kind: InitConfiguration\\nskipPhases: [preflight, addon/kube-proxy, mark-control-plane, bootstrap-token]\\n"
`,
  });

  test('has neither, and what its patches leave out is left out', async () => {
    expect(await cluster.kubectl(['get', 'daemonsets,deployments', '-n', 'kube-system', '-o', 'name'])).toBe('');
    const { metadata } = await cluster.get<Node>('node', cluster.node);
    expect(metadata.labels).not.toHaveProperty('node-role.kubernetes.io/control-plane');
    expect(await cluster.kubectl(['get', 'secrets', '-n', 'kube-system', '-o', 'name'])).not.toContain(
      'bootstrap-token',
    );
  });

  test('has the pod subnet that a patch gives it', async () => {
    const { spec } = await cluster.get<Node>('node', cluster.node);
    expect(spec.podCIDRs).toEqual(['10.213.0.0/24']);
    expect(await cluster.exec('iptables-save', '-t', 'nat')).toContain('-s 10.213.0.0/16 -j KINPOD-MASQ');
  });

  test('leads nobody to Services, and refuses none', async () => {
    const rules = await cluster.exec('iptables-save');
    expect(rules).toContain('KINPOD-MASQ');
    expect(rules).not.toContain('10.96.0.');
  });

  test('an empty list of search domains removes them', async () => {
    expect(await cluster.exec('cat', '/etc/resolv.conf')).not.toMatch(/^search/m);
  });

  test('has its API server at a port that the engine picked', async () => {
    const [, port] = (await podmanLines('port', cluster.node, '6443/tcp')).join('').split(':');
    expect(await cluster.server()).toBe(`https://127.0.0.1:${port}`);
  });
});

describe('what this host cannot do is told before anything is made', () => {
  const home = useHome();

  test('kube-proxy in mode ipvs without IPVS in the kernel', async ({ skip }) => {
    skip(existsSync('/proc/net/ip_vs'), 'this kernel has IPVS');
    expect(await warnings('networking: {kubeProxyMode: ipvs}')).toMatch(/kubeProxyMode ipvs: the kernel has no IPVS/);
  });

  test('mounts that do not propagate', async ({ skip }) => {
    skip(getuid?.() !== 0, 'only root may mount');
    const private_ = home.path('private');
    await mkdir(private_);
    await run('mount', ['-t', 'tmpfs', '-o', 'private', 'private', private_]);
    await run('mount', ['--make-private', private_]);
    try {
      const mount = `{hostPath: ${private_}, containerPath: /x, propagation: HostToContainer}`;
      expect(await warnings(`nodes: [{role: control-plane, extraMounts: [${mount}]}]`)).toContain(
        `mount --make-rshared ${private_}`,
      );
    } finally {
      await run('umount', [private_]);
    }
  });

  async function warnings(yaml: string): Promise<string> {
    const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${yaml}\n`;
    const path = await home.write('cluster.yaml', text);
    const { stderr, exitCode } = await home.kinpod([...['create', 'cluster', '--dry-run', '--config', path]]);
    expect(exitCode).toBe(0);
    return stderr;
  }
});

interface Node {
  metadata: { labels: Record<string, string> };
  spec: { podCIDRs: string[] };
}
