import { spawn } from 'node:child_process';
import { release } from 'node:os';
import { getuid } from 'node:process';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import { AGNHOST, allPodsReady, http, type Pod, useCluster } from '../support/cluster.ts';
import { twoReplicas } from '../support/dial.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { podman } from '../support/podman.ts';

/** Ports of the workload below: of its Service on every node, and of one pod on the node it is on. */
const NODE_PORT = 30080;
const HOST_PORT = 8081;
/** Processes that a pod may have. */
const PIDS_LIMIT = 777;

const publishedPort = await freePort();
const cluster = useCluster('work', {
  config: `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  extraPortMappings:
  - containerPort: ${NODE_PORT}
    hostPort: ${publishedPort}
    listenAddress: 127.0.0.1
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  podPidsLimit: ${PIDS_LIMIT}
`,
});

test('a Deployment of two replicas rolls out', async () => {
  const service = `type: NodePort\nports: [{port: 80, targetPort: 8080, nodePort: ${NODE_PORT}}]`;
  await cluster.apply(`${twoReplicas({ service })}---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  containers:
  - name: client
    image: ${AGNHOST}
    args: [netexec, --http-port=8080]
    ports: [{containerPort: 8080, hostPort: ${HOST_PORT}}]
    readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
`);
  await cluster.waitFor('rollout', 'status', 'deployment/web');
  await cluster.waitFor('wait', 'pod/client', '--for=condition=Ready');
  expect(await replicas()).toHaveLength(2);
});

describe('its Service', () => {
  test('is reached by name from another pod, and leads to both replicas', async () => {
    await reaches('web');
    await reaches('web.default.svc.cluster.local');
  });

  test('is reached by its ClusterIP from another pod', async () => {
    const { spec } = await cluster.get<{ spec: { clusterIP: string } }>('service', 'web');
    await reaches(spec.clusterIP);
  });

  test('is reached from the host by the NodePort', async ({ skip }) => {
    skip(getuid?.() !== 0, "the nodes' network of a rootless engine cannot be reached from the host");
    const answer = await http(`http://${await cluster.nodeAddress()}:${NODE_PORT}/hostname`, 'the NodePort');
    expect(await replicas()).toContain(answer);
  });

  test('is reached from the host by the port that the configuration maps', async () => {
    const answer = await http(`http://127.0.0.1:${publishedPort}/hostname`, 'the mapped port');
    expect(await replicas()).toContain(answer);
  });
});

test("a pod's hostPort is reached from the host", async ({ skip }) => {
  skip(getuid?.() !== 0, "the nodes' network of a rootless engine cannot be reached from the host");
  expect(await http(`http://${await cluster.nodeAddress()}:${HOST_PORT}/hostname`, 'the hostPort')).toBe('client');
});

test('a pod reaches the API server by the name of its Service, and has an account to show', async () => {
  const show = await cluster.kubectl(['exec', 'client', '--', 'cat', TOKEN_FILE]);
  expect(show.split('.')).toHaveLength(3);
  // Prints a reason where it cannot connect.
  const inPod = ['exec', 'client', '--', '/agnhost', 'connect', '--timeout=10s', 'kubernetes.default:443'];
  expect(await cluster.kubectl(inPod)).toBe('');
});

describe('kubectl', () => {
  test('logs shows what a pod prints', async () => {
    const text = await cluster.kubectl(['logs', 'client']);
    expect(text).toContain('Started HTTP server on port 8080');
  });

  test('exec runs a program in a pod and passes on stdin, output and exit code', async () => {
    const echoed = await cluster.kubectl(['exec', '-i', 'client', '--', 'cat'], { input: 'through the kubelet' });
    expect(echoed).toBe('through the kubelet');
    await expect(cluster.kubectl(['exec', 'client', '--', 'sh', '-c', 'exit 7'])).rejects.toThrow('exit code 7');
  });

  test('port-forward leads to a pod', async () => {
    const port = await freePort();
    const forward = spawn(cluster.home.path('kubectl'), ['port-forward', 'pod/client', `${port}:8080`], {
      env: { ...process.env, ...cluster.home.env },
      stdio: 'ignore',
    });
    try {
      expect(await http(`http://127.0.0.1:${port}/hostname`, 'the forwarded port')).toBe('client');
    } finally {
      forward.kill();
    }
  });

  test('cp copies a file into a pod and back', async () => {
    const file = await cluster.home.write('there', 'and back\n');
    await cluster.kubectl(['cp', file, 'client:/tmp/there']);
    await cluster.kubectl(['cp', 'client:/tmp/there', cluster.home.path('back')]);
    expect(await cluster.home.read('back')).toBe('and back\n');
  });
});

test('a PersistentVolumeClaim is bound by the default StorageClass, and a second pod reads what the first wrote', async () => {
  await cluster.apply(`
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Mi}}
`);
  await cluster.apply(podWithData('writer', ['sh', '-c', 'echo kept > /data/file']));
  await cluster.waitFor('wait', 'pod/writer', '--for=jsonpath={.status.phase}=Succeeded');
  const claim = await cluster.get<{ status: { phase: string }; spec: { storageClassName: string } }>('pvc', 'data');
  expect([claim.status.phase, claim.spec.storageClassName]).toEqual(['Bound', 'standard']);
  await cluster.kubectl(['delete', 'pod', 'writer', '--wait', '--grace-period=0']);
  await cluster.apply(podWithData('reader', ['cat', '/data/file']));
  await cluster.waitFor('wait', 'pod/reader', '--for=jsonpath={.status.phase}=Succeeded');
  expect(await cluster.kubectl(['logs', 'reader'])).toBe('kept');
});

test('a Job completes and its status says so', async () => {
  await cluster.apply(`
apiVersion: batch/v1
kind: Job
metadata: {name: sum}
spec:
  completions: 2
  parallelism: 2
  template:
    spec:
      restartPolicy: Never
      containers: [{name: sum, image: "${AGNHOST}", command: [sh, -c, "echo $((20 + 22))"]}]
`);
  await cluster.waitFor('wait', 'job/sum', '--for=condition=Complete');
  const { status } = await cluster.get<{ status: { succeeded: number; failed?: number } }>('job', 'sum');
  expect(status).toMatchObject({ succeeded: 2 });
  expect(status.failed).toBeUndefined();
  expect(await cluster.kubectl(['logs', 'job/sum'])).toContain('42');
});

test("the kubelet's measurements are reached through the API server", async () => {
  const path = `/api/v1/nodes/${cluster.node}/proxy/stats/summary`;
  const memory = await eventually(
    async () => {
      const { pods } = JSON.parse(await cluster.kubectl(['get', '--raw', path])) as Summary;
      // Zero is what it measured before the pod's first container ran.
      return pods.find((p) => p.podRef.name === 'client')?.memory?.workingSetBytes || undefined;
    },
    // It measures every 10 s or so, less often where nothing changes.
    { withinMs: 60_000, everyMs: 500, what: 'the memory that a pod uses' },
  );
  expect(memory).toBeGreaterThan(0);
});

describe("a pod's limits", () => {
  test('of memory: what goes beyond them is killed, and the status says why', async () => {
    await cluster.apply(confined('hog', ['tail', '/dev/zero'], 'limits: {memory: 32Mi}'));
    await cluster.waitFor('wait', 'pod/hog', '--for=jsonpath={.status.phase}=Failed');
    const ended = 'jsonpath={.status.containerStatuses[0].state.terminated.reason}';
    expect(await cluster.kubectl(['get', 'pod', 'hog', '-o', ended])).toBe('OOMKilled');
    await cluster.kubectl(['delete', 'pod', 'hog', '--now']);
  });

  test('of CPU, memory and processes are in its cgroup', async () => {
    await cluster.apply(confined('limited', ['sleep', '3600'], 'limits: {cpu: 100m, memory: 64Mi}'));
    await cluster.waitFor('wait', 'pod/limited', '--for=condition=Ready');
    const uid = await cluster.kubectl(['get', 'pod', 'limited', '-o', 'jsonpath={.metadata.uid}']);
    // The systemd driver writes dashes of the UID as underscores.
    const slice = `*pod${uid.replaceAll('-', '_')}.slice`;
    const values = async (where: string, ...names: string[]) => {
      const any = names.flatMap((name, i) => [...(i > 0 ? ['-o'] : []), '-path', `${slice}${where}/${name}`]);
      const files = await cluster.exec('find', '/sys/fs/cgroup', '(', ...any, ')', '-exec', 'cat', '{}', '+');
      return new Set(files.split('\n').filter(Boolean));
    };
    // The names of cgroup v1 and of v2. CPU is counted for 0.1 s at a time.
    expect(await values('', 'pids.max')).toEqual(new Set([String(PIDS_LIMIT)]));
    expect(await values('/*', 'cpu.cfs_quota_us', 'cpu.max')).toContainEqual(
      expect.stringMatching(/^10000( 100000)?$/),
    );
    expect(await values('/*', 'memory.limit_in_bytes', 'memory.max')).toContain(String(64 * 1024 ** 2));
  });
});

test('the seccomp profile of the runtime is in force where a pod asks for it, and only there', async () => {
  // Mode 2 is a filter (proc(5)).
  const mode = async (pod: string) =>
    (await cluster.kubectl(['exec', pod, '--', 'cat', '/proc/self/status'])).match(/^Seccomp:.*$/m)?.[0];
  expect(await mode('limited')).toBe('Seccomp:\t2');
  expect(await mode('client')).toBe('Seccomp:\t0');
  await cluster.kubectl(['delete', 'pod', 'limited', '--now']);
});

test('a pod with `hostUsers: false` has users of its own, to whom its volumes and /etc belong', async ({ skip }) => {
  const { status } = await cluster.get<{ status: NodeStatus }>('node', cluster.node);
  const able = status.runtimeHandlers?.some((handler) => handler.features?.userNamespaces) ?? false;
  skip(!able, "the nodes' container runtime has no user namespaces for pods");
  skip(getuid?.() !== 0, 'in the user namespace of a rootless engine the kernel shifts no owners');
  // With tmpfs, in which secrets lie.
  skip(semver.lt(semver.coerce(release()) ?? '0.0.0', '6.3.0'), 'the kernel shifts no owners of tmpfs before 6.3');
  await cluster.kubectl(['create', 'configmap', 'shifted', '--from-literal=file=of a ConfigMap']);
  await cluster.kubectl(['create', 'secret', 'generic', 'shifted', '--from-literal=file=of a Secret']);
  await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: {name: shifted}
spec:
  hostUsers: false
  terminationGracePeriodSeconds: 1
  containers:
  - name: shifted
    image: ${AGNHOST}
    command: [sh, -c, "cat /proc/self/uid_map; exec sleep 3600"]
    volumeMounts:
    - {name: config, mountPath: /config}
    - {name: secret, mountPath: /secret}
    - {name: empty, mountPath: /empty}
  volumes:
  - {name: config, configMap: {name: shifted}}
  - {name: secret, secret: {secretName: shifted, defaultMode: 0400}}
  - {name: empty, emptyDir: {}}
`);
  await cluster.waitFor('wait', 'pod/shifted', '--for=condition=Ready');
  const mapOf = async (pod: string) =>
    (await cluster.kubectl(['exec', pod, '--', 'cat', '/proc/self/uid_map'])).trim().split(/\s+/).map(Number);
  const [inside, outside, count] = await mapOf('shifted');
  expect([inside, count]).toEqual([0, 65_536]);
  expect(outside).toBeGreaterThanOrEqual(65_536);
  expect(await cluster.kubectl(['logs', 'shifted'])).toContain(String(outside));
  expect((await mapOf('client'))[1]).toBe(
    (await cluster.exec('cat', '/proc/self/uid_map')).trim().split(/\s+/).map(Number)[1],
  );

  const script = `cat /config/file /secret/file; test -s ${TOKEN_FILE} && echo there > /empty/file && : >/etc/new && stat -c ' %u %n' /empty/file /etc/passwd /etc/new`;
  const seen = await cluster.kubectl(['exec', 'shifted', '--', 'sh', '-ec', script]);
  expect(seen).toBe('of a ConfigMapof a Secret 0 /empty/file\n 0 /etc/passwd\n 0 /etc/new');
  await cluster.kubectl(['delete', 'pod', 'shifted', '--now']);
});

test('a node that was stopped and started again serves its API, and its workload comes back', async () => {
  const ofBefore = await replicas();
  await podman(['stop', '--time', '10', cluster.node]);
  const stopped = JSON.parse((await cluster.kinpod(['get', 'nodes', '-o', 'json'])).stdout);
  expect(stopped).toMatchObject([{ name: cluster.node, running: false }]);
  const refused = await cluster.kinpod(['get', 'kubeconfig']);
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  expect(refused.stderr).toContain(`podman start ${cluster.node}`);

  await podman(['start', cluster.node]);
  await eventually(async () => (await cluster.kubectl(['get', '--raw', '/readyz'])) === 'ok', {
    withinMs: 120_000,
    everyMs: 500,
    what: 'the API server after the restart',
  });
  await cluster.waitFor('wait', `node/${cluster.node}`, '--for=condition=Ready');
  // The pods are the same ones, in new containers. Those that had ended stay as they are.
  await eventually(() => startedAgain(ofBefore), {
    withinMs: 120_000,
    everyMs: 500,
    what: 'the workload after the restart',
  });
  await reaches('web');
  expect(await http(`http://127.0.0.1:${publishedPort}/hostname`, 'the mapped port')).not.toBe('');
  await cluster.kubectl(['delete', 'pod/reader', 'job/sum', '--wait']);
  await allPodsReady(cluster);
});

interface NodeStatus {
  runtimeHandlers?: { features?: { userNamespaces?: boolean } }[];
}

interface Summary {
  pods: { podRef: { name: string }; memory?: { workingSetBytes?: number } }[];
}

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Names of the Deployment's pods, ordered. */
async function replicas(): Promise<string[]> {
  const { items } = await cluster.get<{ items: Pod[] }>('pods', '-l', 'app=web');
  return items.map((p) => p.metadata.name).sort();
}

/** Names of all pods that answer behind a host name or address, asked from the pod `client`. */
async function dial(host: string): Promise<string[]> {
  const query = `host=${host}&port=80&protocol=http&request=hostname&tries=20`;
  const answer = await cluster.kubectl([
    ...['get', '--raw', `/api/v1/namespaces/default/pods/client:8080/proxy/dial?${query}`],
  ]);
  const { responses, errors } = JSON.parse(answer) as { responses?: string[]; errors?: string[] };
  if (errors) throw new Error(errors.join('\n'));
  return [...new Set(responses)].sort();
}

/** Wait until all replicas, and nobody else, answer behind a host name or address: kube-proxy follows a change within a second or so. */
async function reaches(host: string): Promise<void> {
  const expected = (await replicas()).join(' ');
  await eventually(
    async () => {
      const answers = (await dial(host)).join(' ');
      if (answers !== expected) throw new Error(`${answers} instead of ${expected}`);
      return true;
    },
    { withinMs: 60_000, everyMs: 250, what: `both replicas behind ${host}` },
  );
}

async function startedAgain(names: readonly string[]): Promise<boolean> {
  const { items } = await cluster.get<{ items: Pod[] }>('pods', '-l', 'app=web');
  const ready = items.filter((p) => p.status.containerStatuses?.every((c) => c.ready && c.restartCount > 0));
  return JSON.stringify(ready.map((p) => p.metadata.name).sort()) === JSON.stringify(names);
}

function podWithData(name: string, command: readonly string[]): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  restartPolicy: Never
  containers:
  - name: ${name}
    image: ${AGNHOST}
    command: ${JSON.stringify(command)}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;
}

/** A pod with limits, under the runtime's seccomp profile. @param resources YAML of its field */
function confined(name: string, command: readonly string[], resources: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  securityContext: {seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: ${name}
    image: ${AGNHOST}
    command: ${JSON.stringify(command)}
    resources: {${resources}}
`;
}
