import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type RunOptions, type RunResult, run } from '../../exec/run.ts';
import { bootScripts } from '../boot-scripts.ts';

const { all, first, further } = await bootScripts();
const scripts: Record<string, string> = { ...all, ...first, ...further };

type ShellOptions = { from?: string } & Pick<RunOptions, 'env' | 'input'>;

/** A directory that stands for the root of a node, new for each test, in which the boot scripts' functions run. */
export class ShellNode {
  #root = '';

  constructor() {
    beforeEach(() => this.#make());
    afterEach(() => rm(this.#root, { recursive: true, force: true }));
  }

  path(...parts: readonly string[]): string {
    return join(this.#root, ...parts);
  }

  inKinpod(name = ''): string {
    return this.path('kind/kinpod', name);
  }

  /** A program that notes what it is asked, and does what a shell script says. */
  async program(name: string, script: string): Promise<void> {
    const path = this.path('bin', name);
    await writeFile(path, `#!/bin/sh\necho "${name} $*" >>"${this.path('asked')}"\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** What the programs were asked, a line for each time. */
  async asked(): Promise<string[]> {
    return (await readFile(this.path('asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
  }

  /** A script whose files are those of the stand-in. */
  script(name: string): string {
    return (scripts[name] ?? '').replaceAll(/(?<![\w}])\/(?=(?:etc|kind|lib|sys|var)\/)/g, `${this.#root}/`);
  }

  /**
   * Run some lines after lib.sh, which does nothing by itself, with the options that all these scripts set.
   * @param options.from a script whose functions they call; what it does with them is left out
   */
  sh(lines: string, { from, env, input }: ShellOptions = {}): Promise<RunResult> {
    const text = ['set -eu', this.script('lib.sh'), from ? this.#functionsOf(from) : '', lines].join('\n');
    const PATH = `${this.path('bin')}${delimiter}${process.env.PATH}`;
    return run('/bin/sh', ['-c', text], { env: { ...env, PATH }, input, allowFailure: true });
  }

  /** What they print, where they must not fail. */
  async printed(lines: string, options?: ShellOptions): Promise<string> {
    const { exitCode, stdout, stderr } = await this.sh(lines, options);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout;
  }

  async #make(): Promise<void> {
    this.#root = await mkdtemp(join(tmpdir(), 'kinpod-boot-'));
    for (const dir of ['bin', 'kind/kinpod', 'etc/kubernetes', 'var/lib/kubelet/pki']) {
      await mkdir(this.path(dir), { recursive: true });
    }
    // Whatever goes wrong here, no rule and no socket of this machine is touched.
    for (const name of ['conntrack', 'curl', 'ip', 'iptables', 'ss']) await this.program(name, 'exit 99');
    for (const name of ['iptables-restore', 'ip6tables-restore']) {
      await this.program(name, `cat >>"${this.path('asked')}"`);
    }
  }

  #functionsOf(name: string): string {
    return (this.script(name).match(/^\w+\(\) \{(?:$[\s\S]*?^\}| .*\}$)/gm) ?? []).join('\n');
  }
}
