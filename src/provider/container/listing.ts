import type { Endpoint } from '../../network/endpoint.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL } from '../labels.ts';

/**
 * Labels as engines list them: an object; `k=v` strings since Podman 6 (kind issue 4201); or, in Docker's lists, one string
 * `k=v,k=v`.
 */
export type Labels = Readonly<Record<string, string>> | readonly string[] | string | null;

/** Entries of a list that an engine printed as JSON: one array, or an object a line. */
export function parseList<T>(text: string): T[] {
  if (text.startsWith('[')) return JSON.parse(text) as T[];
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/**
 * A comma within a value of Docker's string is told from one between labels by the `=` that follows it only there. None of
 * the labels that kind and kinpod read has one.
 */
export function labelsOf(labels: Labels): Record<string, string> {
  if (labels === null) return {};
  if (typeof labels === 'string') return labelsOf(labels.split(/,(?=[^,=]+=)/).filter(Boolean));
  if (!isList(labels)) return { ...labels };
  return Object.fromEntries(labels.map((l) => [l.split('=', 1)[0] ?? '', l.slice(l.indexOf('=') + 1)]));
}

function isList(labels: Readonly<Record<string, string>> | readonly string[]): labels is readonly string[] {
  return Array.isArray(labels);
}

/** Where a port is published, as `port` prints it: `127.0.0.1:36443`, `[::1]:36443`. The first one, where there are several. */
export function publishedAt(text: string): Endpoint | undefined {
  const [, host, port] = /^(.*):(\d+)$/m.exec(text) ?? [];
  if (!host || !port) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1', port: Number(port) };
}

/** A node's entry of `inspect`. */
export interface NodeEntry {
  Config: { Labels: Labels };
  NetworkSettings: {
    Networks?: Readonly<Record<string, { IPAddress?: string; GlobalIPv6Address?: string }>> | null | undefined;
  };
}

/**
 * The network that a node is in and its address there, by which it is reached from beside it: the one that it keeps, also while it
 * is stopped; kind's nodes have the engine's.
 * @param usual taken where it is in several
 */
export function placeOf(
  { Config, NetworkSettings }: NodeEntry,
  usual: string,
): { cluster: string; network: string; host: string } | undefined {
  const labels = labelsOf(Config.Labels);
  const networks = NetworkSettings.Networks ?? {};
  const network = usual in networks ? usual : Object.keys(networks)[0];
  const given = network === undefined ? undefined : networks[network];
  const host = labels[ADDRESS_LABEL]?.split(',')[0] || given?.IPAddress || given?.GlobalIPv6Address;
  if (network === undefined || !host) return undefined;
  return { cluster: labels[CLUSTER_LABEL] ?? '', network, host };
}
