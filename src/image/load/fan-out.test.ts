import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { fanOut } from './fan-out.ts';

const pieces = ['one ', 'two ', 'three'];
const source = () => Readable.from(pieces.map((piece) => Buffer.from(piece)));
/** Holds next to nothing, so that it has to be waited for. */
const sink = () => new PassThrough({ highWaterMark: 1 });

test('every reader gets all of the source', async () => {
  const sinks = [sink(), sink()];
  let bytes = 0;
  const read = Promise.all(sinks.map((one) => text(one)));
  await fanOut(source(), sinks, (count) => {
    bytes += count;
  });
  expect(await read).toEqual([pieces.join(''), pieces.join('')]);
  expect(bytes).toBe(pieces.join('').length);
});

test('a reader that gives up does not hold the others', async () => {
  const [gone, staying] = [sink(), sink()];
  const read = text(staying);
  const copied = fanOut(source(), [gone, staying]);
  gone.destroy();
  await copied;
  expect(await read).toBe(pieces.join(''));
});

test('a source that nobody reads any more is left', async () => {
  const endless = Readable.from(
    (async function* () {
      for (;;) yield Buffer.from('x');
    })(),
  );
  const one = sink();
  one.destroy(new Error('gone'));
  await fanOut(endless, [one]);
  expect(endless.destroyed).toBe(true);
});

test('the readers learn that the source broke', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('x');
      throw new Error('the disk is gone');
    })(),
  );
  const one = new PassThrough();
  const read = text(one);
  read.catch(() => {});
  await expect(fanOut(broken, [one])).rejects.toThrow('the disk is gone');
  await expect(read).rejects.toThrow('the disk is gone');
});
