import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';

/** What engines say, with the address where they name it: of a port that another program has, and of one that another container has. */
const COMPLAINTS = [
  /(?:(\S+?:\d+)(?:\/\w+)?: )?(?:bind: )?address already in use/i,
  /Bind for (\S+:\d+) failed: port is already allocated/i,
];

/** An engine's complaint about a host port that somebody else listens on, in words that name the port. */
export function portInUse(error: unknown): KinpodError | undefined {
  if (!(error instanceof CommandError)) return undefined;
  const match = COMPLAINTS.map((complaint) => complaint.exec(error.stderr)).find(Boolean);
  if (!match) return undefined;
  return new KinpodError(`a host port that the cluster publishes is in use${match[1] ? `: ${match[1]}` : ''}`, {
    code: 'port-in-use',
    hint: 'choose another apiServerPort or hostPort in the config, or end the program that listens there',
    details: error.details,
    cause: error,
  });
}
