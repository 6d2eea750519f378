import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { commandLine, type RunResult, run } from '../../src/exec/run.ts';
import { until } from '../../src/exec/until.ts';
import { freePort } from '../support/free-ports.ts';
import type { ImageArchive } from './archives.ts';
import { type Disk, HOST_NAME } from './disk.ts';
import { monitor } from './monitor.ts';
import type { Qemu } from './qemu.ts';

/** GiB of memory: a node takes 0.4, the cache of a node image as much as it can get. */
const MEMORY_GIB = 5;
const PROCESSORS = 2;

/** What the kernel says when it or its emulated processor has failed: whatever comes after means nothing. */
const FAULT = /BUG: .*|Oops.*|Kernel panic.*/;

export interface MachineParts {
  qemu: Qemu;
  disk: Disk;
  /** Become /dev/vdb, /dev/vdc, … */
  archives: readonly ImageArchive[];
  /** Where its overlay, its log and its sockets are. */
  dir: string;
}

export interface RemoteOptions {
  input?: string | Readable | undefined;
  allowFailure?: boolean;
  timeoutMs?: number;
  onLine?: (line: string) => void;
}

/**
 * What QEMU runs, apart from where its files lie: a snapshot fits the same machine only.
 * `la57=off`: five-level page tables are slow to emulate. `cache=unsafe`: nothing of it has to survive this computer.
 */
export const HARDWARE = [
  ...['-nodefaults', '-display', 'none', '-machine', 'q35', '-cpu', 'max,la57=off'],
  ...['-accel', 'tcg,thread=multi,tb-size=512', '-smp', String(PROCESSORS), '-m', `${MEMORY_GIB}G`],
  ...['-device', 'virtio-rng-pci'],
];

const KERNEL_PARAMETERS =
  'root=/dev/vda rw quiet console=ttyS0 mitigations=off audit=0 apparmor=0 random.trust_cpu=on net.ifnames=1';

/** A virtual machine. It is ended by the file with its process ID; only 127.0.0.1 of this host is bound. */
export class Machine {
  readonly #parts: MachineParts;
  readonly #signal: AbortSignal;
  readonly #fault = new AbortController();
  #port = 0;
  #watch: NodeJS.Timeout | undefined;

  /** @param signal ends whatever is run in it */
  constructor(parts: MachineParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([signal, this.#fault.signal]);
  }

  get #console(): string {
    return join(this.#parts.dir, 'console.log');
  }
  get #pidFile(): string {
    return join(this.#parts.dir, 'pid');
  }
  get #qmp(): string {
    return join(this.#parts.dir, 'qmp');
  }
  get #overlay(): string {
    return join(this.#parts.dir, 'root.qcow2');
  }

  /** Make its disk: what differs from the one that all machines begin with. */
  async make(): Promise<void> {
    const { disk } = this.#parts;
    const backing = ['-F', 'raw', '-b', disk.image];
    await this.#qemu('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, this.#overlay]);
  }

  /** @param snapshot the state to go on from; undefined: boot */
  async start(snapshot?: string): Promise<void> {
    const { disk, archives } = this.#parts;
    this.#port = await freePort();
    const drives = archives.flatMap(({ path }, index) => [
      ...['-drive', `if=none,id=archive${index},file=${path},format=raw,readonly=on`],
      ...['-device', `virtio-blk-pci,drive=archive${index}`],
    ]);
    await this.#qemu('qemu-system-x86_64', [
      ...HARDWARE,
      ...['-drive', `if=none,id=root,file=${this.#overlay},format=qcow2,cache=unsafe,discard=unmap`],
      ...['-device', 'virtio-blk-pci,drive=root', ...drives],
      ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${this.#port}-:22`],
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
      ...['-kernel', disk.kernel, '-initrd', disk.initrd, '-append', KERNEL_PARAMETERS],
      ...['-serial', `file:${this.#console}`, '-qmp', `unix:${this.#qmp},server=on,wait=off`],
      ...['-pidfile', this.#pidFile, '-daemonize', ...(snapshot ? ['-loadvm', snapshot] : [])],
    ]);
    this.#watch = setInterval(() => void this.#lookForFaults(), 1_000);
    this.#watch.unref();
    await until(async () => (await this.run('root', ['true'], { timeoutMs: 60_000 })) !== undefined, {
      withinMs: 10 * 60_000,
      everyMs: 500,
      what: `the ssh server of the machine (its console: ${this.#console})`,
      signal: this.#signal,
    });
    // The clock of a snapshot stands still, and certificates would not be valid yet.
    await this.run('root', ['date', '--set', `@${Math.ceil(Date.now() / 1000)}`]);
  }

  /** Keep the state of all that runs in it, under a name. The machine runs on. */
  async save(snapshot: string): Promise<void> {
    await this.run('root', ['sync']);
    await this.logOut();
    await monitor(this.#qmp, `savevm ${snapshot}`, this.#signal);
  }

  /** Run a program in the machine as one of its users. @throws {CommandError} */
  async run(user: 'u' | 'root', argv: readonly string[], options: RemoteOptions = {}): Promise<RunResult> {
    const [program = '', ...args] = argv;
    // ssh hands a line to the user's shell.
    const remote = ['--', HOST_NAME, commandLine(program, args)];
    return run('ssh', [...this.sshOptions(user), ...remote], { ...options, signal: this.#signal });
  }

  /** What a person needs for a look into it. */
  sshOptions(user: string): string[] {
    const { disk, dir } = this.#parts;
    const options = {
      HostName: '127.0.0.1',
      Port: this.#port,
      User: user,
      HostKeyAlias: HOST_NAME,
      UserKnownHostsFile: disk.knownHosts,
      IdentitiesOnly: 'yes',
      BatchMode: 'yes',
      ServerAliveInterval: 60,
      // Many logins cost an emulated processor much: later ones share the first's connection.
      ControlMaster: 'auto',
      ControlPath: join(dir, `ssh-${user}`),
      ControlPersist: 'yes',
    };
    return ['-F', 'none', '-i', disk.key, ...Object.entries(options).flatMap(([k, v]) => ['-o', `${k}=${v}`])];
  }

  /** End the connections that are shared: the next command logs in again. */
  async logOut(): Promise<void> {
    for (const user of ['u', 'root']) {
      await run('ssh', [...this.sshOptions(user), '-O', 'exit', HOST_NAME], { allowFailure: true });
    }
  }

  /** @throws with the kernel's own words where it has failed */
  async expectNoFaults(): Promise<void> {
    const { stdout } = await this.run('root', ['dmesg']);
    const fault = FAULT.exec(stdout)?.[0];
    if (fault) throw new Error(`the kernel of the machine has failed: ${fault}`);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.logOut();
    const pid = Number(await readFile(this.#pidFile, 'utf8').catch(() => ''));
    if (!(pid > 0)) return;
    if (isRunning(pid)) process.kill(pid, 'SIGTERM');
    await until(async () => !isRunning(pid), { withinMs: 30_000, what: 'QEMU to end' });
  }

  async #lookForFaults(): Promise<void> {
    const fault = FAULT.exec(await readFile(this.#console, 'latin1').catch(() => ''))?.[0];
    if (fault) this.#fault.abort(new Error(`the kernel of the machine has failed: ${fault} (${this.#console})`));
  }

  async #qemu(program: string, args: readonly string[]): Promise<void> {
    // Least of all in a hurry: whoever works on this computer comes first.
    await run('nice', ['-n', '19', ...this.#parts.qemu.command(program, args)], { signal: this.#signal });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
