import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { defaultImageName } from '../../src/image/build/build-node-image.ts';
import { allPodsReady, TestCluster, useHome } from '../support/cluster.ts';
import { twoReplicas } from '../support/dial.ts';
import { eventually } from '../support/eventually.ts';
import { podman, removeTestObjects } from '../support/podman.ts';
import { unless } from '../support/unless.ts';
import { FURTHER_VERSIONS } from '../support/versions.ts';

/** `true` where the engine has the image. */
async function isHere(image: string): Promise<boolean> {
  return podman(['image', 'exists', image]).then(
    () => true,
    () => false,
  );
}

for (const version of FURTHER_VERSIONS) {
  const image = defaultImageName(version);
  // Minutes of compiling are not for the default run: npm run test:versions builds the images first.
  const noImage = (await isHere(image)) ? undefined : `${image} is not here: ./kinpod build node-image ${version}`;

  describe(`a cluster of Kubernetes ${version}`, unless(noImage), () => {
    const home = useHome();
    const cluster = new TestCluster(`v${version.split('.')[1]}`, home);

    beforeAll(async () => {
      await cluster.create({ config: config(image) });
    });
    afterAll(() => removeTestObjects(cluster.name));

    test('has Ready nodes of that version, and an API server of it', async () => {
      await cluster.waitFor('wait', 'nodes', '--all', '--for=condition=Ready');
      const { items } = await cluster.get<{ items: Node[] }>('nodes');
      expect(items.map((n) => n.status.nodeInfo.kubeletVersion)).toEqual([version, version]);
      expect(JSON.parse(await cluster.kubectl(['version', '-o', 'json'])).serverVersion.gitVersion).toBe(version);
    });

    test('has every system pod Running, none of them restarted', async () => {
      const pods = await allPodsReady(cluster);
      const restarted = pods.filter((p) => p.status.containerStatuses?.some((c) => c.restartCount > 0));
      expect(restarted.map((p) => p.metadata.name)).toEqual([]);
      const names = pods.map((p) => p.metadata.name).join(' ');
      for (const part of [
        'etcd',
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kube-proxy',
        'coredns',
      ]) {
        expect(names).toContain(part);
      }
    });

    test("is known to its own kubeadm, in the version of kubeadm's format that kind uses for it", async () => {
      const [document] = parseAllDocuments(await cluster.exec('cat', '/kind/kubeadm.conf'));
      const api = Number(version.split('.')[1]) < 36 ? 'v1beta3' : 'v1beta4';
      expect(document?.toJS()).toMatchObject({ apiVersion: `kubeadm.k8s.io/${api}`, kubernetesVersion: version });
      const { data } = await cluster.get<{ data: Record<string, string> }>('cm', 'kubeadm-config', '-n', 'kube-system');
      expect(data.ClusterConfiguration).toContain(`kubernetesVersion: ${version}`);
    });

    test('runs a workload whose pods find each other by name', async () => {
      const images = await cluster.exec('ctr', '-n', 'k8s.io', 'images', 'ls', '-q');
      const agnhost = images.split('\n').find((name) => name.includes('/agnhost:'));
      await cluster.apply(twoReplicas({ image: agnhost }));
      await cluster.waitFor('rollout', 'status', 'deployment/web');
      const ask = [
        'exec',
        'deployment/web',
        '--',
        '/agnhost',
        'connect',
        '--timeout=2s',
        'web.default.svc.cluster.local:80',
      ];
      await eventually(() => cluster.kubectl(ask).then(() => true), {
        withinMs: 30_000,
        everyMs: 500,
        what: 'the Service to be reached by its name',
      });
    });

    test('is deleted', async () => {
      await cluster.delete();
      expect(await cluster.home.kinpod(['get', 'nodes', '--name', cluster.name])).toMatchObject({
        exitCode: 0,
        stdout: '',
      });
    });
  });
}

function config(image: string): string {
  return `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  image: ${image}
- role: worker
  image: ${image}
`;
}

interface Node {
  status: { nodeInfo: { kubeletVersion: string } };
}
