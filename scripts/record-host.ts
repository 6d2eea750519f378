// Prints all that `kinpod check` asks of this machine, as a fixture of src/check/fixtures/:
//   node scripts/run-typescript.mjs scripts/record-host.ts "Recorded in … on …: what is special about it"
// On a machine without this repository: bundle it (npx esbuild --bundle --platform=node scripts/record-host.ts) and run
// that, as in the virtual machine of docs/rootless.md (npm run test:rootless -- --keep).
import { checkHost } from '../src/check/check-host.ts';
import { realHost } from '../src/check/host.ts';
import { recording } from '../src/check/testing/recorded-host.ts';

/** The only lines that are looked at, of files that tell more about a machine than is anybody's business. */
const KEPT: Readonly<Record<string, RegExp>> = {
  '/proc/self/status': /^Cap/,
  '/proc/meminfo': /^Mem/,
  '/proc/modules': /^(nf_tables|ip6?_tables|ip6?table_nat|nf_nat|br_netfilter|overlay|fuse|tun) /,
};

async function main(): Promise<void> {
  const [source = ''] = process.argv.slice(2);
  if (source === '') throw new Error('say where the record comes from: which machine, how it is set up, and when');
  const { host, record } = recording(realHost(), source);
  await checkHost(host);

  for (const [path, lines] of Object.entries(KEPT)) {
    const text = record.files[path];
    if (text !== undefined)
      record.files[path] = `${text
        .split('\n')
        .filter((line) => lines.test(line))
        .join('\n')}\n`;
  }
  // Long, and of it only these are looked at.
  for (const path of Object.keys(record.files).filter((p) => p.endsWith('/modules.builtin'))) {
    record.files[path] = (record.files[path] ?? '')
      .split('\n')
      .filter((line) => /\/(nf_tables|ip6?_tables|fuse|overlay)\.ko/.test(line))
      .join('\n');
  }
  process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
}

void main();
