import { ADDRESS_LABEL, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import { isMachine, type NodeSpec, type PodPlacement } from '../provider.ts';
import { FORWARD_PORT_ANNOTATION, outsideServiceType } from './expose.ts';
import { API_PORT, apiServiceName, CONTAINER, environmentName, filesName, NODE_LABEL, ownerName } from './names.ts';
import type { KubernetesObject, OwnerReference } from './objects.ts';
import { OVERLAY_PORT } from './overlay.ts';

/** Where a node's volume lies, whose directories are mounted over those of the image, and where the files for a new one do. */
export const VOLUME_PATH = '/mnt/kinpod';
const FILES_PATH = '/mnt/kinpod-files';

/** Seconds between SIGRTMIN+3, on which systemd stops a machine, and SIGKILL. Nothing of a deleted node is worth more of them. */
const GRACE_SECONDS = 2;

/**
 * Processor time that a node asks for where its configuration says nothing of it. Without any, the kernel gives it 2 shares where others have
 * hundreds, and a boot on a busy machine takes half as long again.
 */
const CPU_REQUEST = { 'control-plane': '200m', worker: '100m', 'external-load-balancer': undefined } as const;

/** What a config gives where it says nothing. */
const DEFAULT_POD: PodPlacement = {
  antiAffinity: 'preferred',
  resources: { requests: {}, limits: {} },
  nodeSelector: {},
  tolerations: [],
};

/** The labels of a cluster's objects. */
export function clusterLabels(cluster: string): Record<string, string> {
  return { [CLUSTER_LABEL]: cluster };
}

/** The object that owns a cluster's others: what a killed create leaves goes with it, whoever removes it. */
export function owner(cluster: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: ownerName(cluster), labels: clusterLabels(cluster) },
  };
}

export interface ManifestInput {
  spec: NodeSpec;
  /** What the Pod's container runs. */
  command: readonly string[];
  owner: OwnerReference;
}

/** All objects of a node, the Service first: its address is wanted soonest; what makes the Pod last, when all is there that it needs. */
export function nodeObjects(input: ManifestInput): KubernetesObject[] {
  const type = outsideServiceType(input.spec.expose);
  return [
    nodeService(input),
    ...(type ? [apiService(input, type)] : []),
    ...(Object.values(input.spec.env).some(isConfidential) ? [environmentSecret(input)] : []),
    statefulSet(input),
  ];
}

/**
 * A Service of one Pod, whether that is ready or not: an address that stays, for the other nodes' packets and for clients in the
 * outer cluster, which find the node by its name.
 */
function nodeService({ spec, owner }: ManifestInput): KubernetesObject & { spec: object } {
  const forwardPort = spec.ports.find((p) => p.containerPort === API_PORT && p.hostPort > 0)?.hostPort;
  const common = metadata(spec, spec.name, owner);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...common,
      annotations: {
        ...common.annotations,
        ...(forwardPort !== undefined && { [FORWARD_PORT_ANNOTATION]: String(forwardPort) }),
      },
    },
    spec: {
      selector: { [NODE_LABEL]: spec.name },
      publishNotReadyAddresses: true,
      ports: [{ name: 'overlay', protocol: 'UDP', port: OVERLAY_PORT }, ...servicePorts(spec)],
    },
  };
}

/** A port of the node may be mapped to several of a host, and a Service has it once. */
function servicePorts({ ports }: NodeSpec): object[] {
  const named = ports.map(({ protocol, containerPort: port }) => {
    const name = `${protocol.toLowerCase()}-${port}`;
    return [name, { name, protocol, port }] as const;
  });
  return [...new Map(named).values()];
}

/** By which a client outside the outer cluster reaches the API server, where it is open to the outside. */
function apiService(
  { spec, owner }: ManifestInput,
  type: 'NodePort' | 'LoadBalancer',
): KubernetesObject & { spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(spec, apiServiceName(spec.name), owner),
    spec: {
      type,
      selector: { [NODE_LABEL]: spec.name },
      publishNotReadyAddresses: true,
      ports: [{ name: 'api', protocol: 'TCP', port: API_PORT }],
    },
  };
}

/** One Pod of a name that stays: whatever takes the Pod away, its controller makes it again, with the same volume. */
function statefulSet({ spec, command, owner }: ManifestInput): KubernetesObject & { spec: object } {
  const { storage } = spec.pod ?? DEFAULT_POD;
  const labels = { ...clusterLabels(spec.cluster), [ROLE_LABEL]: spec.role, [NODE_LABEL]: spec.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(spec, spec.name, owner),
    spec: {
      replicas: 1,
      serviceName: spec.name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { [NODE_LABEL]: spec.name } },
      template: { metadata: { labels }, spec: podSpec(spec, command) },
      ...(storage && isMachine(spec)
        ? {
            volumeClaimTemplates: [
              {
                metadata: { name: 'data', labels },
                spec: {
                  accessModes: ['ReadWriteOnce'],
                  ...(storage.storageClassName === undefined ? {} : { storageClassName: storage.storageClassName }),
                  resources: { requests: { storage: storage.size } },
                },
              },
            ],
          }
        : {}),
    },
  };
}

function podSpec(spec: NodeSpec, command: readonly string[]): object {
  const settings = spec.pod ?? DEFAULT_POD;
  const machine = isMachine(spec);
  return {
    // Nothing in a node speaks to the outer cluster's API.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: machine ? GRACE_SECONDS : 0,
    ...antiAffinity(spec, settings.antiAffinity),
    nodeSelector: settings.nodeSelector,
    tolerations: settings.tolerations,
    containers: [
      {
        name: CONTAINER,
        image: spec.image,
        imagePullPolicy: 'IfNotPresent',
        command: command.map(literal),
        env: Object.entries(spec.env).map(([name, value]) => environmentEntry(spec, name, value)),
        ...(machine
          ? // A terminal: systemd writes what it does to the console.
            { tty: true, stdin: true, securityContext: { privileged: true } }
          : // Its network device.
            { securityContext: { capabilities: { add: ['NET_ADMIN'] } } }),
        ...(machine ? { resources: resourcesOf(spec, settings) } : {}),
        volumeMounts: [
          ...(machine ? [{ name: 'data', mountPath: VOLUME_PATH }] : []),
          ...(keepsFiles(spec) ? [{ name: 'files', mountPath: FILES_PATH, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      ...(machine && !settings.storage ? [{ name: 'data', emptyDir: {} }] : []),
      ...(keepsFiles(spec)
        ? [{ name: 'files', secret: { secretName: filesName(spec.name), optional: true, defaultMode: 0o400 } }]
        : []),
    ],
  };
}

/** `http://me:password@proxy.example:3128`: of all that nodes have in their environment, only a proxy with a user has that character. */
function isConfidential(value: string): boolean {
  return value.includes('@');
}

/** Many may read StatefulSets and Pods who may not read Secrets. In those nothing is replaced. */
function environmentEntry(spec: NodeSpec, name: string, value: string): object {
  if (!isConfidential(value)) return { name, value: literal(value) };
  return { name, valueFrom: { secretKeyRef: { name: environmentName(spec.name), key: name } } };
}

function environmentSecret({ spec, owner }: ManifestInput): KubernetesObject & { stringData: object } {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: environmentName(spec.name),
      labels: { ...clusterLabels(spec.cluster), [NODE_LABEL]: spec.name },
      ownerReferences: [owner],
    },
    stringData: Object.fromEntries(Object.entries(spec.env).filter(([, value]) => isConfidential(value))),
  };
}

/** A limit without a request is one. */
function resourcesOf({ role }: NodeSpec, { resources: { requests, limits } }: PodPlacement): object {
  const cpu = CPU_REQUEST[role];
  return requests.cpu !== undefined || limits.cpu !== undefined || cpu === undefined
    ? { requests, limits }
    : { requests: { cpu, ...requests }, limits };
}

/** Kubernetes replaces `$(NAME)` in arguments and values, and `$$` by `$`. */
function literal(text: string): string {
  return text.replaceAll('$', () => '$$');
}

function antiAffinity({ cluster }: NodeSpec, wish: PodPlacement['antiAffinity']): object {
  if (wish === 'none') return {};
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: clusterLabels(cluster) } };
  const rule =
    wish === 'required'
      ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] };
  return { affinity: { podAntiAffinity: rule } };
}

/**
 * Whether a node's files are kept in a Secret, from which a Pod that is made anew has them without kinpod. Not those of a control
 * plane, which are the keys of the cluster's authorities: on a volume of its own they outlive the Pod, and without one so little of
 * the cluster is left that an empty one would take its place. Not where a volume has them.
 */
export function keepsFiles({ role, pod }: Pick<NodeSpec, 'role' | 'pod'>): boolean {
  return role === 'external-load-balancer' || (role === 'worker' && pod?.storage === undefined);
}

/** A node's files, for Pods that come after the first. @param archive as receive.sh takes it */
export function filesSecret(
  node: string,
  cluster: string,
  archive: Uint8Array,
  owner: OwnerReference,
): KubernetesObject & { data: object } {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: filesName(node),
      labels: { ...clusterLabels(cluster), [NODE_LABEL]: node },
      ownerReferences: [owner],
    },
    data: { 'files.tar': Buffer.from(archive).toString('base64') },
  };
}

function metadata(spec: NodeSpec, name: string, owner: OwnerReference): KubernetesObject['metadata'] {
  const { ipv4, ipv6 } = spec.addresses;
  return {
    name,
    labels: { ...clusterLabels(spec.cluster), [ROLE_LABEL]: spec.role, [NODE_LABEL]: spec.name, ...spec.labels },
    // Not a label: those have no commas.
    annotations: { [ADDRESS_LABEL]: [ipv4, ipv6].filter(Boolean).join(',') },
    ownerReferences: [owner],
  };
}
