/** What a build needs of a go.mod file. */
export interface GoModule {
  /** The line `go 1.26.0`. */
  go: string | undefined;
  /** The line `godebug default=go1.26`, or the lines of its block. */
  godebug: readonly string[];
  /** Version by module path, direct and indirect. */
  require: ReadonlyMap<string, string>;
  /** By module path: another module with its version, or a directory (which starts with a dot). */
  replace: ReadonlyMap<string, string>;
}

/** Parse a go.mod file: https://go.dev/ref/mod#go-mod-file. Directives that a build does not need are passed over. */
export function parseGoMod(text: string): GoModule {
  const require = new Map<string, string>();
  const replace = new Map<string, string>();
  const godebug: string[] = [];
  let go: string | undefined;
  for (const [directive, rest] of directives(text)) {
    if (directive === 'go') go = rest;
    else if (directive === 'godebug') godebug.push(rest);
    else if (directive === 'require') {
      const [path, version] = rest.split(/\s+/);
      if (path && version) require.set(path, version);
    } else if (directive === 'replace') {
      const [from, to] = rest.split(/\s+=>\s+/);
      if (from && to) replace.set(from.split(/\s+/)[0] ?? from, to);
    }
  }
  return { go, godebug, require, replace };
}

/** Every directive with its argument; those of a block come as if they stood alone. */
function* directives(text: string): Generator<[directive: string, rest: string]> {
  let block: string | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\/\/.*/, '').trim();
    if (line === '') continue;
    if (line === ')') block = undefined;
    else if (block !== undefined) yield [block, line];
    else if (line.endsWith('(')) block = line.slice(0, -1).trim();
    else {
      const [directive = '', ...rest] = line.split(/\s+/);
      yield [directive, rest.join(' ')];
    }
  }
}

/** Paths of the modules that Kubernetes has in its own tree (`./staging/src/k8s.io/api`). */
export function stagingModules(released: GoModule): string[] {
  return [...released.replace].filter(([, target]) => target.startsWith('.')).map(([path]) => path);
}

/** Version under which a staging module is published with a release: v0.36.3 with v1.36.3. */
export function stagingVersion(release: string): string {
  return `v0.${release.replace(/^v1\./, '')}`;
}

export interface WrapperOptions {
  /** Versions of staging modules, where they are not the release's. */
  staging?: ReadonlyMap<string, string>;
  /** A directory that is taken for k8s.io/kubernetes instead of the published module. */
  tree?: string;
}

/**
 * A wrapper module from which one release of Kubernetes can be built with `go build`, without its source tree.
 * In its own go.mod the staging modules are directories; each of them is published too, so they are replaced by those.
 * @param release `v1.36.3`
 * @param released go.mod of k8s.io/kubernetes at that release
 */
export function kubernetesWrapper(release: string, released: GoModule, options: WrapperOptions = {}): string {
  const version = (path: string) => options.staging?.get(path) ?? stagingVersion(release);
  const replacements = [...released.replace].map(([path, target]) =>
    target.startsWith('.') ? `\t${path} => ${path} ${version(path)}` : `\t${path} => ${target}`,
  );
  if (options.tree !== undefined) replacements.push(`\tk8s.io/kubernetes => ${JSON.stringify(options.tree)}`);
  return [
    'module kinpod.dev/node/kubernetes',
    '',
    ...(released.go === undefined ? [] : [`go ${released.go}`, '']),
    ...released.godebug.flatMap((setting) => [`godebug ${setting}`, '']),
    `require k8s.io/kubernetes ${release}`,
    '',
    'replace (',
    ...replacements,
    ')',
    '',
  ].join('\n');
}
