import { expect } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { loadClusterConfig, type Overrides } from '../load.ts';

export const HEADER = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
export const OWN_HEADER = 'kind: Cluster\napiVersion: kinpod.dev/v1alpha1\n';

export const load = (text: string, overrides: Overrides = {}) => loadClusterConfig({ text, path: 'c.yaml' }, overrides);

/** The lines that the user gets, without the ones of the header. */
export function problems(text: string, overrides: Overrides = {}): string[] {
  try {
    load(text, overrides);
  } catch (error) {
    if (!(error instanceof KinpodError) || error.code !== 'invalid-config') throw error;
    expect(error.message).toBe('c.yaml is not a valid cluster configuration');
    return (error.details ?? '').split('\n');
  }
  return [];
}
