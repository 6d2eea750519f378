import { KinpodError, kindMessageOf } from '../../errors/kinpod-error.ts';
import type { NodeFile } from '../../node/node-file.ts';
import type { NodeSpec, Provider } from '../../provider/provider.ts';
import { NodeError } from '../node-error.ts';

/** A node that is to be made, and how to get what it is to be started with. */
export interface PlannedNode {
  spec: NodeSpec;
  files(): Promise<readonly NodeFile[]>;
}

/** A node that waits for its files. */
export interface MadeNode {
  name: string;
  files: readonly NodeFile[];
}

/** Make nodes, all at once, and what each is to be started with beside. */
export function makeNodes(
  provider: Provider,
  nodes: readonly PlannedNode[],
  signal: AbortSignal,
): Promise<readonly MadeNode[]> {
  return whole(
    nodes.map(async ({ spec, files }) => {
      const making = provider.createNode(spec, signal);
      const listing = files();
      await whole<unknown>([making, listing]);
      return { name: spec.name, files: await listing };
    }),
  );
}

/**
 * Start nodes that were made, all at once.
 * @throws {NodeError} of the first that could not be started, with the code of the provider's error
 */
export async function startMadeNodes(
  provider: Provider,
  nodes: readonly MadeNode[],
  signal: AbortSignal,
): Promise<void> {
  await whole(
    nodes.map(({ name, files }) =>
      provider.startNode(name, files, signal).catch((error: unknown) => {
        if (!(error instanceof KinpodError)) throw error;
        throw new NodeError(name, error.message, { ...error, cause: error, kindMessage: kindMessageOf(error) });
      }),
    ),
  );
}

/** All are awaited, also where one has failed: what is to be undone must not still be being made. */
async function whole<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
