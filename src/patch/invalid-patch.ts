import { KinpodError } from '../errors/kinpod-error.ts';

export function invalidPatch(message: string, patch: string, cause?: unknown): KinpodError {
  return new KinpodError(message, { code: 'invalid-patch', details: `the patch:\n${patch.trimEnd()}`, cause });
}
