import { lt, parse } from 'semver';
import { KinpodError } from '../errors/kinpod-error.ts';

/** A Kubernetes version as images name it, `v1.36.3`. */
export class KubernetesVersion {
  readonly text: string;

  /** @throws {KinpodError} `bad-version` if it is not `v`, three numbers and maybe a suffix */
  constructor(text: string) {
    if (!parse(text)) {
      throw new KinpodError(`"${text}" is not a Kubernetes version`, {
        code: 'bad-version',
        hint: 'for example v1.36.3',
      });
    }
    this.text = text;
  }

  /** Pre-releases of 1.36.0 count as 1.36. */
  isBefore(minor: `${number}.${number}`): boolean {
    return lt(this.text, `${minor}.0-0`);
  }
}
