import { KinpodError, kindMessageOf, saidByKind } from '../errors/kinpod-error.ts';
import { KubeconfigDocument, type KubeconfigEntry, type OuterReference } from './document.ts';
import { isSpecialFile, readKubeconfigFile, writeKubeconfigFile } from './file.ts';
import { withFileLock } from './lock.ts';
import { type Candidate, chooseMergePath, kubeconfigPaths } from './paths.ts';

export { type KubeconfigEntry, type OuterReference, renderKubeconfig } from './document.ts';
export { kubeconfigPaths } from './paths.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Write the entry into the user's kubeconfig and make it the current context.
 * @param target the file to use, in the place of $KUBECONFIG and ~/.kube/config
 * @returns the path of the file that has the entry now
 * @throws {KinpodError} `invalid-kubeconfig`, `kubeconfig-not-readable`, `kubeconfig-not-writable`; `timeout` if
 * another program keeps it locked
 */
export async function mergeKubeconfig(
  entry: KubeconfigEntry,
  target: string | undefined,
  env: Environment,
  signal?: AbortSignal,
): Promise<string> {
  const [first, ...rest] = kubeconfigPaths(target, env);
  const choose = () =>
    rest.length === 0 ? first : chooseMergePath([candidate(first, entry), ...rest.map((p) => candidate(p, entry))]);
  const path = readable(MERGING, choose);
  await edit(path, signal, MERGING, (document) => {
    document.put(entry);
    document.currentContext = entry.name;
    return true;
  });
  // In a list of files the first current context counts: kubectl changes it there, and so it is done here.
  const decisive = [first, ...rest].find((p) => p === path || currentContextOf(p) !== '');
  if (decisive !== undefined && decisive !== path) {
    await edit(decisive, signal, MERGING, (document) => {
      document.currentContext = entry.name;
      return true;
    });
  }
  return path;
}

/**
 * Look whether the files that {@link mergeKubeconfig} would read can be read, before minutes of work are put into what goes there.
 * @throws {KinpodError} `invalid-kubeconfig`, `kubeconfig-not-readable`
 */
export function checkKubeconfig(target: string | undefined, env: Environment): void {
  for (const path of kubeconfigPaths(target, env)) readable(MERGING, () => readDocument(path));
}

/**
 * Remove the cluster, user and context of that name from all files in question, and the current context where it is
 * that one. Files that do not mention the name are not locked, and need not even be valid.
 * @param options `everyFile`: they are to be valid all the same, as kind has it. Default false. `of`: only the entry of a cluster whose
 * nodes are in that outer cluster, or in none; clusters of one name may be in several places. Default: whatever it is of
 * @returns the paths of the files that were changed
 */
export async function removeKubeconfig(
  contextName: string,
  target: string | undefined,
  env: Environment,
  options: {
    signal?: AbortSignal | undefined;
    everyFile?: boolean | undefined;
    of?: { outer: OuterReference | undefined } | undefined;
  } = {},
): Promise<string[]> {
  const changed: string[] = [];
  const { of } = options;
  const remove = (document: KubeconfigDocument) =>
    (of === undefined || document.isOf(contextName, of.outer)) && document.remove(contextName);
  for (const path of kubeconfigPaths(target, env)) {
    if (!options.everyFile && !readable(REMOVING, () => readKubeconfigFile(path))?.includes(contextName)) continue;
    if (await edit(path, options.signal, REMOVING, remove)) changed.push(path);
  }
  return changed;
}

/**
 * @param contextName default: the file's current context
 * @throws {KinpodError} `kubeconfig-entry-missing` if the context, its cluster or its user is not there, or has its
 * certificates in other files
 */
export function readUserKubeconfig(text: string, contextName?: string): KubeconfigEntry {
  const document = new KubeconfigDocument(text, 'the kubeconfig');
  return document.read(contextName ?? document.currentContext);
}

/**
 * Where the nodes of the current context's cluster are Pods: by what the cluster around it is reached. Who has just made a cluster
 * has that one's context, and means the cluster around it where he speaks of Pods.
 * @returns undefined for a cluster that is not in another, or that was not made by kinpod
 */
export function outerOfCurrentContext(target: string | undefined, env: Environment): OuterReference | undefined {
  const current = currentContext(target, env);
  return current === undefined ? undefined : outerOfContext(current, target, env);
}

/** The same of another context. */
export function outerOfContext(
  context: string,
  target: string | undefined,
  env: Environment,
): OuterReference | undefined {
  // In a list of files the first entry of a name counts.
  return documents(target, env)
    .find((one) => one.has(context))
    ?.outerOf(context);
}

/** The namespace of a context: `default` where it names none, undefined where no file has the context. */
export function namespaceOfContext(context: string, target: string | undefined, env: Environment): string | undefined {
  const found = documents(target, env)
    .map((one) => one.namespaceOf(context))
    .find((namespace) => namespace !== undefined);
  return found === '' ? 'default' : found;
}

/** Whether any of the files in question has a cluster, a user or a context of that name. */
export function hasEntry(contextName: string, target: string | undefined, env: Environment): boolean {
  return documents(target, env).some((one) => one.has(contextName));
}

/** @returns undefined where none is set */
export function currentContext(target: string | undefined, env: Environment): string | undefined {
  // In a list of files the first one counts.
  return documents(target, env).find((one) => one.currentContext !== '')?.currentContext;
}

function documents(target: string | undefined, env: Environment): KubeconfigDocument[] {
  return kubeconfigPaths(target, env).flatMap((path) => {
    const text = readKubeconfigFile(path);
    return text === undefined ? [] : [new KubeconfigDocument(text, path)];
  });
}

/** Change a file under its lock; `change` tells whether there is anything to write. */
async function edit(
  path: string,
  signal: AbortSignal | undefined,
  kindsWhat: string,
  change: (document: KubeconfigDocument) => boolean,
): Promise<boolean> {
  const work = (): boolean => {
    const document = readable(kindsWhat, () => readDocument(path));
    const changed = change(document);
    if (changed) writeKubeconfigFile(path, document.toString());
    return changed;
  };
  // /dev/null and the like have no content that two programs could spoil for each other.
  return isSpecialFile(path) ? work() : withFileLock(path, work, { signal });
}

/** What kind says before the reason why it could not read a file. */
const MERGING = 'failed to get kubeconfig to merge';
const REMOVING = 'failed to read kubeconfig to remove KIND entry';

function readable<T>(kindsWhat: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KinpodError)) throw error;
    throw saidByKind(error, `${kindsWhat}: ${kindMessageOf(error)}`);
  }
}

function readDocument(path: string): KubeconfigDocument {
  return new KubeconfigDocument(readKubeconfigFile(path) ?? '', path);
}

function candidate(path: string, entry: KubeconfigEntry): Candidate {
  const text = readKubeconfigFile(path);
  return {
    path,
    exists: text !== undefined,
    hasEntry: text !== undefined && new KubeconfigDocument(text, path).has(entry.name),
  };
}

function currentContextOf(path: string): string {
  return readDocument(path).currentContext;
}
