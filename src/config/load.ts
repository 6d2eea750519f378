import { KinpodError } from '../errors/kinpod-error.ts';
import { Decoder } from './decode.ts';
import { completeConfig, DEFAULT_CLUSTER_NAME, type Overrides } from './defaults.ts';
import { describeYamlError } from './describe.ts';
import { extensionViolations } from './extension-rules.ts';
import { OWN_API_VERSION } from './extension-schema.ts';
import { goAggregate } from './go-text.ts';
import { onlyForPods, type PodField } from './pod-fields.ts';
import { type Problem, placeText } from './problem.ts';
import { kindValidationText, type Violation, violations } from './rules.ts';
import {
  API_VERSIONS,
  clusterSchema,
  type DecodedCluster,
  KIND_API_VERSION,
  schemaOf,
  TYPE_META_SCHEMA,
} from './schema.ts';
import type { ClusterConfig, GivenNetworking } from './types.ts';
import { warningsAbout } from './warnings.ts';
import { parseFirstDocument, type YamlDocument } from './yaml/parser.ts';
import { YamlError } from './yaml/yaml-error.ts';

export type { Overrides } from './defaults.ts';
export { clusterConfigJsonSchema } from './schema.ts';

export interface ConfigSource {
  /** Bytes where there are some: kind refuses those that are no text. */
  text: string | Uint8Array;
  /** For messages; `<stdin>` where it was read from there. */
  path: string;
}

export interface LoadedConfig {
  config: ClusterConfig;
  /** For the user, one line each. */
  warnings: string[];
  /** Networks that are written, not filled in. */
  given: GivenNetworking;
  /** What is written that means something only where nodes are Pods: who knows the provider judges it (pod-fields.ts). */
  podFields: PodField[];
}

const DEFAULT_SOURCE = `kind: Cluster\napiVersion: ${KIND_API_VERSION}\n`;

/** Why a file is refused: for kinpod's users, and as kind words it. */
interface Refusal {
  problems: readonly Problem[];
  kind: string;
}

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.refusal = refusal;
  }
}

/**
 * The cluster that a config file describes, or the default one without a file. Takes what kind takes, and refuses what kind
 * refuses, in the same stages: YAML, the kind of document, its fields, the rules.
 * @throws {KinpodError} `invalid-config`; its details hold every problem, one line each: `path:line:column: field: problem`;
 * its kindMessage is what kind says behind `failed to create cluster: `, which is of the first stage that fails
 */
export function loadClusterConfig(source: ConfigSource | undefined, overrides: Overrides = {}): LoadedConfig {
  try {
    const document = parse(source?.text ?? DEFAULT_SOURCE);
    const apiVersion = checkTypeMeta(document);
    const { cluster, decoder } = readCluster(document, apiVersion, overrides.name);
    const config = completeConfig(clusterSchema.parse(cluster), overrides);
    const podFields = onlyForPods(cluster).map((field) => ({
      ...field,
      place: placeText(field.path, decoder.markOf(field.path), source?.path),
    }));
    const { podSubnet, serviceSubnet, dnsDomain, dnsSearch } = cluster.networking ?? {};
    const given = { podSubnet, serviceSubnet, dnsDomain, dnsSearch };
    return { config, warnings: warningsAbout(config, cluster, document?.rest, source?.path), given, podFields };
  } catch (error) {
    if (error instanceof Refused) throw invalidConfig(error.refusal, source);
    throw error;
  }
}

function parse(text: string | Uint8Array): YamlDocument | undefined {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  try {
    return parseFirstDocument(bytes);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const character = error.at && Array.from(Buffer.from(bytes).toString())[error.at.index];
    const problem = { path: [], at: error.at, message: describeYamlError(error, character) };
    throw new Refused({ problems: [problem], kind: typeMetaText(error.goText) });
  }
}

/**
 * What the file holds is read as something else, or not at all, if these are not right: nothing more can be judged.
 * @returns the apiVersion
 */
function checkTypeMeta(document: YamlDocument | undefined): string {
  const decoder = new Decoder(TYPE_META_SCHEMA, { goRoot: 'encoding.typeMeta', knownFields: false });
  const { apiVersion = '', kind = '' } = (decoder.decode(document?.root) ?? {}) as {
    apiVersion?: string;
    kind?: string;
  };
  if (decoder.goError !== undefined) {
    throw new Refused({ problems: decoder.problems, kind: typeMetaText(decoder.goError) });
  }
  const wrong = (field: 'apiVersion' | 'kind', value: string, known: readonly string[]): Problem[] => {
    if (known.includes(value)) return [];
    const expected = `expected ${known.map((one) => `"${one}"`).join(' or ')}`;
    const message = value === '' ? `is required; ${expected}` : `"${value}" is not valid; ${expected}`;
    return [{ path: [field], at: decoder.markOf([field]), message }];
  };
  const ofVersion = wrong('apiVersion', apiVersion, API_VERSIONS);
  const problems = [...ofVersion, ...wrong('kind', kind, ['Cluster'])];
  if (problems.length === 0) return apiVersion;
  const isKnown = ofVersion.length === 0;
  const text = isKnown ? `unknown kind ${kind} for apiVersion: ${apiVersion}` : `unknown apiVersion: ${apiVersion}`;
  throw new Refused({ problems, kind: text });
}

function typeMetaText(goText: string): string {
  return `could not determine kind / apiVersion for config: ${goText}`;
}

function readCluster(document: YamlDocument | undefined, apiVersion: string, nameOverride: string | undefined) {
  const isOwn = apiVersion === OWN_API_VERSION;
  const goRoot = isOwn ? 'v1alpha1.Cluster' : 'v1alpha4.Cluster';
  const decoder = new Decoder(schemaOf(apiVersion), { goRoot, knownFields: true });
  const cluster = withoutEmpty(decoder.decode(document?.root) ?? {}) as DecodedCluster;
  const broken = violations(cluster, nameOverride || cluster.name || DEFAULT_CLUSTER_NAME);
  const problems = [
    ...decoder.problems,
    ...[...broken, ...(isOwn ? extensionViolations(cluster) : [])].flatMap(({ path, message }): Problem[] => {
      if (message === undefined) return [];
      const isOverride = path[0] === 'name' && nameOverride;
      return [isOverride ? { path: [], at: undefined, message } : { path, at: decoder.markOf(path), message }];
    }),
  ];
  if (problems.length === 0 && broken.length === 0) return { cluster, decoder };
  throw new Refused({ problems, kind: isOwn ? ownText(problems) : kindText(decoder, broken) });
}

function kindText({ goError }: Decoder, broken: readonly Violation[]): string {
  return goError === undefined ? kindValidationText(broken) : `unable to decode config: ${goError}`;
}

/** kind has no words for a format that it does not know. */
function ownText(problems: readonly Problem[]): string {
  return goAggregate(problems.map(({ path, message }) => placeText(path, undefined, undefined, message)));
}

/** A text that is empty counts as unset, but not as an item of a list or a value of a map. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [
    name,
    MAPS.has(name) ? field : withoutEmpty(field),
  ]);
  return Object.fromEntries(fields.filter(([, field]) => field !== '' && field !== undefined));
}

const MAPS = new Set(['labels', 'featureGates', 'runtimeConfig', 'nodeSelector']);

function invalidConfig({ problems, kind }: Refusal, source: ConfigSource | undefined): KinpodError {
  const lines = [...problems]
    .sort((a, b) => (a.at?.index ?? -1) - (b.at?.index ?? -1))
    .map(({ path, at, message }) => placeText(path, at, source?.path, message));
  const what = source
    ? `${source.path} is not a valid cluster configuration`
    : 'the cluster configuration is not valid';
  return new KinpodError(what, { code: 'invalid-config', details: lines.join('\n'), kindMessage: kind });
}
