import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunResult } from '../../src/exec/run.ts';
import { type CliOptions, KINPOD } from './cli.ts';
import type { TestHome } from './cluster.ts';

/** kinpod through a link named `kind`, as who replaces kind by it installs it. */
export class CalledAsKind {
  readonly #home: TestHome;
  readonly #program: string;

  private constructor(home: TestHome, program: string) {
    this.#home = home;
    this.#program = program;
  }

  static async make(home: TestHome): Promise<CalledAsKind> {
    await mkdir(home.path('bin'));
    const program = join(home.path('bin'), 'kind');
    await symlink(KINPOD, program);
    return new CalledAsKind(home, program);
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
    const env = { KIND_EXPERIMENTAL_PROVIDER: 'podman', ...options.env };
    return this.#home.kinpod(args, { ...options, env, program: this.#program });
  }
}

/**
 * What kind says of itself and its host, and kinpod does not: that its provider is experimental and why it was chosen, and that it will
 * give up cgroup v1.
 */
const OF_KIND_ALONE =
  /^(using \w+ due to KIND_EXPERIMENTAL_PROVIDER|enabling experimental \w+ provider|cgroup v1 is deprecated .*)$/;

export function withoutKindsOwn(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !OF_KIND_ALONE.test(line))
    .join('\n');
}
