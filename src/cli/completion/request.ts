import { variable } from '../../exec/variables.ts';
import { commands } from '../commands.ts';
import { answer, type Lookup } from './answer.ts';
import { complete } from './complete.ts';
import { completionTree } from './tree.ts';

/** Milliseconds that an engine may take to name what it has: a prompt that hangs is worse than one that offers nothing. */
const LOOKUP_LIMIT_MS = 2_000;

/** @param words what stands on the command line after the program's name, up to the cursor */
export function answerCompletion(words: readonly string[], asKind: boolean, env: NodeJS.ProcessEnv): Promise<string> {
  return answer(complete(completionTree(commands, asKind), words), words.at(-1) ?? '', lookup(env), env);
}

/** Asks the engine without the rest of the library, which takes longer to load than the engine to answer. */
function lookup(env: NodeJS.ProcessEnv): Lookup {
  const provider = async () => {
    const { openSession } = await import('../../cluster/session.ts');
    const signal = AbortSignal.timeout(LOOKUP_LIMIT_MS);
    return (await openSession({ env, signal, provider: variable(env, 'EXPERIMENTAL_PROVIDER') })).provider;
  };
  return {
    clusters: async () => (await provider()).listClusters(),
    nodes: async (cluster) => (await (await provider()).listNodes(cluster)).map((node) => node.name),
  };
}
