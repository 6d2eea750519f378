import { KinpodError, kindMessageOf } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';
import { MOUNTED_SOCKETS } from './mounted-socket.ts';

/** What Podman's and Docker's programs say where their engine does not answer, and what can be done in a container that has its socket. */
const COMPLAINTS: readonly { says: RegExp; why(match: readonly string[]): string; todo(path: string): string[] }[] = [
  {
    says: /dial unix (\S+): connect: no such file or directory/,
    why: ([, path]) => `there is no socket ${path}`,
    todo: (path) => [mountIt(path), listenThere(path)],
  },
  {
    says: /dial unix (\S+): connect: connection refused/,
    why: ([, path]) => `nothing listens at ${path}`,
    todo: (path) => [
      listenThere(path),
      'then make the container anew: a socket that was made anew is another file than the one that is mounted',
    ],
  },
  {
    says: /dial unix (\S+): connect: permission denied/,
    why: ([, path]) => `${path} may not be used by this container's user`,
    todo: () => ['run the container as root, and with SELinux add --security-opt label=disable'],
  },
  {
    says: /server API version is too old\. Client "([^"]*)" server "([^"]*)"/,
    why: ([, client, server]) => `it is Podman ${server}, and this container's program asks for ${client} or newer`,
    todo: () => ['install Podman 4 or newer on the machine'],
  },
  {
    says: /client version (\S+) is too (?:old|new)\. (?:Minimum|Maximum) supported API version is ([0-9.]+)/i,
    why: ([, client, server]) =>
      `it speaks version ${server} of its API, and this container's docker version ${client}`,
    todo: () => ['set DOCKER_API_VERSION to a version that both speak, or use another version of the pod image'],
  },
  {
    says: /Cannot connect to the Docker daemon at (?:unix:\/\/)?(\S+?)\. Is the docker daemon running/,
    why: ([, path]) => `nobody answers at ${path}`,
    todo: (path) =>
      path.includes('://')
        ? ['see that the engine listens there, or correct DOCKER_HOST']
        : [mountIt(path), listenThere(path)],
  },
];

/**
 * An engine whose socket a container has, and that does not answer there, in words that say what is wrong with the socket.
 * @returns undefined for any other failure
 */
export function engineUnreachable(error: unknown): KinpodError | undefined {
  if (!(error instanceof CommandError)) return undefined;
  for (const { says, why, todo } of COMPLAINTS) {
    const match = says.exec(error.stderr);
    if (!match) continue;
    return new KinpodError(`the engine of this container's machine cannot be used: ${why(match)}`, {
      code: 'engine-unreachable',
      hint: todo(match[1] ?? '').join('\n'),
      cause: error,
      kindMessage: kindMessageOf(error),
    });
  }
  return undefined;
}

function mountIt(path: string): string {
  const usual = ofDocker(path) ? MOUNTED_SOCKETS[1] : MOUNTED_SOCKETS[0];
  return `mount the engine's socket there: --volume ${usual}:${path}`;
}

function listenThere(path: string): string {
  return `let the engine listen, on the machine: systemctl enable --now ${ofDocker(path) ? 'docker' : 'podman'}.socket`;
}

/** Either engine may be behind either name, but it is called by its own most often. */
function ofDocker(path: string): boolean {
  return path.includes('docker');
}
