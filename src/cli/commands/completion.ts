import { defineCommand } from '../command.ts';
import { completionScript, type shells } from '../completion/scripts.ts';

const INSTALL: Readonly<Record<keyof typeof shells, string>> = {
  bash: 'Loaded with: source <(kinpod completion bash), for instance in ~/.bashrc.',
  fish: 'Stored with: kinpod completion fish > ~/.config/fish/completions/kinpod.fish.',
  powershell: 'Loaded with: kinpod completion powershell | Out-String | Invoke-Expression, for instance in $PROFILE.',
  zsh:
    'Stored as _kinpod in a directory of $fpath: kinpod completion zsh > "$fpath[1]/_kinpod"; or loaded after compinit with: ' +
    'source <(kinpod completion zsh).',
};

function completionFor(shell: keyof typeof shells) {
  return defineCommand({
    path: ['completion', shell],
    summary: `Print the script with which ${shell} completes commands, flags and names`,
    description: INSTALL[shell],
    readOnly: true,
    examples: [`kinpod completion ${shell}`],
    run: async ({ out, asKind }) => {
      out.data(await completionScript(shell, asKind ? 'kind' : 'kinpod'));
    },
  });
}

export const completionBash = completionFor('bash');
export const completionFish = completionFor('fish');
export const completionPowershell = completionFor('powershell');
export const completionZsh = completionFor('zsh');
