import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { silent } from '../progress/progress.ts';
import type { Provider } from '../provider/provider.ts';
import { CarriedImage, imageNotInEngine } from './carried-image.ts';

const own = 'localhost/kinpod-node:v1.36.3';

describe('the node image in the image of this container', () => {
  const providerThat = (bring: () => Promise<void>, carried: string | undefined = own) => {
    const bringCarriedImage = vi.fn(bring);
    return { name: 'podman', carriedImage: async () => carried, bringCarriedImage } as unknown as Provider & {
      bringCarriedImage: typeof bringCarriedImage;
    };
  };

  test('is brought to the engine where it is the one that is wanted', async () => {
    const provider = providerThat(async () => {});
    expect(await new CarriedImage(provider, silent, undefined).bring(own)).toBe(true);
    expect(await new CarriedImage(provider, silent, undefined).bring('other:1')).toBe(false);
    expect(provider.bringCarriedImage).toHaveBeenCalledOnce();
  });

  test('is not there on a machine', async () => {
    expect(await new CarriedImage({ name: 'podman' } as Provider, silent, undefined).bring(own)).toBe(false);
  });

  test('that cannot be brought is told with the reason', async () => {
    const told: string[] = [];
    const progress = { ...silent, info: (line: string) => void told.push(line) };
    const provider = providerThat(async () => {
      throw new KinpodError('podman does not know this container', { code: 'foreign-container' });
    });
    const carried = new CarriedImage(provider, progress, undefined);
    expect(await carried.bring(own)).toBe(false);
    expect(carried.whyNot).toBe('podman does not know this container');
    expect(told).toEqual([expect.stringContaining('cannot be brought to podman: podman does not know')]);
  });
});

test('an engine without a node image is told how it gets one', () => {
  const outside = { name: 'docker', outside: 'elsewhere' } as const;
  const hint = (carried: string | undefined) => imageNotInEngine(own, outside, { carried, whyNot: 'no' }).hint;
  expect(hint(own)).toMatch(
    /docker run .*--entrypoint kinpod-node-image localhost\/kinpod:\S+ \| docker load\n.*build/,
  );
  expect(hint(undefined)).toBe('build it, on that machine: kinpod build node-image');
  const inside = imageNotInEngine(
    own,
    { name: 'podman', outside: undefined },
    { carried: undefined, whyNot: undefined },
  );
  expect(inside).toMatchObject({
    message: expect.stringContaining("this container's podman"),
    code: 'image-not-found',
  });
});
