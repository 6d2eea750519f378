import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, run } from '../../src/exec/run.ts';
import { dockerPath } from './docker-packages.ts';
import { removeDaemonTraces } from './docker-traces.ts';
import { eventually } from './eventually.ts';

/** Where the tests' daemon keeps everything. Short: a socket's path may have 107 bytes. */
const HOME = join(tmpdir(), `kpt-docker-${process.getuid?.()}`);
const PID_FILE = join(HOME, 'pid');
const LOG = join(HOME, 'log');
const SOCKET = join(HOME, 'docker.sock');

/** What Docker 20 makes in /etc, whatever it is told. */
const KEY = '/etc/docker/key.json';

/** A Docker daemon of the tests' own, which no other on this machine is touched by. Its images stay until `removeDockerHome`. */
export class TestDocker {
  #child: ChildProcess | undefined;
  #path = '';
  #hadKey = true;

  /** What makes a program use this daemon. */
  get env(): Record<string, string> {
    return { DOCKER_HOST: `unix://${SOCKET}`, PATH: this.#path };
  }

  /** Why the tests cannot have a daemon on this machine; undefined where they can. */
  static async whyNot(): Promise<string | undefined> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return 'a Docker daemon of their own needs root on Linux';
    if (existsSync('/sys/class/net/docker0') && !existsSync(PID_FILE)) {
      return 'this machine has a Docker daemon, with which another would share its firewall rules';
    }
    return dockerPath().then(
      () => undefined,
      (error: Error) => error.message,
    );
  }

  async start(): Promise<void> {
    await endDaemon();
    this.#path = await dockerPath();
    this.#hadKey = existsSync(KEY);
    await mkdir(HOME, { recursive: true, mode: 0o700 });
    await writeFile(join(HOME, 'daemon.json'), '{}');
    await this.#run();
  }

  /** End the daemon and start it again, as a machine that boots anew does. */
  async restart(): Promise<void> {
    await endDaemon();
    await this.#run();
  }

  async #run(): Promise<void> {
    const options = {
      'config-file': join(HOME, 'daemon.json'),
      'data-root': join(HOME, 'data'),
      'exec-root': join(HOME, 'exec'),
      pidfile: PID_FILE,
      host: `unix://${SOCKET}`,
    };
    const log = openSync(LOG, 'w');
    this.#child = spawn(
      'dockerd',
      Object.entries(options).map(([name, value]) => `--${name}=${value}`),
      {
        stdio: ['ignore', log, log],
        env: { ...process.env, PATH: this.#path },
      },
    );
    closeSync(log);
    const ended = new Promise<never>((_, reject) => {
      this.#child?.once('error', reject);
      this.#child?.once('exit', () => reject(new Error(`dockerd has ended:\n${tailOfLog()}`)));
    });
    ended.catch(() => {});
    const answers = eventually(async () => Boolean(await this.docker(['version', '--format', '{{.Server.Version}}'])), {
      withinMs: 60_000,
      what: 'dockerd to answer',
    });
    await Promise.race([answers, ended]);
  }

  /** End the daemon, with everything that it has made except images. */
  async stop(): Promise<void> {
    const containers = await this.lines('ps', '--all', '--quiet');
    if (containers.length > 0) await this.docker(['rm', '--force', '--volumes', ...containers]);
    await this.docker(['volume', 'prune', '--force']);
    const networks = await this.lines('network', 'ls', '--quiet', '--filter', 'type=custom');
    if (networks.length > 0) await this.docker(['network', 'rm', ...networks]);
    await endDaemon();
    await removeDaemonTraces();
    if (!this.#hadKey) await rm(KEY, { force: true });
    await rmdir('/etc/docker').catch(() => {}); // Not ours where there is anything else.
  }

  /** Output of a docker command. The tests ask the engine itself, never the program under test. */
  async docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (await run('docker', args, { timeoutMs: 120_000, ...options, env: { ...this.env, ...options.env } })).stdout;
  }

  async lines(...args: string[]): Promise<string[]> {
    return (await this.docker(args)).split('\n').filter(Boolean);
  }
}

/** Remove the daemon's images and all else, after the last test that needs it. Ends one that a killed run has left. */
export async function removeDockerHome(): Promise<void> {
  if (!existsSync(HOME)) return;
  if (await endDaemon()) await removeDaemonTraces();
  await rm(HOME, { recursive: true, force: true });
}

/** @returns whether there was one */
async function endDaemon(): Promise<boolean> {
  const pid = pidOfDaemon();
  if (pid === undefined) return false;
  process.kill(pid, 'SIGTERM');
  await eventually(async () => pidOfDaemon() === undefined, { withinMs: 60_000, what: 'dockerd to end' });
  return true;
}

/** The daemon that wrote the file, if it still runs: numbers are given again. */
function pidOfDaemon(): number | undefined {
  try {
    const pid = Number(readFileSync(PID_FILE, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(PID_FILE) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function tailOfLog(): string {
  return readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}
