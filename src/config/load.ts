import { KinpodError } from '../errors/kinpod-error.ts';
import { Decoder, type Problem } from './decode.ts';
import { completeConfig, type Overrides } from './defaults.ts';
import { describeIssue, pathText } from './describe.ts';
import { CLUSTER_NAME_PATTERN, clusterConfigJsonSchema, clusterSchema, type ParsedCluster } from './schema.ts';
import type { ClusterConfig } from './types.ts';
import { readYamlText, type YamlText } from './yaml-text.ts';

export type { Overrides } from './defaults.ts';
export { clusterConfigJsonSchema } from './schema.ts';

export interface ConfigSource {
  text: string;
  /** For messages; `<stdin>` where it was read from there. */
  path: string;
}

export interface LoadedConfig {
  config: ClusterConfig;
  /** For the user, one line each. */
  warnings: string[];
}

const DEFAULT_SOURCE = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

/** kind's limit: a host name has 64 characters, of which `-control-plane` takes 14. */
const LONG_NAME = 50;

/**
 * The cluster that a config file describes, or the default one without a file. Accepts what kind accepts.
 * @throws {KinpodError} `invalid-config`; its details hold every problem, one line each: `path:line:column: field: problem`
 */
export function loadClusterConfig(source: ConfigSource | undefined, overrides: Overrides = {}): LoadedConfig {
  const text = readYamlText(source?.text ?? DEFAULT_SOURCE);
  const { cluster, problems } = text.broken ? { problems: text.problems } : readCluster(text, overrides.name);
  if (cluster === undefined || problems.length > 0) throw invalidConfig(problems, source, text);
  const config = completeConfig(cluster, overrides);
  const warnings: string[] = [];
  if (source && text.hasMoreDocuments) {
    warnings.push(`${source.path} has more than one YAML document; only the first one counts`);
  }
  if (config.name.length > LONG_NAME) {
    warnings.push(`cluster name "${config.name}" is probably too long, this might not work properly on some systems`);
  }
  return { config, warnings };
}

function readCluster(
  text: YamlText,
  nameOverride: string | undefined,
): { cluster?: ParsedCluster | undefined; problems: Problem[] } {
  const decoder = new Decoder(text.document, clusterConfigJsonSchema());
  const decoded = decoder.decode() ?? {};
  const { data: cluster, error } = clusterSchema.safeParse(decoded);
  const issues = (error?.issues ?? []).map((issue): Problem => {
    const path = issue.path as (string | number)[];
    return { path, offset: decoder.offsetOf(path), message: describeIssue(issue, decoded) };
  });
  // What the file holds is read as something else, or not at all: nothing that it says can be judged.
  const foreign = issues.filter(({ path }) => path.length === 0 || path[0] === 'apiVersion' || path[0] === 'kind');
  if (foreign.length > 0) return { problems: foreign };
  return {
    cluster,
    problems: [...text.problems, ...decoder.problems, ...issues, ...nameProblems(decoder, decoded, nameOverride)],
  };
}

/** The name in effect is checked, not the file's: `--name` may stand in for one that is not valid, as with kind. */
function nameProblems(decoder: Decoder, decoded: unknown, override: string | undefined): Problem[] {
  const name = override || (decoded as { name?: unknown }).name;
  if (typeof name !== 'string' || CLUSTER_NAME_PATTERN.test(name)) return [];
  const shown = JSON.stringify(name).slice(1, -1);
  const message = `'${shown}' is not a valid cluster name, cluster names must match \`${CLUSTER_NAME_PATTERN.source}\``;
  return [
    override
      ? { path: [], offset: undefined, message }
      : { path: ['name'], offset: decoder.offsetOf(['name']), message },
  ];
}

function invalidConfig(problems: readonly Problem[], source: ConfigSource | undefined, text: YamlText): KinpodError {
  const lines = [...problems]
    .sort((a, b) => (a.offset ?? -1) - (b.offset ?? -1))
    .map(({ path, offset, message }) => {
      const field = path.length > 0 ? `${pathText(path)}: ` : '';
      const where = source && offset !== undefined ? `${source.path}:${text.position(offset)}: ` : '';
      return `${where}${field}${message}`;
    });
  const what = source
    ? `${source.path} is not a valid cluster configuration`
    : 'the cluster configuration is not valid';
  return new KinpodError(what, { code: 'invalid-config', details: lines.join('\n') });
}
