import semver from 'semver';
import type { RefusedEngine } from '../provider/detect.ts';
import type { Host } from './host.ts';
import { lastLine } from './podman-state.ts';

/** The part of `docker info` that checks read. */
export interface DockerInfo {
  ServerVersion?: string;
  Driver?: string;
  DriverStatus?: [string, string][] | null;
  CgroupDriver?: string;
  CgroupVersion?: string;
  SecurityOptions?: string[] | null;
  DockerRootDir?: string;
  DefaultRuntime?: string;
  MemoryLimit?: boolean;
  PidsLimit?: boolean;
  CPUShares?: boolean;
}

/** Docker as far as it is there. */
export interface DockerState {
  /** Of the daemon; undefined where it does not answer. */
  version: string | undefined;
  info: DockerInfo | undefined;
  /** What `docker info` said when it failed. */
  complaint: string | undefined;
}

export const NO_DOCKER: DockerState = { version: undefined, info: undefined, complaint: undefined };

export async function readDocker(host: Host): Promise<DockerState> {
  const { exitCode, stdout, stderr } = await host.run('docker', ['info', '--format', '{{json .}}']);
  try {
    const info = JSON.parse(stdout) as DockerInfo & { ServerErrors?: string[] };
    // A CLI without a daemon succeeds in some versions, and tells what it knows of itself.
    const complaint = info.ServerErrors?.[0] ?? (exitCode === 0 ? undefined : lastLine(stderr));
    if (complaint !== undefined) return { ...NO_DOCKER, complaint };
    return { version: semver.coerce(info.ServerVersion)?.version, info, complaint: undefined };
  } catch {
    return { ...NO_DOCKER, complaint: lastLine(stderr) || `docker info ended with exit code ${exitCode}` };
  }
}

/** `name=rootless` */
export function hasSecurityOption(info: DockerInfo, name: string): boolean {
  return (info.SecurityOptions ?? []).some((option) => option.split(',').includes(`name=${name}`));
}

/** What was said of an engine that was not taken; undefined where nothing was. */
export function refusalOf(refused: readonly RefusedEngine[], name: RefusedEngine['name']): string | undefined {
  return refused.find((one) => one.name === name)?.reason;
}
