import semver from 'semver';
import { type Check, failure, ok } from '../check.ts';
import { hasSecurityOption } from '../docker-state.ts';
import { advice } from '../fixes.ts';

/** The first version in which a container can have a cgroup namespace of its own on cgroup v1 too. */
const OLDEST_DOCKER = '20.10.0';

export const docker: Check = {
  id: 'docker',
  title: 'Docker',
  scope: 'run',
  anywhere: true,
  engines: ['docker'],
  async look({ host, docker }) {
    const link = 'https://docs.docker.com/engine/install/';
    if (docker.info === undefined) {
      if ((await host.which('docker')) === undefined) {
        return {
          ...failure('docker is not installed', advice(`install Docker 20.10 or newer: ${link}`)),
          links: [link],
        };
      }
      return failure(`the daemon of Docker does not answer: ${docker.complaint}`, advice(howToReach(docker.complaint)));
    }
    const { version, info } = docker;
    if (version === undefined || semver.lt(version, OLDEST_DOCKER)) {
      const reason = `docker ${version ?? info.ServerVersion} is too old: kinpod needs 20.10 or newer`;
      return { ...failure(reason, advice(`install a newer one: ${link}`)), links: [link] };
    }
    const kind = hasSecurityOption(info, 'rootless')
      ? 'rootless'
      : hasSecurityOption(info, 'userns')
        ? 'rootful, with remapped users (nodes are not)'
        : 'rootful';
    return ok(`docker ${version}, ${kind}`);
  },
};

function howToReach(complaint = ''): string {
  if (/permission denied/i.test(complaint)) return 'sudo usermod -aG docker "$USER", then log in again';
  return 'sudo systemctl enable --now docker, or set DOCKER_HOST to where it listens';
}
