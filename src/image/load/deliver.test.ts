import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ContainerRuntime, ImportOptions, StoredImage } from '../../node/runtime/container-runtime.ts';
import { deliver, nameAll } from './deliver.ts';
import { fanOut } from './fan-out.ts';
import type { Target } from './targets.ts';
import type { WantedImage } from './wanted.ts';

const wanted: WantedImage = { label: 'app', id: 'sha256:a', names: ['localhost/app:1'], platform: 'linux/amd64' };
const copy = (sinks: Parameters<Parameters<typeof deliver>[0]>[0]) =>
  fanOut(Readable.from([Buffer.from('an archive')]), sinks);

/** A node whose runtime takes any archive for the wanted image, and lets it be seen when it was asked a few times. */
class FakeRuntime implements ContainerRuntime {
  readonly platform = 'linux/amd64';
  received = '';
  options: ImportOptions | undefined;
  tagged: string[] = [];
  #looks = 0;
  stored: StoredImage[] = [];

  async images(): Promise<StoredImage[]> {
    this.#looks += 1;
    const unseen = this.received !== '' && this.#looks < 3;
    return unseen ? [] : this.stored.map((one) => ({ ...one, names: [...one.names, ...this.tagged] }));
  }

  async importArchive(archive: Readable, options: ImportOptions): Promise<void> {
    this.options = options;
    this.received = await text(archive);
    this.stored = [{ id: 'sha256:a', names: [], digests: [] }];
  }

  async tag(_id: string, name: string): Promise<void> {
    this.tagged.push(name);
  }
}

const target = (node: string, runtime: ContainerRuntime): Target => ({ node, runtime, stored: [] });

test('every node gets the archive, and has the images under their names in the end', async () => {
  const runtimes = [new FakeRuntime(), new FakeRuntime()];
  const targets = runtimes.map((runtime, i) => target(`n${i}`, runtime));
  await deliver(copy, { targets, images: [wanted] });
  for (const { received, tagged, options } of runtimes) {
    expect({ received, tagged }).toEqual({ received: 'an archive', tagged: ['localhost/app:1'] });
    expect(options).toMatchObject({ everyPlatform: false, unnamed: false });
  }
  expect(targets.map((one) => one.stored[0]?.names)).toEqual([['localhost/app:1'], ['localhost/app:1']]);
});

test('what has no name, and what is for another platform, is taken all the same', async () => {
  const runtime = new FakeRuntime();
  const images = [{ ...wanted, names: [], platform: 'linux/arm64' }];
  await deliver(copy, { targets: [target('n', runtime)], images });
  expect(runtime.options).toMatchObject({ everyPlatform: true, unnamed: true });
});

test('a node that fails does not keep the others from their images', async () => {
  const [good, full] = [new FakeRuntime(), new FakeRuntime()];
  full.importArchive = async () => {
    throw new Error('no space left on device');
  };
  const failed = deliver(copy, { targets: [target('full', full), target('good', good)], images: [wanted] });
  await expect(failed).rejects.toMatchObject({
    code: 'load-failed',
    message: 'images were not loaded into full; the other nodes have them',
    details: 'full: no space left on device',
  });
  expect(good.received).toBe('an archive');
});

test('a source that breaks is what is reported', async () => {
  const broken = async () => {
    throw new Error('the engine is gone');
  };
  const failing = deliver(
    async (sinks) => {
      for (const sink of sinks) sink.destroy(new Error('cut short'));
      await broken();
    },
    { targets: [target('n', new FakeRuntime())], images: [wanted] },
  );
  await expect(failing).rejects.toThrow('the engine is gone');
});

test('an image that is there gets the names that it lacks; one that is not is told', async () => {
  const runtime = new FakeRuntime();
  runtime.stored = [{ id: 'sha256:a', names: [], digests: [] }];
  const other = { ...wanted, label: 'other', id: 'sha256:b' };
  const node = { ...target('n', runtime), stored: runtime.stored };
  expect(await nameAll(node, [wanted, other], undefined)).toEqual([other]);
  expect(runtime.tagged).toEqual(['localhost/app:1']);
});
