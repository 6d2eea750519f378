/**
 * Imports only go down (docs/adr): each layer may import itself and those below it.
 * What a test needs is its own matter.
 */
const layers = [
  ['bin', 'start'],
  ['cli'],
  ['index'],
  ['quickstart', 'up'],
  ['cluster'],
  ['image', 'check'],
  ['provider', 'node'],
  ['config', 'patch', 'pki', 'kubeconfig', 'network', 'kube', 'registry', 'snapshot'],
  ['exec', 'progress', 'errors', 'version'],
];

/** @param {readonly string[]} names @returns a pattern for everything that belongs to these parts of src/ */
const pattern = (names) => `^src/(${names.join('|')})(/|\\.ts$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...layers.slice(1).map((layer, n) => ({
      name: `${layer.join('-')}-imports-only-downwards`,
      severity: /** @type {const} */ ('error'),
      from: { path: pattern(layer), pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: pattern(layers.slice(0, n + 1).flat()) },
    })),
    {
      name: 'every-part-has-a-layer',
      comment: 'A new directory of src/ is given its place in this file.',
      severity: 'error',
      from: { path: '^src/', pathNot: `${pattern(layers.flat())}|\\.test\\.ts$` },
      to: {},
    },
    {
      name: 'program-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: '\\.test\\.ts$|^src/.*/testing/|^test/' },
    },
    {
      name: 'dependencies-are-declared',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|/testing/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
