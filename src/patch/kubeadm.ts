import type { PatchJSON6902 } from '../config/types.ts';
import { invalidPatch } from './invalid-patch.ts';
import { applyJsonPatch, type JsonPatch, parseJsonPatch } from './json-patch.ts';
import { mergeArgumentsAndNames } from './kubeadm-merge.ts';
import { isObject, type JsonObject, mergePatch } from './merge-patch.ts';
import { parsePatchYaml, splitYamlStream } from './patch-yaml.ts';

/** Which documents a patch is for: those of the kind, and of the apiVersion unless that is empty. */
interface Match {
  kind: string;
  apiVersion: string;
}

interface MergePatch extends Match {
  patch: JsonObject;
}

interface MatchedJsonPatch extends Match {
  patch: JsonPatch;
}

/**
 * Apply a cluster's or a node's patches to kubeadm's documents, by kind's rules (pkg/internal/patch): each document gets first
 * the merge patches and then the JSON 6902 patches that match it, in their order. A patch that matches no document is
 * passed over. Cluster patches go before node patches: call it twice.
 * @param patches YAML, which may hold several documents
 * @returns new documents
 * @throws {KinpodError} `invalid-patch` if a patch cannot be read or does not apply
 */
export function patchKubeadmDocuments<T extends object>(
  documents: readonly T[],
  patches: readonly string[],
  patches6902: readonly PatchJSON6902[],
): T[] {
  const mergePatches = patches.flatMap(splitYamlStream).flatMap(parseMergePatch);
  const jsonPatches = patches6902.map(parseMatchedJsonPatch);
  return documents.map((document) => {
    const target = matchOf(document);
    let patched = { ...document } as JsonObject;
    for (const candidate of mergePatches) {
      if (!matches(target, candidate)) continue;
      const { rest, merged } = mergeArgumentsAndNames(
        patched,
        candidate.patch,
        target.apiVersion,
        candidate.apiVersion,
      );
      patched = mergePatch(merged, rest) as JsonObject;
    }
    for (const candidate of jsonPatches) {
      if (matches(target, candidate)) patched = applyJsonPatch(patched, candidate.patch, target.kind);
    }
    return withoutMatchingName(patched) as T;
  });
}

function parseMergePatch(text: string): MergePatch[] {
  const patch = parsePatchYaml(text);
  if (patch === null) return [];
  if (!isObject(patch)) throw invalidPatch('a kubeadm configuration patch must be a mapping', text);
  return [{ ...matchOf(patch), patch }];
}

function parseMatchedJsonPatch({ group, version, kind, patch }: PatchJSON6902): MatchedJsonPatch {
  return { kind, apiVersion: group === '' ? version : `${group}/${version}`, patch: parseJsonPatch(patch) };
}

function matchOf(document: object): Match {
  const { kind, apiVersion } = document as { kind?: unknown; apiVersion?: unknown };
  return { kind: String(kind ?? ''), apiVersion: String(apiVersion ?? '') };
}

function matches(document: Match, patch: Match): boolean {
  return document.kind === patch.kind && (patch.apiVersion === '' || patch.apiVersion === document.apiVersion);
}

/**
 * kind's documents once were matched by the name `config`, so patches carry it still; kubeadm refuses the field.
 */
function withoutMatchingName(document: JsonObject): JsonObject {
  const { metadata, ...rest } = document;
  const isMatchingName = isObject(metadata) && Object.keys(metadata).length === 1 && metadata.name === 'config';
  return isMatchingName ? rest : document;
}
