import { pathText } from './problem.ts';
import { mappingConflicts } from './rules.ts';
import type { DecodedCluster } from './schema.ts';
import type { ClusterConfig } from './types.ts';
import type { Mark } from './yaml/yaml-error.ts';

/** kind's limit: a host name has 64 characters, of which `-control-plane` takes 14. */
const LONG_NAME = 50;

/**
 * What is valid and probably not meant, one line each. kind does not see most of it, and fails later.
 * @param rest where something follows the first document of the file
 */
export function warningsAbout(
  config: ClusterConfig,
  cluster: DecodedCluster,
  rest: Mark | undefined,
  file: string | undefined,
): string[] {
  const warnings: string[] = [];
  if (file && rest) {
    warnings.push(`${file}:${rest.line + 1}: what follows the first YAML document is not read`);
  }
  if (config.name.length > LONG_NAME) {
    warnings.push(`cluster name "${config.name}" is probably too long, this might not work properly on some systems`);
  }
  cluster.nodes?.forEach(({ extraPortMappings = [], extraMounts = [] }, n) => {
    for (const { index, message } of mappingConflicts(extraPortMappings, ({ protocol }) => protocol ?? 'TCP')) {
      warnings.push(`${pathText(['nodes', n, 'extraPortMappings', index])}: ${message}; creating the node will fail`);
    }
    extraMounts.forEach(({ containerPath = '' }, index) => {
      if (containerPath !== '') return;
      warnings.push(
        `${pathText(['nodes', n, 'extraMounts', index])}: has no containerPath; creating the node will fail`,
      );
    });
  });
  return warnings;
}
