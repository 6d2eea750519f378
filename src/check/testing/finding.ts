import type { CheckResult } from '../check.ts';
import { checkHost } from '../check-host.ts';
import { type HostRecord, record, recordedHost } from './recorded-host.ts';

/** What the check `id` finds on a recorded machine with `change` made to it; undefined where it does not apply. */
export async function findingOf(
  name: string,
  id: string,
  change: (record: HostRecord) => void = () => {},
): Promise<CheckResult | undefined> {
  // The trial container starts whatever else was changed; its own test says otherwise.
  const host = recordedHost(record(name, change), (line, r) =>
    line.startsWith('podman run ') && !(line in r.commands) ? { exitCode: 0, stdout: '', stderr: '' } : undefined,
  );
  return (await checkHost(host)).results.find((result) => result.id === id);
}

/** Change what `podman info` answers. */
export function changeInfo(record: HostRecord, change: (info: Record<string, Record<string, unknown>>) => void): void {
  const answer = record.commands['podman info --format json'];
  if (answer === undefined) throw new Error('the record has no podman info');
  const info = JSON.parse(answer.stdout) as Record<string, Record<string, unknown>>;
  change(info);
  record.commands['podman info --format json'] = { ...answer, stdout: JSON.stringify(info) };
}
