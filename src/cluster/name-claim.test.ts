import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { OuterReference } from '../kubeconfig/kubeconfig.ts';
import type { Provider } from '../provider/provider.ts';
import { checkOuterName, withClaimedName } from './name-claim.ts';

/** What of a provider a claim asks for. */
function providerAt(outer: OuterReference | undefined): Provider {
  const asked: Pick<Provider, 'name' | 'listNodes' | 'outerCluster'> = {
    name: outer ? 'kubernetes' : 'podman',
    listNodes: async () => [],
    ...(outer && { outerCluster: async () => outer }),
  };
  return asked as Provider;
}

const ci = { context: 'kind-outer', namespace: 'ci' };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'claim-'));
  vi.stubEnv('XDG_RUNTIME_DIR', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

describe('a name that is being taken', () => {
  const whileTaken = (one: Provider, other: Provider) =>
    withClaimedName(one, 'c', () => withClaimedName(other, 'c', async () => 'made'));

  test.each([undefined, ci, { namespace: 'ci' }])('is not free at the same place (%o)', async (outer) => {
    await expect(whileTaken(providerAt(outer), providerAt(outer))).rejects.toMatchObject({ code: 'name-in-use' });
  });

  test.each([
    [undefined, ci],
    [ci, { ...ci, namespace: 'other' }],
    [ci, { ...ci, context: 'arn:aws:eks:eu-central-1:1:cluster/other' }],
  ])('is free elsewhere (%o, %o)', async (one, other) => {
    expect(await whileTaken(providerAt(one), providerAt(other))).toBe('made');
  });
});

describe('a name that is claimed at its place', () => {
  const claiming = (claim: Provider['claim']) => ({ ...providerAt(ci), claim }) as Provider;

  test('is given back where nothing comes of it, and not else', async () => {
    const giveBack = vi.fn(async () => {});
    const provider = claiming(async () => giveBack);
    expect(await withClaimedName(provider, 'c', async () => 'made')).toBe('made');
    expect(giveBack).not.toHaveBeenCalled();
    await expect(withClaimedName(provider, 'c', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(giveBack).toHaveBeenCalledOnce();
  });

  test('is not taken by a dry run', async () => {
    const provider = claiming(() => Promise.reject(new Error('claimed')));
    expect(await withClaimedName(provider, 'c', async () => 'planned', { dryRun: true })).toBe('planned');
  });

  test('is not free for who comes later, and nothing is made under it', async () => {
    const create = vi.fn(async () => {});
    const provider = claiming(() => Promise.reject(new KinpodError('there', { code: 'name-claimed' })));
    await expect(withClaimedName(provider, 'c', create)).rejects.toMatchObject({ code: 'name-in-use' });
    expect(create).not.toHaveBeenCalled();
  });
});

test('a cluster does not have the name by which the one around it is reached', async () => {
  await expect(checkOuterName(providerAt(ci), 'outer')).rejects.toMatchObject({ code: 'name-of-outer-cluster' });
  await checkOuterName(providerAt(ci), 'inner');
  await checkOuterName(providerAt({ namespace: 'ci' }), 'outer');
  await checkOuterName(providerAt(undefined), 'outer');
});
