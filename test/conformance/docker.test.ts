import { describe, expect, test } from 'vitest';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { chooseProvider } from '../../src/provider/detect.ts';
import { CLUSTER_LABEL } from '../../src/provider/labels.ts';
import { useDocker } from '../support/docker.ts';
import { TestDocker } from '../support/docker-daemon.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX } from '../support/podman.ts';
import { unless } from '../support/unless.ts';
import { providerContract } from './provider.ts';

describe("on a Docker daemon of the tests' own", unless(await TestDocker.whyNot()), () => {
  const docker = useDocker();
  const host = () => cheapFacts(realHost());

  providerContract('docker', {
    provider: async () => chooseProvider('docker', await host(), {}),
    image: NODE_IMAGE,
    version: 'v1.36.3',
    prefix: PREFIX,
    removeAll: async () => {
      const containers = await docker.lines('ps', '--all', '--quiet', '--filter', `name=^${PREFIX}contract`);
      if (containers.length > 0) await docker.docker(['rm', '--force', '--volumes', ...containers]);
    },
    halfNode: async (spec) => {
      await docker.docker(['create', '--name', spec.name, '--label', `${CLUSTER_LABEL}=${spec.cluster}`, spec.image]);
      return { isThere: async () => (await docker.lines('ps', '--all', '--format', '{{.Names}}')).includes(spec.name) };
    },
    restart: async (node) => void (await docker.docker(['restart', '--time', '0', node])),
  });

  test('Docker is chosen without being asked for, because its daemon answers', async () => {
    expect((await chooseProvider(undefined, await host(), process.env)).name).toBe('docker');
  });

  describe('the network', () => {
    const subnets = async (network: string) =>
      docker.docker(['network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Subnet}} {{end}}', network]);

    test("is kind's, with a subnet that Podman never chooses", async () => {
      await (await chooseProvider('docker', await host(), {})).ensureNetwork();
      expect(await subnets('kind')).toMatch(/^10\.(15[3-9]|1[6-9]\d|20\d|21[0-6])\.0\.0\/16 /);
    });

    test('is one of its own where kind has made that one so that no address can be fixed in it', async () => {
      await docker.docker(['network', 'rm', 'kind']);
      await docker.docker(['network', 'create', '--ipv6', '--subnet', 'fc00:f853:ccd:e793::/64', 'kind']);
      const provider = await chooseProvider('docker', await host(), {});
      await provider.ensureNetwork();
      expect(await subnets('kinpod')).toMatch(/^10\./);
      await provider.withAddresses(1, async ([address]) => expect(JSON.stringify(address)).toMatch(/"10\./));
      await docker.docker(['network', 'rm', 'kind', 'kinpod']);
    });

    test('that the user names is used, and explained where no address can be fixed in it', async () => {
      const network = `${PREFIX}net`;
      await docker.docker(['network', 'create', network]);
      const provider = await chooseProvider('docker', await host(), { KIND_EXPERIMENTAL_DOCKER_NETWORK: network });
      await provider.ensureNetwork();
      const cluster = `${PREFIX}contract-net`;
      const made = provider.withAddresses(1, async ([addresses]) => {
        if (!addresses) throw new Error('no address');
        const node = { name: `${cluster}-worker`, cluster, role: 'worker', image: NODE_IMAGE, addresses } as const;
        await provider.createNode({ ...node, ports: [], mounts: [], env: {}, labels: {} });
      });
      await expect(made).rejects.toMatchObject({ code: 'network-unusable', message: expect.stringContaining(network) });
      expect(await provider.deleteCluster(cluster)).toEqual([`${cluster}-worker`]);
      await docker.docker(['network', 'rm', network]);
    });
  });
});
