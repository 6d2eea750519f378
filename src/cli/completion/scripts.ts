import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../../exec/assets.ts';

/** Shells for which there is a script, and how its file is called. */
export const shells = {
  bash: 'kinpod.bash',
  fish: 'kinpod.fish',
  powershell: 'kinpod.ps1',
  zsh: 'kinpod.zsh',
} as const;

/** The script that makes a shell ask kinpod, for the program's name as the user types it. */
export async function completionScript(shell: keyof typeof shells, program: string): Promise<string> {
  const text = await readFile(join(assetsDir(), 'completions', shells[shell]), 'utf8');
  return text.replaceAll('kinpod', program);
}
