import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import type { Library } from '../command.ts';
import { runMain } from '../testing/run-main.ts';
import { kindBuild } from './build-words.ts';

/** What kind 0.33 says; the failures are compared with it in test/e2e/kind-errors.test.ts. */
describe('what kind makes of a source', () => {
  test.each([
    ['', '', 'source', []],
    ['', 'nonsense', 'source', []],
    ['/nowhere', '', 'source', ['Building using source: "/nowhere"', 'Starting to build Kubernetes']],
    ['/nowhere', 'nonsense', 'source', ['Building using source: "/nowhere"', 'Starting to build Kubernetes']],
    [
      '/etc',
      '',
      'source',
      ['Detected build type: "source"', 'Building using source: "/etc"', 'Starting to build Kubernetes'],
    ],
    [
      'v1.36.3',
      '',
      'release',
      ['Detected build type: "release"', 'Building using release "v1.36.3" artifacts', 'Starting to build Kubernetes'],
    ],
    ['x', 'release', 'release', ['Building using release "x" artifacts', 'x is not a valid kubernetes version']],
    [
      '/nowhere',
      'file',
      'source',
      ['Building using local file: "/nowhere"', 'Building using source: "/nowhere"', 'Starting to build Kubernetes'],
    ],
    [
      'https://example.test/a',
      '',
      'url',
      [
        'Detected build type: "url"',
        'Building using URL: "https://example.test/a"',
        'Starting to build Kubernetes',
        'Downloading "https://example.test/a"',
      ],
    ],
    [
      'ci/latest-1.36',
      '',
      'ci',
      [
        'Detected build type: "ci"',
        'Building using CI "ci/latest-1.36" artifacts',
        'Fetching "https://dl.k8s.io/ci/latest-1.36.txt"',
      ],
    ],
  ])('%j of type %j', (source, type, expectedType, lines) => {
    expect(kindBuild(source, type, '')).toMatchObject({ type: expectedType, lines });
  });

  test.each(['amd64', 'arm64', ''])('%j is an architecture that it has', (arch) => {
    expect(kindBuild('', '', arch).lines).toEqual([]);
  });

  test('it warns of others', () => {
    expect(kindBuild('', '', 'sparc64').lines).toEqual(['unsupported architecture "sparc64"']);
  });
});

describe('kind build node-image', () => {
  const built = { image: 'kindest/node:latest', id: 'x', cached: false, kubernetesVersion: 'v1.36.3', seconds: 1 };
  const buildNodeImage = vi.fn<Library['buildNodeImage']>(async () => built);
  const build = (...argv: string[]) =>
    runMain(['--compat', 'kind', 'build', 'node-image', ...argv], { library: { buildNodeImage } });

  test("builds what it is told under kind's name, and prints nothing on stdout", async () => {
    const { code, stdout, stderr } = await build('v1.36.3');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^Image "kindest\/node:latest" build completed\.$/m);
    expect(buildNodeImage).toHaveBeenLastCalledWith(
      expect.objectContaining({ source: 'v1.36.3', type: 'release', image: 'kindest/node:latest' }),
    );
  });

  test('looks for a source directory where none is named', async () => {
    await build('--image', 'mine:1', '--type', 'nonsense');
    expect(buildNodeImage).toHaveBeenLastCalledWith(
      expect.objectContaining({ source: undefined, type: 'source', image: 'mine:1' }),
    );
  });

  test.each([
    ['the proxy lacks it', 'download-failed', 'failed to build kubernetes: the proxy lacks it'],
    ['no space left', 'disk-full', 'no space left'],
  ])('says what failed: %s', async (message, code, told) => {
    buildNodeImage.mockRejectedValueOnce(new KinpodError(message, { code }));
    const outcome = await build('v1.36.3');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(new RegExp(`^ERROR: error building node image: ${told}$`, 'm'));
  });

  test.each([
    ['curl: (22) The requested URL returned error: 404', 'error response from "http://h.test/x": HTTP 404'],
    [
      'curl: (7) Failed to connect to h.test port 80',
      'error doing HTTP fetch of "http://h.test/x": Get "http://h.test/x": dial tcp h.test:80: connect: connection refused',
    ],
    [
      'curl: (6) Could not resolve host: h.test',
      'error doing HTTP fetch of "http://h.test/x": Get "http://h.test/x": dial tcp: lookup h.test: no such host',
    ],
  ])('says what a server did: %s', async (details, told) => {
    buildNodeImage.mockRejectedValueOnce(new KinpodError('no', { code: 'download-failed', details }));
    const { stderr } = await build('http://h.test/x');
    const reason = `error downloading file: ${told}`;
    expect(stderr).toContain(`Failed to build Kubernetes: ${reason}\n`);
    expect(stderr).toContain(`ERROR: error building node image: failed to build kubernetes: ${reason}\n`);
  });
});
