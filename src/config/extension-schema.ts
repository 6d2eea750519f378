import * as z from 'zod';
import { DEFAULT_DNS_DOMAIN } from './kube-names.ts';
import { QUANTITY_PATTERN } from './quantity.ts';

/**
 * What `kinpod.dev/v1alpha1` has beyond kind's format. kind refuses a file of that apiVersion, so that nobody gets a cluster
 * without what it asks for. Rules that concern these fields stand in extension-rules.ts.
 */
export const OWN_API_VERSION = 'kinpod.dev/v1alpha1';

export const CONTAINER_RUNTIMES = ['containerd', 'cri-o'] as const;
export const POD_EXPOSES = ['port-forward', 'nodeport', 'loadbalancer', 'clusterip'] as const;
export const ANTI_AFFINITIES = ['none', 'preferred', 'required'] as const;
export const TOLERATION_OPERATORS = ['Equal', 'Exists', 'Lt', 'Gt'] as const;
export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

const ONLY_HERE = `Needs \`${OWN_API_VERSION}\``;
const ONLY_PODS = `For nodes that are Pods. ${ONLY_HERE}`;

/** People write `cpu: 2`; it is read as text, as all that is wanted as text. */
const quantity = z.string().meta({ type: ['string', 'number'], pattern: QUANTITY_PATTERN });

const resourceList = z.strictObject({
  cpu: quantity.optional().describe('Processors: 2, 500m'),
  memory: quantity.optional().describe('Bytes: 2Gi, 512Mi'),
});

const resources = z.strictObject({
  requests: resourceList.prefault({}).describe('What the Pod is given for sure. Default: its limits'),
  limits: resourceList.prefault({}).describe('What the Pod may use at most; its node has no more'),
});

const toleration = z.strictObject({
  key: z.string().optional().describe('Key of the taint. Default: any, with operator Exists'),
  operator: z
    .enum(TOLERATION_OPERATORS)
    .optional()
    .describe('How the value is compared. Default: Equal; Lt and Gt need Kubernetes 1.35'),
  value: z.string().optional().describe('Value of the taint'),
  effect: z.enum(TAINT_EFFECTS).optional().describe('Effect of the taint. Default: any'),
  tolerationSeconds: z
    .int()
    .min(-(2 ** 31))
    .max(2 ** 31 - 1)
    .optional()
    .describe('How long a taint of effect NoExecute is borne. Default: for good'),
});

/** Further fields of a node. */
export const nodeExtension = {
  resources: resources.prefault({}).describe(`Processors and memory. ${ONLY_PODS}`),
  nodeSelector: z
    .record(z.string(), z.string())
    .default({})
    .describe(`Labels of the nodes that the Pod may be on. ${ONLY_PODS}`),
  tolerations: z.array(toleration).default([]).describe(`Taints that the Pod bears, as in core/v1. ${ONLY_PODS}`),
};

/** Further fields of networking. */
export const withDnsDomain = {
  dnsDomain: z
    .string()
    .default(DEFAULT_DNS_DOMAIN)
    .describe(`Domain of the names of Services. Default: ${DEFAULT_DNS_DOMAIN}. ${ONLY_HERE}`),
};

const storage = z.strictObject({
  size: quantity.describe('How much each node has: 10Gi'),
  storageClassName: z.string().optional().describe('Storage class. Default: the default one of the outer cluster'),
});

const pods = z.strictObject({
  expose: z
    .enum(POD_EXPOSES)
    .optional()
    .describe('How the API server is reached from outside of the outer cluster. --expose comes first'),
  storage: storage
    .optional()
    .describe('A volume for each node, with which it outlives its Pod. Default: an emptyDir, which goes with the Pod'),
  antiAffinity: z
    .enum(ANTI_AFFINITIES)
    .default('preferred')
    .describe('Whether nodes are to be on different nodes of the outer cluster'),
});

/** Further fields of the file itself. */
export const topExtension = {
  runtime: z
    .enum(CONTAINER_RUNTIMES)
    .optional()
    .describe(`Container runtime of the nodes. Default: the one that the node image has. ${ONLY_HERE}`),
  pods: pods.prefault({}).describe(`How nodes are Pods of another, outer cluster. ${ONLY_HERE}`),
};

/** The outermost of the further fields. */
export const EXTENSION_FIELDS: readonly string[] = [topExtension, nodeExtension, withDnsDomain].flatMap(Object.keys);
