import * as z from 'zod';
import { nodeExtension, OWN_API_VERSION, topExtension, withDnsDomain } from './extension-schema.ts';

/**
 * The file format `kind.x-k8s.io/v1alpha4` as zod schemas, and `kinpod.dev/v1alpha1`, which has all of it and more: the one
 * source of their fields and types, of the JSON Schema for editors and of the reference. How YAML values are read (`yes` for true) is the decoder's business, see decode.ts; rules
 * that concern several fields stand in rules.ts; defaults that depend on another field are filled in by defaults.ts.
 */

/** kind's rule; checked on the name in effect, because `--name` replaces that of the file. */
export const CLUSTER_NAME_PATTERN = /^[a-z0-9.-]+$/;

export const KIND_API_VERSION = 'kind.x-k8s.io/v1alpha4';
/** What a file may be, and which of its fields are known. */
export const API_VERSIONS = [KIND_API_VERSION, OWN_API_VERSION] as const;

export const NODE_ROLES = ['control-plane', 'worker'] as const;
export const IP_FAMILIES = ['ipv4', 'ipv6', 'dual'] as const;
export const KUBE_PROXY_MODES = ['iptables', 'ipvs', 'nftables', 'none'] as const;

const port = z.int().min(-1).max(65535).default(0);
const flag = z.boolean().default(false);
const text = z.string().default('');

const kubeadmConfigPatches = z
  .array(z.string())
  .default([])
  .describe(
    'Merge patches (RFC 7386, YAML) for the generated kubeadm configuration. A patch applies to the documents of its `kind`, and of its `apiVersion` where it has one. Those of the cluster come before those of the node.',
  );

const kubeadmConfigPatchesJSON6902 = z
  .array(
    z.strictObject({
      group: text.describe('API group of the document to patch'),
      version: text.describe('API version of the document to patch; with no group and no version any matches'),
      kind: text.describe('Kind of the document to patch'),
      patch: text.describe('The operations, as JSON or YAML'),
    }),
  )
  .default([])
  .describe('JSON patches (RFC 6902) for the generated kubeadm configuration, applied after the merge patches.');

const mount = z.strictObject({
  containerPath: text.describe('Path in the node'),
  hostPath: text.describe('Path on the host; a relative one starts at the working directory'),
  readOnly: flag.describe('Mount it read-only'),
  selinuxRelabel: flag.describe('Give the files a label that the node may read under SELinux'),
  propagation: z
    .enum(['None', 'HostToContainer', 'Bidirectional'])
    .default('None')
    .describe('Whether mounts made later on one side appear on the other'),
});

const portMapping = z.strictObject({
  containerPort: port.describe('Port in the node'),
  hostPort: port.describe('Port on the host. 0: a free one is picked; -1: the container engine picks one'),
  listenAddress: text.describe("Address on the host. Default: every address of the cluster's IP family"),
  protocol: z
    .string()
    .regex(/^([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp])$/)
    .default('TCP')
    .describe('TCP, UDP or SCTP')
    .meta({ examples: ['TCP', 'UDP', 'SCTP'] }),
});

const kindNode = z.strictObject({
  role: z.enum(NODE_ROLES).default('control-plane').describe('What the node is'),
  image: z.string().optional().describe('Node image. Default: the one that is chosen at create'),
  labels: z.record(z.string(), z.string()).default({}).describe('Labels of the Kubernetes node'),
  extraMounts: z.array(mount).default([]).describe('Files and directories of the host that the node sees'),
  extraPortMappings: z.array(portMapping).default([]).describe('Ports of the node that the host publishes'),
  kubeadmConfigPatches,
  kubeadmConfigPatchesJSON6902,
});

const kindNetworking = z.strictObject({
  ipFamily: z.enum(IP_FAMILIES).default('ipv4').describe('IP family of nodes, pods and services'),
  apiServerPort: port.describe(
    'Port of the API server on the host. 0: a free one is picked; -1: the container engine picks one',
  ),
  apiServerAddress: z
    .string()
    .optional()
    .describe('Address of the API server on the host. Default: 127.0.0.1, or ::1 where the family is ipv6'),
  podSubnet: z
    .string()
    .optional()
    .describe('CIDR of pod addresses. Default: 10.244.0.0/16, fd00:10:244::/56, or both separated by a comma'),
  serviceSubnet: z
    .string()
    .optional()
    .describe('CIDR of service addresses. Default: 10.96.0.0/16, fd00:10:96::/112, or both separated by a comma'),
  disableDefaultCNI: flag.describe('Install no pod network; nodes stay NotReady until you install one'),
  kubeProxyMode: z.enum(KUBE_PROXY_MODES).default('iptables').describe('Mode of kube-proxy; none: no kube-proxy'),
  dnsSearch: z
    .array(z.string())
    .optional()
    .describe("DNS search domains of the nodes. Default: the host's; an empty list: none"),
});

const kindFields = {
  name: z
    .string()
    .optional()
    .describe('Name of the cluster. Default: kind. --name and KIND_CLUSTER_NAME come first')
    .meta({ pattern: CLUSTER_NAME_PATTERN.source }),
  featureGates: z.record(z.string(), z.boolean()).default({}).describe('Kubernetes feature gates, for all components'),
  runtimeConfig: z
    .record(z.string(), z.string())
    .default({})
    .describe('--runtime-config of the API server: which APIs are on'),
  kubeadmConfigPatches,
  kubeadmConfigPatchesJSON6902,
  containerdConfigPatches: z
    .array(z.string())
    .default([])
    .describe(
      "Merge patches (TOML) for every node's containerd configuration. One whose `version` is not that of the configuration is skipped",
    ),
  containerdConfigPatchesJSON6902: z
    .array(z.string())
    .default([])
    .describe("JSON patches (RFC 6902, as JSON) for every node's containerd configuration"),
};

/** The fields of either format. Those that have others inside come first, so that they are near the top of the reference. */
function fields<V extends z.ZodType, Node extends z.ZodType, Networking extends z.ZodType>(
  apiVersion: V,
  node: Node,
  networking: Networking,
) {
  const { name, ...rest } = kindFields;
  return {
    apiVersion: apiVersion.describe('Version of this format'),
    kind: z.literal('Cluster').describe('What the file describes'),
    name,
    nodes: z
      .array(node)
      .default([])
      .describe('The nodes. Default: one control plane. More than one control plane get a load balancer'),
    networking: networking.describe('What concerns all nodes together'),
    ...rest,
  };
}

const kindSchema = z.strictObject(fields(z.literal(KIND_API_VERSION), kindNode, kindNetworking.prefault({})));

/** Both formats: a file of kind's has the further fields at their defaults. */
export const clusterSchema = z
  .strictObject({
    ...fields(z.enum(API_VERSIONS), kindNode.extend(nodeExtension), kindNetworking.extend(withDnsDomain).prefault({})),
    ...topExtension,
  })
  .describe('A cluster of kind or kinpod');

/** A file's content after decoding; the values of the enumerations may be any text. */
export type DecodedCluster = Partial<Loose<z.input<typeof clusterSchema>>>;

type Loose<T> = T extends string ? string : T extends object ? { [K in keyof T]: Loose<T[K]> } : T;

/** A file's content with the defaults that stand in the schema. */
export type ParsedCluster = z.output<typeof clusterSchema>;

/** The part of JSON Schema that zod makes of the schemas above. */
export interface JsonSchema {
  /** Several: the first one is what values are read as, and editors may take the others for it too. */
  type?: string | string[];
  properties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  [keyword: string]: unknown;
}

/** What a value is read as. */
export function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === 'string' ? type : type?.[0];
}

/** What every file of this family begins with. */
export const TYPE_META_SCHEMA: JsonSchema = {
  type: 'object',
  properties: { kind: { type: 'string' }, apiVersion: { type: 'string' } },
};

/** What a file is read into, by its apiVersion. */
export function schemaOf(apiVersion: string): JsonSchema {
  if (apiVersion === OWN_API_VERSION) return clusterConfigJsonSchema();
  kindJsonSchema ??= toJsonSchema(kindSchema);
  return kindJsonSchema;
}

let kindJsonSchema: JsonSchema | undefined;
let jsonSchema: JsonSchema | undefined;

/** JSON Schema (draft 2020-12) of both formats, for editors and for the reference. */
export function clusterConfigJsonSchema(): JsonSchema {
  jsonSchema ??= {
    title: `Cluster of ${API_VERSIONS.join(' or ')}`,
    ...toJsonSchema(clusterSchema),
    ...withoutExtension(),
  };
  return jsonSchema;
}

/** The further fields are there under kinpod's apiVersion alone: one schema for both, so that editors need not be told which. */
function withoutExtension(): JsonSchema {
  const none = (extension: object) =>
    Object.fromEntries(Object.keys(extension).map((name): [string, boolean] => [name, false]));
  return {
    if: { properties: { apiVersion: { const: KIND_API_VERSION } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: {
        ...none(topExtension),
        nodes: { items: { properties: none(nodeExtension) } },
        networking: { properties: none(withDnsDomain) },
      },
    },
  };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}
