import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { cached } from './cache.ts';
import { machineFile, mmdebstrap, packageList, SUITE } from './packages.ts';

/** QEMU, unpacked beside the system and run with the C library that it was built for. */
export interface Qemu {
  version: string;
  /** Command line of one of its programs: `qemu-img`. */
  command(program: string, args: readonly string[]): [string, ...string[]];
}

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/** Get QEMU from Debian packages; apt checks their signatures. Needs no root, installs nothing. */
export async function getQemu(signal: AbortSignal): Promise<Qemu> {
  const list = machineFile('qemu.list');
  const dir = await cached('qemu', { texts: [SUITE], files: [list] }, async (into) => {
    const tar = join(into, 'tree.tar');
    const include = `--include=${await packageList('qemu.list')}`;
    const tree = ['--variant=extract', '--format=tar', '--skip=output/dev'];
    await mmdebstrap([...tree, include, SUITE, tar], into, { signal });
    await run('tar', ['--extract', '--file', tar, '--directory', into, './usr'], { signal });
    await run('rm', [tar]);
  });
  const command = (program: string, args: readonly string[]): [string, ...string[]] => [
    join(dir, LIBRARIES, 'ld-linux-x86-64.so.2'),
    '--library-path',
    ['', '/libblas', '/liblapack', '/pulseaudio'].map((sub) => join(dir, `${LIBRARIES}${sub}`)).join(':'),
    join(dir, 'usr/bin', program),
    ...(program.startsWith('qemu-system')
      ? ['-L', join(dir, 'usr/share/qemu'), '-L', join(dir, 'usr/share/seabios')]
      : []),
    ...args,
  ];
  const [first, ...rest] = command('qemu-img', ['--version']);
  const { stdout } = await run(first, rest, { signal });
  return { version: /version (\S+)/.exec(stdout)?.[1] ?? (await readFile(list, 'utf8')), command };
}
