import { parse, type Tags } from 'yaml';
import { messageOf } from '../errors/kinpod-error.ts';
import { invalidPatch } from './invalid-patch.ts';

/**
 * Parse YAML as Kubernetes' tools do (sigs.k8s.io/yaml): version 1.1 with its booleans (`yes`, `off`) and octal numbers, but
 * dates and times stay text.
 * @throws {KinpodError} `invalid-patch`
 */
export function parsePatchYaml(text: string): unknown {
  try {
    return parse(text, { version: '1.1', customTags: withoutTimes, uniqueKeys: false, logLevel: 'error' }) ?? null;
  } catch (error) {
    throw invalidPatch(`the patch is not valid YAML: ${messageOf(error).split('\n', 1)[0]}`, text, error);
  }
}

/** The parts of a YAML stream, split as Kubernetes does it: at every line that begins with `---`. */
export function splitYamlStream(text: string): string[] {
  return text.split(/\n---[^\n]*(?:\n|$)/);
}

function withoutTimes(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && tag.tag !== 'tag:yaml.org,2002:timestamp'),
  );
}
