import { describeUnknown } from './describe.ts';
import {
  ANTI_AFFINITIES,
  CONTAINER_RUNTIMES,
  POD_EXPOSES,
  TAINT_EFFECTS,
  TOLERATION_OPERATORS,
} from './extension-schema.ts';
import { labelKeyProblem, labelValueProblem, subdomainProblem } from './kube-names.ts';
import type { Path } from './problem.ts';
import { parseQuantity } from './quantity.ts';
import type { DecodedCluster } from './schema.ts';

/** A rule of kinpod's own that a cluster breaks. */
export interface ExtensionViolation {
  path: Path;
  message: string;
}

type DecodedNode = NonNullable<DecodedCluster['nodes']>[number];
type DecodedResources = NonNullable<DecodedNode['resources']>;
type DecodedToleration = NonNullable<DecodedNode['tolerations']>[number];
type Resource = keyof NonNullable<DecodedResources['limits']>;

/**
 * Which rules a cluster breaks beyond kind's own (rules.ts): those of the fields that only kinpod has, and labels, which
 * a kubelet would refuse later. What Kubernetes checks itself is checked as it does (core/validation), so that a Pod is not
 * refused halfway through a create.
 */
export function extensionViolations({ runtime, networking, pods, nodes = [] }: DecodedCluster): ExtensionViolation[] {
  return [
    ...oneOf(['runtime'], runtime, CONTAINER_RUNTIMES),
    ...broken(['networking', 'dnsDomain'], networking?.dnsDomain, subdomainProblem),
    ...oneOf(['pods', 'expose'], pods?.expose, POD_EXPOSES),
    ...oneOf(['pods', 'antiAffinity'], pods?.antiAffinity, ANTI_AFFINITIES),
    ...(pods?.storage ? storageViolations(pods.storage) : []),
    ...nodes.flatMap((node, n) => nodeViolations(node, ['nodes', n])),
  ];
}

function storageViolations({ size, storageClassName }: { size?: string; storageClassName?: string | undefined }) {
  const path = ['pods', 'storage'];
  return [
    ...(size === undefined
      ? [{ path, message: 'size is required; it says how much each node has, such as 10Gi' }]
      : amount([...path, 'size'], size, 'memory')),
    ...broken([...path, 'storageClassName'], storageClassName, subdomainProblem),
  ];
}

function nodeViolations(node: DecodedNode, path: Path): ExtensionViolation[] {
  return [
    ...labels([...path, 'labels'], node.labels),
    ...resourceViolations(node.resources ?? {}, [...path, 'resources']),
    ...labels([...path, 'nodeSelector'], node.nodeSelector),
    ...(node.tolerations ?? []).flatMap((one, n) => tolerationViolations(one, [...path, 'tolerations', n])),
  ];
}

function resourceViolations({ requests = {}, limits = {} }: DecodedResources, path: Path): ExtensionViolation[] {
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const [request, limit] = [requests[resource], limits[resource]];
    const problems = [
      ...amount([...path, 'requests', resource], request, resource),
      ...amount([...path, 'limits', resource], limit, resource),
    ];
    if (problems.length > 0 || request === undefined || limit === undefined) return problems;
    if ((parseQuantity(request)?.nano ?? 0n) <= (parseQuantity(limit)?.nano ?? 0n)) return [];
    return [{ path: [...path, 'requests', resource], message: `${request} is more than the limit, which is ${limit}` }];
  });
}

const UNITS: Readonly<Record<Resource, { examples: string; smallest: bigint; tooFine: string }>> = {
  cpu: { examples: '2 or 500m', smallest: 10n ** 6n, tooFine: 'is finer than 1m, a thousandth of a processor' },
  memory: {
    examples: '2Gi or 512Mi',
    smallest: 10n ** 9n,
    tooFine: 'is not a whole number of bytes (m is a thousandth); expected one such as 2Gi or 512Mi',
  },
};

/** Kubernetes takes fractions of bytes, with a warning; nobody means them. */
function amount(path: Path, text: string | undefined, resource: Resource): ExtensionViolation[] {
  if (text === undefined) return [];
  const { examples, smallest, tooFine } = UNITS[resource];
  const nano = parseQuantity(text)?.nano;
  const message =
    nano === undefined
      ? `${JSON.stringify(text)} is not a quantity; expected one such as ${examples}`
      : nano <= 0n
        ? `${text} is not more than nothing; expected a quantity such as ${examples}`
        : nano % smallest !== 0n
          ? `${text} ${tooFine}`
          : undefined;
  return message === undefined ? [] : [{ path, message }];
}

/** core/v1's ValidateTolerations; Lt and Gt as of Kubernetes 1.35. */
function tolerationViolations(toleration: DecodedToleration, path: Path): ExtensionViolation[] {
  const { key, operator = 'Equal', value = '', effect, tolerationSeconds } = toleration;
  const at = (field: keyof DecodedToleration, message: string | undefined) =>
    message === undefined ? [] : [{ path: [...path, field], message }];
  const isComparison = operator === 'Lt' || operator === 'Gt';
  return [
    ...at('key', key === undefined ? undefined : labelKeyProblem(key)),
    ...oneOf([...path, 'operator'], operator, TOLERATION_OPERATORS),
    ...(key === undefined && operator !== 'Exists'
      ? [{ path, message: 'has no key, so its operator must be Exists, which bears every taint' }]
      : []),
    ...at('value', operator === 'Exists' && value !== '' ? 'must not be there where operator is Exists' : undefined),
    ...at('value', operator === 'Equal' ? labelValueProblem(value) : undefined),
    ...at(
      'value',
      isComparison && !isInteger(value) ? `must be a whole number where operator is ${operator}` : undefined,
    ),
    ...oneOf([...path, 'effect'], effect, TAINT_EFFECTS),
    ...at(
      'tolerationSeconds',
      tolerationSeconds !== undefined && effect !== 'NoExecute' ? 'needs effect: NoExecute' : undefined,
    ),
  ];
}

function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function labels(path: Path, given: Readonly<Record<string, string>> = {}): ExtensionViolation[] {
  return Object.entries(given).flatMap(([key, value]) => [
    ...broken([...path, key], key, labelKeyProblem),
    ...broken([...path, key], value, labelValueProblem),
  ]);
}

function oneOf(path: Path, value: string | undefined, known: readonly string[]): ExtensionViolation[] {
  return value === undefined || known.includes(value) ? [] : [{ path, message: describeUnknown(value, known) }];
}

function broken(
  path: Path,
  value: string | undefined,
  problemOf: (value: string) => string | undefined,
): ExtensionViolation[] {
  const message = value === undefined ? undefined : problemOf(value);
  return message === undefined ? [] : [{ path, message }];
}
