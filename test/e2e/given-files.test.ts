import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { authorityOfOthers } from '../support/authority.ts';
import { AGNHOST, allPodsReady, useCluster, useHome } from '../support/cluster.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podman } from '../support/podman.ts';

/** Where nodes have what the user's own files take the place of. */
const PKI = '/etc/kubernetes/pki';
const CONTAINERD = '/etc/containerd/config.toml';

describe('a cluster whose user has mounted keys and a configuration of containerd', () => {
  const home = useHome();
  const given: Record<string, string> = {};
  const cluster = useCluster('given', {
    config: async () => {
      const { certPem, keyPem } = await authorityOfOthers('my-own-ca');
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      Object.assign(given, {
        'ca.crt': certPem,
        'ca.key': keyPem,
        'sa.key': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        'sa.pub': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      });
      await mkdir(home.path('pki'));
      for (const [name, content] of Object.entries(given)) await home.write(`pki/${name}`, content);
      await home.write(
        'config.toml',
        `${await configOfImage(home.path('of-image'))}\n[metrics]\n  address = "127.0.0.1:1338"\n`,
      );
      return `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
containerdConfigPatches:
- |-
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "/etc/containerd/certs.d"
nodes:
- role: control-plane
  extraMounts:
  - {hostPath: ${home.path('pki')}, containerPath: ${PKI}}
  - {hostPath: ${home.path('config.toml')}, containerPath: ${CONTAINERD}}
- role: worker
  extraMounts:
  - {hostPath: ${home.path('pki')}, containerPath: ${PKI}, readOnly: true}
`;
    },
  });

  test('is built on them', async () => {
    const { stdout } = await cluster.kinpod(['get', 'kubeconfig', '--name', cluster.name]);
    const [, authority = ''] = /certificate-authority-data: (\S+)/.exec(stdout) ?? [];
    expect(new X509Certificate(Buffer.from(authority, 'base64')).subject).toBe('CN=my-own-ca');
    expect(JSON.parse(await cluster.kubectl(['get', '--raw', '/openid/v1/jwks']))).toMatchObject({
      keys: [{ kty: 'RSA', alg: 'RS256' }],
    });
    expect(await cluster.exec('cat', `${PKI}/ca.crt`)).toBe(given['ca.crt']?.trim());
    // Those that were not given are made, and lie beside them.
    expect((await home.read('pki/etcd/ca.crt')).trim()).toBe(await cluster.exec('cat', `${PKI}/etcd/ca.crt`));
  });

  test('works, on every node', async () => {
    await allPodsReady(cluster);
    const pod = ['run', 'token', '--image', AGNHOST, '--restart=Never', '--', 'pause'];
    await cluster.kubectl(pod);
    await cluster.waitFor('wait', '--for=condition=Ready', 'pod/token');
    expect(
      await cluster.kubectl(['exec', 'token', '--', 'cat', '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt']),
    ).toBe(given['ca.crt']?.trim());
  });

  test('leaves its user the keys as they were', async () => {
    for (const [name, content] of Object.entries(given)) expect(await home.read(`pki/${name}`)).toBe(content);
  });

  test('patches that configuration, which stays one file here and there', async () => {
    const text = await home.read('config.toml');
    expect(text).toContain('config_path = "/etc/containerd/certs.d"');
    expect(text).toContain('address = "127.0.0.1:1338"');
    expect(await cluster.exec('cat', CONTAINERD)).toBe(text.trim());
    expect(await cluster.exec('cat', '/proc/self/mounts')).toContain(` ${CONTAINERD} `);
  });
});

async function configOfImage(path: string): Promise<string> {
  const name = `${PREFIX}given-look`;
  await podman(['create', '--name', name, NODE_IMAGE]);
  try {
    await podman(['cp', `${name}:${CONTAINERD}`, path]);
  } finally {
    await podman(['rm', name]);
  }
  return readFile(path, 'utf8');
}
