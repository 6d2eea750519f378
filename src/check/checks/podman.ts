import semver from 'semver';
import { type Check, failure, ok, warning } from '../check.ts';
import type { Need } from '../distribution.ts';
import { refusalOf } from '../docker-state.ts';
import { advice, installing } from '../fixes.ts';

/** The first version with netavark, on which names and fixed addresses of nodes rest. */
const OLDEST_PODMAN = '4.0.0';

export const podman: Check = {
  id: 'podman',
  title: 'Podman',
  scope: 'run',
  engines: ['podman'],
  anywhere: true,
  look(context) {
    const { path, version, info, complaint } = context.podman;
    const needs: Need[] = context.rootless ? ['engine', 'rootless'] : ['engine'];
    const link = 'https://podman.io/docs/installation';
    const elsewhere = `install Podman ${semver.major(OLDEST_PODMAN)} or newer: ${link}`;
    if (path === undefined) {
      const docker = refusalOf(context.refused, 'docker');
      const reason = `podman is not installed${docker ? `, and docker cannot be used: ${docker}` : ''}`;
      return { ...failure(reason, installing(context, needs, elsewhere)), links: [link] };
    }
    if (version === undefined) return failure(`${path} does not tell its version`, advice(elsewhere));
    if (semver.lt(version, OLDEST_PODMAN)) {
      const reason = `podman ${version} is too old: kinpod needs ${semver.major(OLDEST_PODMAN)}.0 or newer`;
      return { ...failure(reason, installing(context, needs, elsewhere)), links: [link] };
    }
    if (info === undefined) {
      return failure(
        `podman ${version} does not work: ${complaint}`,
        advice('run `podman info` to see what it misses'),
      );
    }
    if (context.rootless && info.host.security?.rootless === false) {
      return warning(
        `podman ${version} is not rootless, though this is not root: a wrapper, or another machine's (CONTAINER_HOST)`,
        advice('call the podman of this user, or run kinpod as root too'),
      );
    }
    return ok(`podman ${version}, ${context.rootless ? 'rootless' : 'rootful'}`);
  },
};
