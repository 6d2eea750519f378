import { readFileSync } from 'node:fs';
import type { Pong } from '../../provider/container/surroundings.ts';
import type { FileSystemFacts, Host, HostCommandResult } from '../host.ts';

/** All that checks asked of a machine, as JSON. What is not in it did not exist there. */
export interface HostRecord {
  /** Where the record comes from: which machine, recorded or composed, and when. */
  source: string;
  platform: NodeJS.Platform;
  uid: number;
  userName: string;
  env: Record<string, string>;
  files: Record<string, string>;
  /** Paths that exist, beside those of `files`. */
  existing: string[];
  statfs: Record<string, FileSystemFacts>;
  programs: Record<string, string>;
  /** Who answers at the sockets of engines. */
  sockets?: Record<string, Pong>;
  /** By command line, arguments separated by one space. */
  commands: Record<string, HostCommandResult>;
}

/** Stands for the scratch directory, whose name is another one each time. */
const SCRATCH = '/scratch';

/** A recorded machine, and what was done to it. */
export interface RecordedHost extends Host {
  readonly ran: string[];
  readonly written: Record<string, string>;
}

/** Read a record of `src/check/fixtures/`, with what a test wants to be different. */
export function record(name: string, change: (record: HostRecord) => void = () => {}): HostRecord {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');
  const parsed = JSON.parse(text) as HostRecord;
  change(parsed);
  return parsed;
}

/**
 * A host that answers from a record. A command that is not in the record fails the test, so that no check runs
 * something unseen; `onRun` may answer first and change the record, as a command that mends something does.
 */
export function recordedHost(
  facts: HostRecord,
  onRun: (commandLine: string, record: HostRecord) => HostCommandResult | undefined = () => undefined,
): RecordedHost {
  const ran: string[] = [];
  const written: Record<string, string> = {};
  return {
    platform: facts.platform,
    uid: facts.uid,
    userName: facts.userName,
    env: facts.env,
    ran,
    written,
    readFile: async (path) => facts.files[path],
    exists: async (path) => facts.existing.includes(path) || path in facts.files,
    statfs: async (path) => facts.statfs[path],
    which: async (program) => facts.programs[program],
    async run(command, args) {
      const line = [command, ...args].join(' ');
      ran.push(line);
      const answer = onRun(line, facts) ?? facts.commands[line];
      if (answer === undefined) throw new Error(`not in the record "${facts.source}": ${line}`);
      return answer;
    },
    ping: async (socket) => facts.sockets?.[socket] ?? { failure: 'ENOENT' },
    withScratchDirectory: (use) => use(SCRATCH),
    async writeFile(path, text) {
      written[path] = text;
      facts.files[path] = text;
    },
  };
}

/** Pass every look through to `host` and keep the answer: how records are made. */
export function recording(host: Host, source: string): { host: Host; record: HostRecord } {
  const kept: HostRecord = {
    source,
    platform: host.platform,
    uid: host.uid,
    userName: host.userName,
    env: {},
    files: {},
    existing: [],
    statfs: {},
    programs: {},
    commands: {},
  };
  let scratch = SCRATCH;
  const recorder: Host = {
    ...host,
    env: new Proxy(host.env, {
      get(target, name: string) {
        const value = target[name];
        if (value !== undefined) kept.env[name] = value;
        return value;
      },
    }),
    async readFile(path) {
      const text = await host.readFile(path);
      if (text !== undefined) kept.files[path] = text;
      return text;
    },
    async exists(path) {
      const there = await host.exists(path);
      if (there && !kept.existing.includes(path)) kept.existing.push(path);
      return there;
    },
    async statfs(path) {
      const found = await host.statfs(path);
      if (found !== undefined) kept.statfs[path] = found;
      return found;
    },
    async which(program) {
      const path = await host.which(program);
      if (path !== undefined) kept.programs[program] = path;
      return path;
    },
    async run(command, args, options) {
      const result = await host.run(command, args, options);
      kept.commands[[command, ...args].join(' ').replaceAll(scratch, SCRATCH)] = result;
      return result;
    },
    async ping(socket) {
      const answer = await host.ping(socket);
      kept.sockets = { ...kept.sockets, [socket]: answer };
      return answer;
    },
    withScratchDirectory: (use) =>
      host.withScratchDirectory((path) => {
        scratch = path;
        return use(path);
      }),
  };
  return { host: recorder, record: kept };
}
