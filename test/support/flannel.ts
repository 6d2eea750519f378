import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../../src/exec/directories.ts';
import { onPath } from '../../src/exec/on-path.ts';
import { run } from '../../src/exec/run.ts';
import { PREFIX } from './podman.ts';

/** A pod network that others make, built from its module. */
const FLANNEL_VERSION = 'v0.28.4';

const MODULE = `github.com/flannel-io/flannel@${FLANNEL_VERSION}`;

/** Milliseconds that the build may take, from an empty cache on a small machine. */
const BUILD_LIMIT_MS = 8 * 60_000;

/** Parts of it that these tests do not use: one needs a C compiler, the other a module that is not to be had everywhere. */
const LEFT_OUT = ['udp', 'tencentvpc'];

/** Why Flannel cannot be had on this machine, undefined where it can. */
export async function whyNoFlannel(): Promise<string | undefined> {
  if (await onPath('go', process.env)) return undefined;
  return `go is not installed, and Flannel ${FLANNEL_VERSION}, to test with, is built with it`;
}

/** Path of flanneld, a static program; built where it is not there. */
export async function flanneld(): Promise<string> {
  const dir = join(cacheDir(), 'test', `flannel-${FLANNEL_VERSION}`);
  const path = join(dir, 'flanneld');
  if (await readFile(path).catch(() => undefined)) return path;
  const work = await mkdtemp(join(tmpdir(), `${PREFIX}flannel-`));
  try {
    const { stdout } = await run('go', ['mod', 'download', '-json', MODULE], { cwd: work, timeoutMs: BUILD_LIMIT_MS });
    const source = join(work, 'source');
    await cp((JSON.parse(stdout) as { Dir: string }).Dir, source, { recursive: true });
    // The module cache is read-only.
    await run('chmod', ['-R', 'u+w', source]);
    await leaveOut(join(source, 'main.go'));
    const built = join(work, 'flanneld');
    await run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', built, '.'], {
      cwd: source,
      env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
      timeoutMs: BUILD_LIMIT_MS,
    });
    await chmod(built, 0o755);
    await mkdir(dir, { recursive: true });
    await cp(built, `${path}.partial`);
    await rename(`${path}.partial`, path);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function leaveOut(mainFile: string): Promise<void> {
  const lines = (await readFile(mainFile, 'utf8')).split('\n');
  await writeFile(mainFile, lines.filter((line) => !LEFT_OUT.some((b) => line.includes(`/backend/${b}"`))).join('\n'));
}

/**
 * Flannel as its own manifest deploys it, with the VXLAN backend, but for two things: the program lies in the node and runs in the
 * image of kube-proxy, which has the iptables that it calls; and what Flannel's CNI plugin would hand on to the plugin
 * `bridge` is written as that plugin's configuration.
 * @param image of kube-proxy
 */
export function flannelManifest(image: string, podSubnet: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: {name: kube-flannel}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: flannel, namespace: kube-flannel}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: flannel}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
- {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
- {apiGroups: [""], resources: [nodes/status], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: flannel}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: flannel}
subjects: [{kind: ServiceAccount, name: flannel, namespace: kube-flannel}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: flannel, namespace: kube-flannel}
data:
  net-conf.json: '{"Network": "${podSubnet}", "Backend": {"Type": "vxlan"}}'
  cni.sh: |
    # A node's part of the pod subnet is known when Flannel has its lease.
    set -eu
    until [ -s /run/flannel/subnet.env ]; do sleep 0.2; done
    . /run/flannel/subnet.env
    cat >/etc/cni/net.d/10-flannel.conflist.tmp <<EOF
    {"name": "cbr0", "cniVersion": "0.3.1", "plugins": [
      {"type": "bridge", "bridge": "cni0", "mtu": $FLANNEL_MTU, "hairpinMode": true, "isGateway": true,
       "isDefaultGateway": true, "ipMasq": false,
       "ipam": {"type": "host-local", "subnet": "\${FLANNEL_SUBNET%.*}.0/24", "routes": [{"dst": "$FLANNEL_NETWORK"}]}},
      {"type": "portmap", "capabilities": {"portMappings": true}}]}
    EOF
    mv /etc/cni/net.d/10-flannel.conflist.tmp /etc/cni/net.d/10-flannel.conflist
    exec sleep 1000000
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: flannel, namespace: kube-flannel}
spec:
  selector: {matchLabels: {app: flannel}}
  template:
    metadata: {labels: {app: flannel}}
    spec:
      hostNetwork: true
      priorityClassName: system-node-critical
      serviceAccountName: flannel
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      containers:
      - name: flannel
        image: ${image}
        command: [/opt/flannel/flanneld, --ip-masq, --kube-subnet-mgr]
        env:
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        securityContext: {privileged: true}
        volumeMounts:
        - {name: program, mountPath: /opt/flannel}
        - {name: run, mountPath: /run/flannel}
        - {name: config, mountPath: /etc/kube-flannel}
        - {name: lock, mountPath: /run/xtables.lock}
      - name: cni
        image: ${image}
        command: [sh, /etc/kube-flannel/cni.sh]
        volumeMounts:
        - {name: run, mountPath: /run/flannel}
        - {name: cni, mountPath: /etc/cni/net.d}
        - {name: config, mountPath: /etc/kube-flannel}
      volumes:
      - {name: program, hostPath: {path: /opt/flannel}}
      - {name: run, hostPath: {path: /run/flannel, type: DirectoryOrCreate}}
      - {name: cni, hostPath: {path: /etc/cni/net.d, type: DirectoryOrCreate}}
      - {name: config, configMap: {name: flannel}}
      - {name: lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
`;
}
