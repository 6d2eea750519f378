import { AGNHOST, type Pod, type TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';

/**
 * A pod on every node that takes pods, behind the Service `web`; each answers with its name, and asks others for theirs.
 * @param service YAML, what else the Service's spec has
 */
export function oneOnEveryNode(service = 'ports: [{port: 80, targetPort: 8080}]'): string {
  return `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      tolerations: [{operator: Exists}]
${webContainer(AGNHOST)}
${webService(service)}`;
}

/**
 * Two replicas behind the Service `web`.
 * @param service YAML, what else the Service's spec has
 */
export function twoReplicas({ image = AGNHOST, service = 'ports: [{port: 80, targetPort: 8080}]' } = {}): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
${webContainer(image)}
${webService(service)}`;
}

function webContainer(image: string): string {
  return `      containers:
      - name: web
        image: ${image}
        args: [netexec, --http-port=8080]
        readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}`;
}

function webService(service: string): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
${service.replace(/^/gm, '  ')}
`;
}

export interface WebPod extends Pod {
  spec: { nodeName: string };
}

/** The pods of {@link oneOnEveryNode}. */
export async function webPods(cluster: TestCluster): Promise<WebPod[]> {
  return (await cluster.get<{ items: WebPod[] }>('pods', '-l', 'app=web')).items;
}

/** Names of all pods that answer at a host and port, asked from a pod, so many times. */
export async function dial(cluster: TestCluster, from: Pod, host: string, port: number, tries = 20): Promise<string[]> {
  const query = `host=${encodeURIComponent(host)}&port=${port}&protocol=http&request=hostname&tries=${tries}`;
  const path = `/api/v1/namespaces/default/pods/${from.metadata.name}:8080/proxy/dial?${query}`;
  const answer = await cluster.kubectl(['get', '--raw', path]);
  const { responses, errors } = JSON.parse(answer) as { responses?: string[]; errors?: string[] };
  if (errors) throw new Error(`${from.metadata.name} -> ${host}:${port}: ${errors.join('\n')}`);
  return [...new Set(responses)].sort();
}

/** Wait until every pod reaches every pod on every node by its address, and all of them by the Service's name. */
export async function everyPodReachesEveryPod(cluster: TestCluster, nodes: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const pods = await webPods(cluster);
      const ready = pods.filter((p) => p.status.containerStatuses?.every((c) => c.ready));
      const places = ready.map((p) => p.spec.nodeName).sort();
      if (JSON.stringify(places) !== JSON.stringify([...nodes].sort())) throw new Error(`ready on ${places.join(' ')}`);
      const names = pods.map((p) => p.metadata.name).sort();
      for (const from of pods) {
        for (const to of pods) {
          const [name] = await dial(cluster, from, to.status.podIP ?? '', 8080);
          if (name !== to.metadata.name) throw new Error(`${name} answers for ${to.metadata.name}`);
        }
        const behind = await dial(cluster, from, 'web', 80);
        if (JSON.stringify(behind) !== JSON.stringify(names)) throw new Error(`${behind.join(' ')} behind the Service`);
      }
      return true;
    },
    { withinMs: 90_000, everyMs: 500, what: 'every pod to reach every pod' },
  );
}
