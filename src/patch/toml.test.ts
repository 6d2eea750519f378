import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { patchToml } from './toml.ts';

const CONFIG = `version = 2
disabled_plugins = ["restart"]
[plugins.linux]
  shim_debug = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
const patched = (patches: string[], patches6902: string[] = []) => parse(patchToml(CONFIG, patches, patches6902));

describe("patches of containerd's configuration", () => {
  it('none leave it as it is', () => {
    expect(patched([])).toEqual(parse(CONFIG));
  });

  it.each([
    ['a value', ['disabled_plugins = []'], { disabled_plugins: [] }],
    ['the right version', ['version = 2\nroot = "/r"'], { root: '/r' }],
    ['another version', ['version = 3\nroot = "/r"'], {}],
    ['one for each version', ['version = 3\nroot = "/3"', 'version = 2\nroot = "/2"'], { root: '/2' }],
    ['no version', ['root = "/r"'], { root: '/r' }],
    ['several, of which the later one wins', ['root = "/a"', 'root = "/b"'], { root: '/b' }],
    ['nothing', [''], {}],
  ])('with %s', (_, patches, change) => {
    expect(patched(patches)).toEqual({ ...parse(CONFIG), ...change });
  });

  it('tables are merged', () => {
    const patch = `[plugins."io.containerd.grpc.v1.cri".registry.mirrors."registry:5000"]
  endpoint = ["http://registry:5000"]
[plugins.linux]
  shim_debug = false`;
    expect(patched([patch]).plugins).toEqual({
      linux: { shim_debug: false },
      'io.containerd.grpc.v1.cri': {
        containerd: { runtimes: { runc: { runtime_type: 'io.containerd.runc.v2' } } },
        registry: { mirrors: { 'registry:5000': { endpoint: ['http://registry:5000'] } } },
      },
    });
  });

  it('JSON 6902 patches apply after the merge patches', () => {
    const { disabled_plugins, ...others } = parse(CONFIG);
    expect(disabled_plugins).toEqual(['restart']);
    const patch6902 = '[{"op": "remove", "path": "/disabled_plugins"}]';
    expect(patched(['disabled_plugins = ["other"]'], [patch6902])).toEqual(others);
  });

  it('JSON 6902 patches are JSON, as kind has it', () => {
    expect(() => patched([], ['- op: remove\n  path: /disabled_plugins\n'])).toThrow(
      'a JSON 6902 patch must be JSON here',
    );
  });

  it('numbers keep their digits', () => {
    const toml = patchToml('version = 3\nlarge = 9007199254740993\nfraction = 1.5\n', [], []);
    expect(toml).toContain('large = 9007199254740993');
    expect(toml).toContain('fraction = 1.5');
  });

  it.each([
    ['no TOML', '🏰', /^the containerd configuration patch is not valid TOML: /],
    ['TOML with a repeated key', 'a = 1\na = 2', /^the containerd configuration patch is not valid TOML: /],
    ['a version that is text', 'version = "2"', /has a version that is not a whole number$/],
  ])('a patch that is %s is refused', (_, patch, message) => {
    expect(() => patched([patch])).toThrow(
      expect.objectContaining({ code: 'invalid-patch', message: expect.stringMatching(message) }),
    );
  });

  it('a JSON 6902 patch that does not apply is refused', () => {
    expect(() => patched([], ['[{"op": "remove", "path": "/nope"}]'])).toThrow(
      "cannot apply the JSON 6902 patch to containerd's configuration: remove /nope: there is nothing at this path",
    );
  });

  it.each([
    ['is no TOML', '🗿'],
    ['has no version', 'root = "/r"'],
    ['has a version that is text', 'version = "five"'],
  ])('a configuration that %s is refused', (_, toml) => {
    expect(() => patchToml(toml, [], [])).toThrow(expect.objectContaining({ code: 'invalid-containerd-config' }));
  });
});
