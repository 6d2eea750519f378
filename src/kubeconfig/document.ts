import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ToStringOptions,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { parseFirstDocument } from '../config/yaml/parser.ts';
import { YamlError } from '../config/yaml/yaml-error.ts';
import { KinpodError } from '../errors/kinpod-error.ts';

/** The cluster that another's nodes are Pods of, as it was named when that one was made. */
export interface OuterReference {
  /** A context of the same kubeconfig. Undefined: the service account of the Pod that this process is in. */
  context?: string | undefined;
  namespace: string;
}

/** Name of the extension by which a context tells its cluster's {@link OuterReference}. */
const OUTER_EXTENSION = 'dev.kinpod/outer';

/** How to reach a cluster and as whom, under one name for the kubeconfig's cluster, user and context. */
export interface KubeconfigEntry {
  /** `kind-<cluster name>` */
  name: string;
  /** `https://127.0.0.1:36443` */
  server: string;
  /** Name that the server's certificate is checked for, where it is not the server's host. */
  tlsServerName?: string | undefined;
  /** Where the nodes are Pods: by what their cluster is reached. */
  outer?: OuterReference | undefined;
  /** PEM; base64 is a matter of the file only. */
  caPem: string;
  clientCertPem: string;
  clientKeyPem: string;
}

const SECTIONS = ['clusters', 'contexts', 'users'] as const;
type Section = (typeof SECTIONS)[number];

const toBase64 = (pem: string): string => Buffer.from(pem).toString('base64');

function entryItems(entry: KubeconfigEntry): Record<Section, object> {
  const { name } = entry;
  return {
    clusters: {
      cluster: {
        'certificate-authority-data': toBase64(entry.caPem),
        server: entry.server,
        ...(entry.tlsServerName !== undefined && { 'tls-server-name': entry.tlsServerName }),
      },
      name,
    },
    contexts: {
      context: {
        cluster: name,
        ...(entry.outer && { extensions: [{ extension: { ...entry.outer }, name: OUTER_EXTENSION }] }),
        user: name,
      },
      name,
    },
    users: {
      name,
      user: {
        'client-certificate-data': toBase64(entry.clientCertPem),
        'client-key-data': toBase64(entry.clientKeyPem),
      },
    },
  };
}

/** A kubeconfig file's text, edited in place: what is not touched keeps its order, form and comments. */
export class KubeconfigDocument {
  readonly #document: Document;
  readonly #text: string;

  /** @throws {KinpodError} `invalid-kubeconfig` with the position, if the text is not a kubeconfig */
  constructor(text: string, path: string) {
    this.#text = text;
    this.#document = parse(text, path);
  }

  get currentContext(): string {
    return String(this.#document.get('current-context') ?? '');
  }

  set currentContext(name: string) {
    this.#document.set('current-context', name);
  }

  /** True if there is a cluster, a user or a context of that name. */
  has(name: string): boolean {
    return SECTIONS.some((section) => this.#items(section).some((item) => nameOf(item) === name));
  }

  /** Add the entry, in the place of one with its name if there is one. */
  put(entry: KubeconfigEntry): void {
    this.#setDefault('apiVersion', 'v1');
    const items = entryItems(entry);
    for (const section of SECTIONS) {
      const seq = this.#section(section);
      const item = this.#document.createNode(items[section]);
      const index = seq.items.findIndex((old) => nameOf(old) === entry.name);
      const old = seq.items[index];
      if (index < 0) {
        seq.items.push(item);
        continue;
      }
      if (isNode(old)) {
        item.commentBefore = old.commentBefore ?? null;
        item.spaceBefore = old.spaceBefore ?? false;
      }
      seq.items[index] = item;
    }
    this.#setDefault('kind', 'Config');
  }

  /** @returns whether there was anything to remove */
  remove(name: string): boolean {
    const had = this.has(name) || this.currentContext === name;
    for (const section of SECTIONS) {
      const seq = this.#document.get(section);
      if (isSeq(seq)) seq.items = seq.items.filter((item) => nameOf(item) !== name);
    }
    if (this.currentContext === name) this.currentContext = '';
    return had;
  }

  /** @throws {KinpodError} `kubeconfig-entry-missing` */
  read(contextName: string): KubeconfigEntry {
    const context = this.#body('contexts', contextName, 'context');
    const cluster = this.#body('clusters', context('cluster'), 'cluster');
    const user = this.#body('users', context('user'), 'user');
    const pem = (base64: string): string => Buffer.from(base64, 'base64').toString();
    return {
      name: contextName,
      server: cluster('server'),
      caPem: pem(cluster('certificate-authority-data')),
      clientCertPem: pem(user('client-certificate-data')),
      clientKeyPem: pem(user('client-key-data')),
    };
  }

  /** Where the cluster of a context has its nodes, if they are Pods. */
  outerOf(contextName: string): OuterReference | undefined {
    const item = this.#items('contexts').find((one) => nameOf(one) === contextName);
    const extensions = isMap(item) ? item.getIn(['context', 'extensions']) : undefined;
    const found = isSeq(extensions) ? extensions.items.find((one) => nameOf(one) === OUTER_EXTENSION) : undefined;
    const read = (key: string) => (isMap(found) ? found.getIn(['extension', key]) : undefined);
    const [context, namespace] = [read('context'), read('namespace')];
    if (typeof namespace !== 'string') return undefined;
    return typeof context === 'string' ? { context, namespace } : { namespace };
  }

  /** The namespace that a context names: empty where it names none, undefined where there is no such context. */
  namespaceOf(contextName: string): string | undefined {
    const item = this.#items('contexts').find((one) => nameOf(one) === contextName);
    return isMap(item) ? String(item.getIn(['context', 'namespace']) ?? '') : undefined;
  }

  /** Whether a context's cluster has its nodes there; of a name that is no context's nothing speaks against it. */
  isOf(contextName: string, outer: OuterReference | undefined): boolean {
    if (!this.#items('contexts').some((one) => nameOf(one) === contextName)) return true;
    const told = this.outerOf(contextName);
    return told?.context === outer?.context && told?.namespace === outer?.namespace;
  }

  toString(): string {
    return isJson(this.#text)
      ? `${JSON.stringify(this.#document.toJS(), null, jsonIndent(this.#text))}\n`
      : this.#document.toString({ lineWidth: 0, ...layoutOf(this.#text) });
  }

  #items(section: Section): unknown[] {
    const seq = this.#document.get(section);
    return isSeq(seq) ? seq.items : [];
  }

  #section(section: Section): YAMLSeq {
    const found = this.#document.get(section);
    if (isSeq(found) && found.items.length > 0) return found;
    const seq = new YAMLSeq();
    this.#document.set(section, seq);
    return seq;
  }

  #setDefault(key: string, value: string): void {
    if (!this.#document.get(key)) this.#document.set(key, value);
  }

  /** A reader of the string fields of the named item. */
  #body(section: Section, name: string, field: string): (key: string) => string {
    const item = this.#items(section).find((item) => nameOf(item) === name);
    return (key) => {
      const value = isMap(item) ? item.getIn([field, key]) : undefined;
      if (typeof value === 'string') return value;
      const what = item === undefined ? `no ${field} "${name}"` : `no ${key} in its ${field} "${name}"`;
      throw new KinpodError(`the kubeconfig has ${what}`, { code: 'kubeconfig-entry-missing' });
    };
  }
}

function nameOf(item: unknown): string | undefined {
  const name = isMap(item) ? item.get('name') : undefined;
  return name === undefined || name === null ? undefined : String(name);
}

/** What Go says of YAML that cannot be read; undefined where it can, and is something else. */
function goYamlError(text: string): string | undefined {
  try {
    parseFirstDocument(Buffer.from(text));
    return undefined;
  } catch (error) {
    return error instanceof YamlError ? error.goText : undefined;
  }
}

function parse(text: string, path: string): Document {
  const lineCounter = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter });
  const invalid = (offset: number, problem: string): KinpodError => {
    const { line, col } = lineCounter.linePos(offset);
    return new KinpodError(`${path} is not a valid kubeconfig`, {
      code: 'invalid-kubeconfig',
      details: `${path}:${line}:${col}: ${problem}`,
      hint: `mend it (it has not been changed), or name another file with --kubeconfig or $KUBECONFIG`,
      kindMessage: goYamlError(text),
    });
  };
  const [error] = document.errors;
  if (error) throw invalid(error.pos[0], error.message.split('\n', 1)[0]?.replace(/ at line \d+.*/, '') ?? '');
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    document.contents = document.createNode(new YAMLMap());
  }
  if (!isMap(document.contents)) throw invalid(document.contents?.range?.[0] ?? 0, 'expected a mapping');
  for (const section of SECTIONS) {
    const node = document.contents.get(section, true);
    if (node === undefined || isSeq(node) || (isScalar(node) && node.value === null)) continue;
    throw invalid(isNode(node) ? (node.range?.[0] ?? 0) : 0, `${section}: expected a list`);
  }
  return document;
}

/** The indentation that the file has now; kubectl's own is two spaces and lists that are not indented. */
function layoutOf(text: string): ToStringOptions {
  const firstItem = /^[\w-]+:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*( *)- /m.exec(text)?.[1] ?? '';
  return firstItem === '' ? { indentSeq: false } : { indentSeq: true, indent: firstItem.length };
}

function isJson(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function jsonIndent(text: string): string | undefined {
  return /^\{\s*\n([ \t]+)"/.exec(text.trimStart())?.[1];
}

/** A kubeconfig file of this one entry. */
export function renderKubeconfig(entry: KubeconfigEntry): string {
  const items = entryItems(entry);
  const config = {
    apiVersion: 'v1',
    clusters: [items.clusters],
    contexts: [items.contexts],
    'current-context': entry.name,
    kind: 'Config',
    users: [items.users],
  };
  return new Document(config).toString({ lineWidth: 0, indentSeq: false });
}
