import type { RefusedEngine } from '../provider/detect.ts';
import type { Distribution } from './distribution.ts';
import type { DockerState } from './docker-state.ts';
import type { Fix } from './fix.ts';
import type { Host } from './host.ts';
import type { HostFacts } from './host-facts.ts';
import type { PodmanState } from './podman-state.ts';

export type CheckStatus = 'ok' | 'warning' | 'error';

/** `run`: needed to run clusters; `build`: needed to build node images. */
export type CheckScope = 'run' | 'build';

/** What a check found. */
export interface Finding {
  status: CheckStatus;
  /** One line: what was found and what it means; no line end, no full stop. */
  reason: string;
  fix?: Fix;
  /** Pages that explain more. */
  links?: readonly string[];
}

/** A finding with the check that it is of: one element of `kinpod check -o json`. */
export interface CheckResult extends Finding {
  id: string;
  title: string;
  scope: CheckScope;
}

/** Which engine is looked at. */
export type CheckedEngine = RefusedEngine['name'];

/** What checks look at. The engine is asked once, for all of them. */
export interface CheckContext {
  engine: CheckedEngine;
  /** The user named it. */
  named: boolean;
  /** Engines that were not taken, and why. */
  refused: readonly RefusedEngine[];
  host: Host;
  facts: HostFacts;
  distribution: Distribution;
  /** Nothing where another engine is looked at; so are the others. */
  podman: PodmanState;
  docker: DockerState;
  rootless: boolean;
}

/** A check is data and a function that decides from what the host says. */
export interface Check {
  /** Stable, lower-case with dashes. */
  id: string;
  title: string;
  scope: CheckScope;
  /** Whose it is. Default: of whichever engine. */
  engines?: readonly CheckedEngine[];
  /** Asks the engine or the build's tools only, so it also means something where the engine has a machine of its own. */
  anywhere?: boolean;
  /** Run when nothing else is wrong: a check that tries what the others only look at. */
  last?: boolean;
  /** @returns undefined where the check does not apply */
  look(context: CheckContext): Promise<Finding | undefined> | Finding | undefined;
}

export const ok = (reason: string): Finding => ({ status: 'ok', reason });
export const warning = (reason: string, fix?: Fix): Finding => ({ status: 'warning', reason, ...(fix && { fix }) });
export const failure = (reason: string, fix?: Fix): Finding => ({ status: 'error', reason, ...(fix && { fix }) });
