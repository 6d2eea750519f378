import { duration, type Step } from './timeline.ts';

/** What is told of a run of the lane. */
export interface RecordedRun {
  /** When it began. */
  date: Date;
  /** The computer that it ran on. */
  host: string;
  /** `QEMU 10.0.13`, `podman 5.4.2+ds1-2`, … */
  versions: readonly string[];
  /** Of each cluster: its Kubernetes and its container runtime. */
  clusters: readonly string[];
  skipped: readonly string[];
  steps: readonly Step[];
  /** Where the whole log is, on the computer that ran it. */
  log: string;
}

const BEGIN = '<!-- record: npm run test:rootless -- --record -->';
const END = '<!-- end of the record -->';

export function renderRecord(run: RecordedRun): string {
  const total = run.steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    `Run on ${run.date.toISOString().slice(0, 10)}, ${run.host}: passed in ${duration(total)}.`,
    '',
    ...run.versions.map((version) => `- ${version}`),
    ...run.clusters.map((cluster) => `- cluster: ${cluster}`),
    ...run.skipped.map((reason) => `- ${reason}`),
    '',
    '| Step | Time |',
    '|---|---|',
    ...run.steps.map(({ title, seconds }) => `| ${title} | ${duration(seconds)} |`),
    '',
    `Log: \`${run.log}\``,
  ].join('\n');
}

/** A page with the record in the place of the one before. @throws where the page has no such place */
export function putRecord(page: string, record: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no "${BEGIN}" and "${END}"`);
  return `${before}${BEGIN}\n${record}\n${END}${after}`;
}
