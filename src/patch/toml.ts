import { parse, stringify } from 'smol-toml';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { invalidPatch } from './invalid-patch.ts';
import { applyJsonPatch, parseStrictJsonPatch } from './json-patch.ts';
import { type JsonObject, mergePatch } from './merge-patch.ts';

/**
 * Apply a cluster's patches to containerd's configuration, by kind's rules (pkg/internal/patch/toml.go): first the merge
 * patches, of which those with another `version` than the configuration are skipped, then the JSON 6902 patches.
 * @param toml containerd's configuration, which must have a `version`
 * @param patches TOML
 * @param patches6902 JSON
 * @throws {KinpodError} `invalid-patch` if a patch cannot be read or does not apply, `invalid-containerd-config`
 */
export function patchToml(toml: string, patches: readonly string[], patches6902: readonly string[]): string {
  let config = parseConfig(toml);
  const { version } = config;
  for (const text of patches) {
    const patch = parsePatch(text);
    if (patch.version === undefined || patch.version === version) config = mergePatch(config, patch) as JsonObject;
  }
  for (const text of patches6902) {
    config = applyJsonPatch(config, parseStrictJsonPatch(text), "containerd's configuration");
  }
  return stringify(config);
}

function parseConfig(toml: string): JsonObject {
  const config = parseToml(toml, (problem, cause) => invalidConfig(`is not valid TOML: ${problem}`, cause));
  if (!isVersion(config.version)) throw invalidConfig('has no version, so that patches cannot be applied');
  return config;
}

function parsePatch(text: string): JsonObject {
  const what = 'the containerd configuration patch';
  const patch = parseToml(text, (problem, cause) => invalidPatch(`${what} is not valid TOML: ${problem}`, text, cause));
  if (patch.version === undefined || isVersion(patch.version)) return patch;
  throw invalidPatch(`${what} has a version that is not a whole number`, text);
}

function parseToml(text: string, asError: (problem: string, cause: unknown) => KinpodError): JsonObject {
  try {
    // Integers beyond 2^53 must not lose digits on their way.
    return parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    throw asError(messageOf(error).split('\n', 1)[0] ?? '', error);
  }
}

function invalidConfig(problem: string, cause?: unknown): KinpodError {
  return new KinpodError(`containerd's configuration ${problem}`, { code: 'invalid-containerd-config', cause });
}

function isVersion(version: unknown): version is number {
  return typeof version === 'number' && Number.isInteger(version) && version > 0;
}
