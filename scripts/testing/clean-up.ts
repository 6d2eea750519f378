// For abort-on-signals.test.ts: waits for another program until it is told to end, and then has something left to do.
import { run } from '../../src/exec/run.ts';
import { abortOnSignals } from '../abort-on-signals.ts';

const signal = abortOnSignals();
try {
  await run('sh', ['-c', 'echo started; exec sleep 60'], { signal, onLine: () => process.stdout.write('started\n') });
} catch (error) {
  if (!signal.aborted) throw error;
  await run('true', []);
  process.stdout.write(`cleaned up: ${signal.reason.message}\n`);
  process.exitCode = 130;
}
