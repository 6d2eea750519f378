import { stat } from 'node:fs/promises';

/** Marks of a container: Podman's and Docker's; in a Pod the kubelet sets the variable. */
const CONTAINER_MARKS = ['/run/.containerenv', '/.dockerenv'];

/** Where the pod image takes the socket of an engine from, in this order: see images/pod/rootfs/usr/local/bin/podman. */
export const MOUNTED_SOCKETS = ['/run/podman/podman.sock', '/var/run/docker.sock'] as const;

/** What is at a path: a bind mount of what is missing makes a directory, with Docker and in Pods. */
export type Found = 'socket' | 'directory' | 'other';

/** @returns undefined where there is nothing, or nothing that may be seen */
export async function whatIsAt(path: string): Promise<Found | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  return found.isSocket() ? 'socket' : found.isDirectory() ? 'directory' : 'other';
}

/** Whether kinpod runs in a container of its own pod image. */
export function inPod(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.KINPOD_IN_POD);
}

/** Not every engine leaves a mark: containerd's own programs and some Dockers do not. The pod image tells by itself. */
export async function inContainer(
  env: NodeJS.ProcessEnv,
  look: (path: string) => Promise<Found | undefined> = whatIsAt,
): Promise<boolean> {
  if (inPod(env) || env.KUBERNETES_SERVICE_HOST) return true;
  return (await Promise.all(CONTAINER_MARKS.map(look))).some(Boolean);
}

/**
 * Where Podman's program asks an engine for its work; undefined: it does it itself, in this machine or container. In a container of
 * the pod image it takes a socket that is mounted, and one that is meant for Docker's program too: Podman listens there as well.
 */
export async function podmanEndpoint(
  env: NodeJS.ProcessEnv,
  look: (path: string) => Promise<Found | undefined> = whatIsAt,
): Promise<string | undefined> {
  if (env.CONTAINER_HOST || !inPod(env)) return env.CONTAINER_HOST || undefined;
  const [podmans, dockers] = await Promise.all(MOUNTED_SOCKETS.map(look));
  if (podmans === 'socket') return `unix://${MOUNTED_SOCKETS[0]}`;
  return env.DOCKER_HOST || (dockers === 'socket' ? `unix://${MOUNTED_SOCKETS[1]}` : undefined);
}

/** Whether an endpoint of {@link podmanEndpoint} is meant for Podman, not one for Docker where Podman may be too. */
export function isPodmans(endpoint: string, env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.CONTAINER_HOST) || endpoint === `unix://${MOUNTED_SOCKETS[0]}`;
}
