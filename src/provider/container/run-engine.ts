import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError, type RunOptions, type RunResult, run } from '../../exec/run.ts';
import type { EngineFacts } from './engine.ts';
import { inContainer } from './mounted-socket.ts';
import { engineUnreachable } from './unreachable.ts';

/** Run an engine's program. @throws {KinpodError} `engine-missing`, `engine-unreachable`; what else it throws is as of {@link run} */
export async function runEngine(
  engine: EngineFacts,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  try {
    return await run(engine.command, args, options);
  } catch (error) {
    // What a program in a node says is of its own engine: crictl and ctr use the same words of containerd's socket.
    const ofNode = args[0] === 'exec';
    throw engineMissing(error, engine) ?? (ofNode ? undefined : await unreachable(error)) ?? error;
  }
}

function engineMissing(error: unknown, engine: EngineFacts): KinpodError | undefined {
  if (!(error instanceof CommandError) || !error.notStarted) return undefined;
  return new KinpodError(`${engine.command} cannot be run: it is not installed, or not on the PATH`, {
    code: 'engine-missing',
    hint: 'kinpod check --fix',
    cause: error,
  });
}

/** On a machine the engine's own words are the better ones: they tell how it is started there. */
async function unreachable(error: unknown): Promise<KinpodError | undefined> {
  const explained = engineUnreachable(error);
  return explained && (await inContainer(process.env)) ? explained : undefined;
}
