import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';

/** What engines say, with the address where they name it: of a port that another program has, and of one that another container has. */
const PORT_COMPLAINTS = [
  /(?:(\S+?:\d+)(?:\/\w+)?: )?(?:bind: )?address already in use/i,
  /Bind for (\S+:\d+) failed: port is already allocated/i,
];

/** An engine's complaint about a host port that somebody else listens on, in words that name the port. */
export function portInUse(error: unknown): KinpodError | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const match = PORT_COMPLAINTS.map((complaint) => complaint.exec(error.stderr)).find(Boolean);
  if (!match) return undefined;
  return new KinpodError(`a host port that the cluster publishes is in use${match[1] ? `: ${match[1]}` : ''}`, {
    code: 'port-in-use',
    hint: 'choose another apiServerPort or hostPort in the config, or end the program that listens there',
    details: error.details,
    cause: error,
  });
}

/** An engine's complaint about a node's name that another container has: it was free when the create began. */
export function nameInUse(error: unknown): KinpodError | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const [, name] = /container name "\/?([^"]+)" is already in use/i.exec(error.stderr) ?? [];
  if (name === undefined) return undefined;
  return new KinpodError(`there is a container "${name}" already`, {
    code: 'name-in-use',
    hint: 'another kinpod may be making a cluster of this name on the same engine: choose another name with --name',
    details: error.details,
    cause: error,
  });
}

/** Docker's complaint about a network that was made without `--subnet`, in words that say what to do. */
export function noFixedAddress(error: unknown, network: string): KinpodError | undefined {
  if (
    !(error instanceof CommandError) ||
    !/only when connecting to networks with user configured subnets/.test(error.stderr)
  ) {
    return undefined;
  }
  return new KinpodError(
    `nodes cannot keep their addresses in the network "${network}": it was made without --subnet`,
    {
      code: 'network-unusable',
      hint: `remove it (docker network rm ${network}) and kinpod makes it anew, or name another`,
      details: error.details,
      cause: error,
    },
  );
}
