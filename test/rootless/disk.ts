import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/exec/run.ts';
import { cached } from './cache.ts';
import { machineFile, mmdebstrap, packageList, SUITE } from './packages.ts';

/** Two unpacked node images, and what clusters write; the file is sparse. */
const DISK_SIZE = '16G';

/** A Debian that has never been booted. */
export interface Disk {
  /** Changes with all that went into it. */
  dir: string;
  image: string;
  kernel: string;
  initrd: string;
  /** Private key that its users u and root accept. */
  key: string;
  /** Public keys of its ssh server. */
  knownHosts: string;
  /** Versions of what matters in it: `podman 5.4.2+ds1-2`. */
  packages: string[];
}

/** The name by which ssh knows the machine, whatever the port is. */
export const HOST_NAME = 'kinpod-rootless';

/** @param nodeProgram Node.js that the machine gets */
export async function makeDisk(nodeProgram: string, signal: AbortSignal): Promise<Disk> {
  const scripts = ['before-packages.sh', 'after-packages.sh'].map(machineFile);
  const files = [machineFile('system.list'), ...scripts];
  const dir = await cached('disk', { texts: [SUITE, DISK_SIZE, process.version], files }, async (output) => {
    const key = join(output, 'key');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', HOST_NAME, '-f', key], { signal });
    const [before, after] = scripts as [string, string];
    await Promise.all(scripts.map((script) => chmod(script, 0o755)));
    await mmdebstrap(
      [
        // The last hook makes the disk; an archive of it is of no use to anybody.
        ...['--variant=minbase', '--format=null'],
        ...[`--essential-hook=${before}`, `--customize-hook=${after}`],
        ...[`--include=${await packageList('system.list')}`, SUITE],
      ],
      output,
      {
        env: {
          OUTPUT: output,
          AUTHORIZED_KEY: (await readFile(`${key}.pub`, 'utf8')).trim(),
          NODE_PROGRAM: nodeProgram,
          HOST_NAME,
          DISK_SIZE,
        },
        signal,
      },
    );
    const hostKey = await readFile(join(output, 'ssh_host_ed25519_key.pub'), 'utf8');
    await writeFile(join(output, 'known_hosts'), `${HOST_NAME} ${hostKey}`);
  });
  return {
    dir,
    image: join(dir, 'disk'),
    kernel: join(dir, 'vmlinuz'),
    initrd: join(dir, 'initrd'),
    key: join(dir, 'key'),
    knownHosts: join(dir, 'known_hosts'),
    packages: (await readFile(join(dir, 'packages'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.replace('\t', ' ')),
  };
}
