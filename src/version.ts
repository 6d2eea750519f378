import manifest from '../package.json' with { type: 'json' };

declare const KINPOD_COMMIT: string;

export interface Version {
  /** Semantic version without a `v`. */
  version: string;
  /** The commit that a release was built from; absent where kinpod was built from a working tree. */
  commit?: string;
}

/** Which kinpod this is. */
export function version(): Version {
  const commit = typeof KINPOD_COMMIT === 'string' ? KINPOD_COMMIT : '';
  return { version: manifest.version, ...(commit && { commit }) };
}
