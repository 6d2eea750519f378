import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

interface Reply {
  return?: unknown;
  error?: { desc: string };
}

/**
 * Give QEMU one command of its human monitor (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html, human-monitor-command).
 * @param socket path of its QMP socket
 * @throws what QEMU answers where it is not nothing: savevm and loadvm say so when they fail
 */
export async function monitor(socket: string, command: string, signal: AbortSignal): Promise<void> {
  const connection = createConnection({ path: socket, signal });
  try {
    // The first line is a greeting; between the answers there may be events.
    const lines = createInterface({ input: connection })[Symbol.asyncIterator]();
    const ask = async (execute: string, args: object): Promise<unknown> => {
      connection.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      for (let line = await lines.next(); !line.done; line = await lines.next()) {
        const reply = JSON.parse(line.value) as Reply;
        if (reply.error) throw new Error(`QEMU: ${reply.error.desc}`);
        if ('return' in reply) return reply.return;
      }
      throw new Error('QEMU ended');
    };
    await ask('qmp_capabilities', {});
    const said = await ask('human-monitor-command', { 'command-line': command });
    if (said !== '') throw new Error(`QEMU: ${command}: ${String(said).trim()}`);
  } finally {
    connection.destroy();
  }
}
