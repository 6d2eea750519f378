import semver from 'semver';
import type { Host } from './host.ts';

/** The part of `podman info` that checks read. Fields that old versions lack are optional. */
export interface PodmanInfo {
  host: {
    cgroupManager?: string;
    networkBackend?: string;
    /** Since Podman 4.5. */
    networkBackendInfo?: { path?: string; version?: string; dns?: { path?: string } };
    ociRuntime?: { name?: string; path?: string; version?: string };
    serviceIsRemote?: boolean;
    security?: { rootless?: boolean };
    /** Since Podman 5.0; before it was always slirp4netns. */
    rootlessNetworkCmd?: string;
  };
  store: {
    graphDriverName?: string;
    graphRoot?: string;
    graphOptions?: Record<string, unknown>;
    graphStatus?: Record<string, string>;
  };
}

/** Podman as far as it is there: each field needs the one before. */
export interface PodmanState {
  /** Path of the program. */
  path: string | undefined;
  version: string | undefined;
  info: PodmanInfo | undefined;
  /** What `podman info` said when it failed. */
  complaint: string | undefined;
}

export const NO_PODMAN: PodmanState = { path: undefined, version: undefined, info: undefined, complaint: undefined };

export async function readPodman(host: Host): Promise<PodmanState> {
  const state: PodmanState = { ...NO_PODMAN };
  state.path = await host.which('podman');
  if (state.path === undefined) return state;
  const [version, info] = await Promise.all([
    host.run('podman', ['--version']),
    host.run('podman', ['info', '--format', 'json']),
  ]);
  state.version = semver.coerce(version.stdout)?.version;
  if (info.exitCode !== 0) {
    state.complaint = lastLine(info.stderr) || `podman info ended with exit code ${info.exitCode}`;
    return state;
  }
  try {
    state.info = JSON.parse(info.stdout) as PodmanInfo;
  } catch {
    state.complaint = 'podman info did not answer with JSON';
  }
  return state;
}

/** The last line of a program's output that is not empty: where engines put the reason. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
