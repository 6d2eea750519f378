import { KinpodError } from '../errors/kinpod-error.ts';

/** A configuration that kind would refuse too; the details name every problem, one line each. */
export class InvalidConfigError extends KinpodError {
  override readonly name = 'InvalidConfigError';
  /** What kind says about it, behind `failed to create cluster: `; only of the first stage of reading that fails. */
  readonly kindMessage: string;

  constructor(message: string, details: string, kindMessage: string) {
    super(message, { code: 'invalid-config', details });
    this.kindMessage = kindMessage;
  }
}
