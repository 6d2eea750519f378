import { KinpodError, type KinpodErrorOptions } from '../errors/kinpod-error.ts';

/** A failure of one node: the one to look into. */
export class NodeError extends KinpodError {
  readonly node: string;

  constructor(node: string, message: string, options: KinpodErrorOptions) {
    super(message, options);
    this.node = node;
  }
}
