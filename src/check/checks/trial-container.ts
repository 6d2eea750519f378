import { podman as engine, ulimitArgs } from '../../provider/container/engine.ts';
import { type Check, failure, ok } from '../check.ts';
import { advice } from '../fixes.ts';
import { lastLine } from '../podman-state.ts';

/** The host's own programs and libraries are the container's: no image is needed. */
const SHARED_DIRECTORIES = ['/usr', '/lib', '/lib64'];
const TRIAL_PROGRAM = '/usr/bin/true';

/**
 * Start what a node is to the engine: privileged, own cgroup namespace, on a bridge network, with a published port and the
 * limits that kinpod passes. Everything that the other checks do not know of shows here, in the engine's own words.
 */
export const trialContainer: Check = {
  id: 'trial-container',
  title: 'Trial container',
  scope: 'run',
  engines: ['podman'],
  last: true,
  async look({ host, facts, podman }) {
    if (podman.info === undefined || podman.info.host.serviceIsRemote || !(await host.exists(TRIAL_PROGRAM))) {
      return undefined;
    }
    const present = await Promise.all(SHARED_DIRECTORIES.map((directory) => host.exists(directory)));
    const volumes = SHARED_DIRECTORIES.filter((_, i) => present[i]).map((d) => `--volume=${d}:${d}:ro`);
    const { exitCode, stderr } = await host.withScratchDirectory((root) =>
      host.run('podman', [
        'run',
        '--rm',
        '--privileged',
        '--cgroupns=private',
        '--network=bridge',
        `--publish=127.0.0.1:${engine.publishAnyPort}:6443/tcp`,
        ...engine.unlimitedPids,
        ...ulimitArgs(facts),
        ...volumes,
        '--rootfs',
        root,
        TRIAL_PROGRAM,
      ]),
    );
    if (exitCode === 0) return ok('a container like a node starts, with a network and a published port');
    return failure(
      `a container like a node does not start: ${lastLine(stderr) || `exit code ${exitCode}`}`,
      advice('what the engine says is its own: see its documentation, or report it with `kinpod check -o json`'),
    );
  },
};
