import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../../../errors/kinpod-error.ts';
import type { Library } from '../../command.ts';
import { runMain } from '../../testing/run-main.ts';

describe('delete', () => {
  const library = {
    deleteCluster: vi.fn<Library['deleteCluster']>(async (name, options) => {
      const nodes = ['x-control-plane', 'x-worker'];
      options?.onDeleted?.(name, nodes, undefined);
      return { nodes };
    }),
    deleteClusters: vi.fn<Library['deleteClusters']>(async () => ({ clusters: ['a', 'b'], failures: [] })),
  };

  test('a cluster: says what it does and which nodes are gone', async () => {
    const { code, stderr, stdout } = await runMain(['delete', 'cluster', '--name', 'x'], { library });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Deleting cluster "x" ...\nDeleted nodes: ["x-control-plane" "x-worker"]\n',
    });
    expect(library.deleteCluster).toHaveBeenLastCalledWith('x', expect.objectContaining({ kubeconfig: undefined }));
  });

  test('a cluster that is not there is no failure', async () => {
    const deleteCluster = async () => ({ nodes: [] });
    expect(await runMain(['delete', 'cluster'], { library: { deleteCluster } })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Deleting cluster "kind" ...\n',
    });
  });

  test.each([
    ['none', 'Deleted nodes: ["n"]\nERROR: failed to delete cluster "kind": it is broken\n'],
    [
      'kind',
      'failed to update kubeconfig: yaml: it\nDeleted nodes: ["n"]\nERROR: failed to delete cluster "kind": yaml: it\n',
    ],
  ])(
    'a cluster whose kubeconfig keeps its entry: the nodes are told of all the same (--compat %s)',
    async (compat, told) => {
      const error = new KinpodError('it is broken', { code: 'x', kindMessage: 'yaml: it' });
      const deleteCluster: Library['deleteCluster'] = async (name, options) => {
        options?.onDeleted?.(name, ['n'], error);
        throw error;
      };
      const argv = ['--compat', compat, 'delete', 'cluster'];
      expect(await runMain(argv, { library: { deleteCluster } })).toMatchObject({
        code: 1,
        stderr: `Deleting cluster "kind" ...\n${told}`,
      });
    },
  );

  test('several clusters, or all', async () => {
    const { stderr } = await runMain(['delete', 'clusters', 'a', 'b'], { library });
    expect(stderr).toBe('Deleted clusters: ["a" "b"]\n');
    expect(library.deleteClusters).toHaveBeenLastCalledWith(['a', 'b'], expect.anything());
    await runMain(['delete', 'clusters', '-A'], { library });
    expect(library.deleteClusters).toHaveBeenLastCalledWith('all', expect.anything());
    expect((await runMain(['delete', 'clusters'], { library })).stderr).toMatch(/^ERROR: no cluster names provided\n/);
  });

  test('one that cannot be deleted is told and fails the command, the others are deleted', async () => {
    const failure = { name: 'a', error: new KinpodError('it is stuck', { code: 'x', hint: 'shake it' }) };
    const deleteClusters = async () => ({ clusters: ['b'], failures: [failure] });
    const told = 'failed to delete cluster "a": it is stuck\nDeleted clusters: ["b"]\n';
    const argv = ['delete', 'clusters', 'a', 'b'];
    expect(await runMain(argv, { library: { deleteClusters } })).toMatchObject({
      code: 1,
      stderr: `${told}ERROR: failed to delete cluster "a": it is stuck\n  do:  shake it\n`,
    });
    expect(await runMain(['--compat', 'kind', ...argv], { library: { deleteClusters } })).toMatchObject({
      code: 0,
      stderr: told,
    });
  });
});
