import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPodsReady, TestCluster, useHome } from '../support/cluster.ts';
import { everyPodReachesEveryPod, oneOnEveryNode } from '../support/dial.ts';
import { useDocker } from '../support/docker.ts';
import { TestDocker } from '../support/docker-daemon.ts';
import { eventually } from '../support/eventually.ts';
import { allNodesReady, answersItself } from '../support/nodes.ts';
import { unless } from '../support/unless.ts';

/** The family that asks for more: its ports are published on ::1, and a load balancer forwards from there. */
const ipFamily = existsSync('/proc/net/if_inet6') ? 'ipv6' : 'ipv4';

/** What a user notices of a control plane's end: the API must take writes again within this time. */
const OUTAGE_MS = 10_000;

describe(`several control planes of the family ${ipFamily} on Docker`, unless(await TestDocker.whyNot()), () => {
  const docker = useDocker();
  const home = useHome();
  const cluster = new TestCluster('docker-ha', home);
  const nodes = [...['', '2', '3'].map((n) => `${cluster.node}${n}`), `${cluster.name}-worker`];
  const loadBalancer = `${cluster.name}-external-load-balancer`;
  const config = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {ipFamily: ${ipFamily}}
nodes: [{role: control-plane}, {role: control-plane}, {role: control-plane}, {role: worker}]
`;

  beforeAll(async () => {
    const file = await home.write('cluster.yaml', config);
    const created = await cluster.kinpod(['create', 'cluster', '--wait', '2m', '--config', file]);
    expect(created, created.stderr).toMatchObject({ exitCode: 0 });
    // Pods that have IPv6 alone cannot ask Docker's DNS server.
    expect(created.stderr.includes("resolve the cluster's own names only")).toBe(ipFamily === 'ipv6');
    await docker.docker(['cp', `${cluster.node}:/usr/bin/kubectl`, home.path('kubectl')]);
  });
  afterAll(() => cluster.kinpod(['delete', 'cluster']));

  test('run every system pod, and are led to by the load balancer', async () => {
    await allNodesReady(cluster, nodes);
    await allPodsReady(cluster);
    const published = (await docker.docker(['port', loadBalancer, '6443/tcp'])).trim();
    expect(await cluster.server()).toBe(`https://${published}`);
  });

  test('have pods that reach each other, and a Service by its name', async () => {
    await cluster.apply(oneOnEveryNode());
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('are not missed when one is killed, which rejoins when it is started', async () => {
    await docker.docker(['kill', cluster.node]);
    await writes('kill', OUTAGE_MS);
    await docker.docker(['start', cluster.node]);
    await answersItself(cluster.node, (args) => docker.docker(args));
    await allNodesReady(cluster, nodes);
  });

  test('come back with the daemon, and so does the load balancer', async () => {
    await docker.restart();
    await writes('daemon', 120_000);
    await allNodesReady(cluster, nodes);
    await everyPodReachesEveryPod(cluster, nodes);
  });

  test('are deleted with everything that they had', async () => {
    const deleted = await cluster.kinpod(['delete', 'cluster']);
    expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0 });
    for (const node of [...nodes, loadBalancer]) expect(deleted.stderr).toContain(`"${node}"`);
    expect(await docker.lines('ps', '--all', '--format', '{{.Names}}')).toEqual([]);
    expect(await docker.lines('volume', 'ls', '--format', '{{.Name}}')).toEqual([]);
  });

  /** A write that may be repeated: one that failed here may have been done there. */
  const writes = (what: string, withinMs: number) =>
    eventually(
      async () => {
        const after = ['namespace', 'default', `after=${what}`, '--overwrite', '--request-timeout=3s'];
        return (await cluster.kubectl(['annotate', ...after])) !== '';
      },
      { withinMs, everyMs: 100, what: `a write after ${what}` },
    );
});
