import type { ApiServerOptions } from '../config/api-server.ts';
import type { ClusterConfig } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import { inPod } from '../provider/container/mounted-socket.ts';

/** Where the API server is published in a pod image, unless told otherwise: the port that it has in a node. */
const POD_API_PORT = 6443;

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Where a configuration is: its text, or a file. */
export type ConfigPlace = { text: string } | { path: string };

/**
 * KINPOD_CONFIG is a path or the configuration itself, as a manifest has it in its env. A configuration has at least one field, so
 * a colon and a blank or an end of line.
 */
export function configPlace(value: string): ConfigPlace {
  return /:\s|:$|^\s*\{/m.test(value) ? { text: value } : { path: value };
}

/** A variable that the pod image takes under the name by which such images are known, and kinpod under its own prefix everywhere. */
function setting(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[`KINPOD_${name}`] || (inPod(env) && env[name]) || undefined;
}

/**
 * How the API server is published: API_SERVER_ADDRESS, API_SERVER_PORT and API_SERVER_SANS before the configuration. In a container
 * an address that only this container sees is of no use to who publishes a port of it, and a port that is another each time neither.
 * @param pod nodes are made in this container
 * @param hostName of this machine or container
 * @throws {KinpodError} `usage`
 */
export function apiServerOptions(
  env: NodeJS.ProcessEnv,
  { networking }: Pick<ClusterConfig, 'networking'>,
  pod: boolean,
  hostName: string,
): ApiServerOptions {
  const { apiServerAddress, apiServerPort } = networking;
  const everywhere = networking.ipFamily === 'ipv6' ? '::' : '0.0.0.0';
  const names = (setting(env, 'API_SERVER_SANS') ?? '').split(/[\s,]+/).filter(Boolean);
  return {
    address:
      setting(env, 'API_SERVER_ADDRESS') ?? (pod && LOOPBACK.includes(apiServerAddress) ? everywhere : undefined),
    port: portOf(setting(env, 'API_SERVER_PORT')) ?? (pod && apiServerPort <= 0 ? POD_API_PORT : undefined),
    names: pod ? ['127.0.0.1', hostName, ...names] : names,
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new KinpodError(`API_SERVER_PORT is "${text}", which is not a port`, { code: 'usage', hint: '1 to 65535' });
}
