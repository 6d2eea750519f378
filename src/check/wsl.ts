import type { Host } from './host.ts';

/** The kernel of the Windows Subsystem for Linux 2, `6.6.87.2-microsoft-standard-WSL2`: what boots it is set up from Windows. */
export async function isWsl(host: Host): Promise<boolean> {
  return /microsoft/i.test((await host.readFile('/proc/sys/kernel/osrelease')) ?? '');
}
