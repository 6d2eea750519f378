import { KinpodError } from '../../errors/kinpod-error.ts';
import type { CommonOptions } from '../../index.ts';
import type { Library } from '../command.ts';
import { explained } from '../commands/shared.ts';
import type { Output } from '../output.ts';
import { KIND_IMAGE, kindBuild, kindBuildFailure } from './build-words.ts';

interface BuildArguments {
  source?: string | undefined;
  type?: string | undefined;
  image?: string | undefined;
  baseImage?: string | undefined;
  arch?: string | undefined;
}

type BuildOptions = Parameters<Library['buildNodeImage']>[0];

/** `build node-image` as kind has it: what it takes for which source, its words around our steps, and its default name. */
export async function buildAsKind(
  { source = '', type = '', arch = '', image, baseImage }: BuildArguments,
  { kinpod, common, out }: { kinpod: Library; common: CommonOptions; out: Output },
): Promise<void> {
  const build = async () => {
    const planned = kindBuild(source, type, arch);
    for (const line of planned.lines) out.status(line);
    if (planned.failure) throw planned.failure;
    const options = {
      ...common,
      source: planned.source,
      type: planned.type as BuildOptions['type'],
      image: image || KIND_IMAGE,
      baseImage: baseImage || undefined,
      arch: arch || undefined,
    };
    try {
      return await kinpod.buildNodeImage(options);
    } catch (error) {
      const failure = error instanceof KinpodError ? await kindBuildFailure(error, planned) : undefined;
      if (failure?.line) out.status(failure.line);
      throw failure?.error ?? error;
    }
  };
  const { image: built } = await explained('error building node image', build());
  out.status(`Image "${built}" build completed.`);
}
