import { KubernetesVersion } from '../../kube/version.ts';
import { ARCHIVED_IMAGES, NODE_PROGRAMS } from './kubernetes-source.ts';

/** A program that is compiled from a Go module. */
export interface Program {
  /** File name of the result. */
  name: string;
  /** Package that has its main function. */
  package: string;
}

/** Programs that come from one wrapper module (a directory under images/node/modules) and are compiled by one `go build`. */
export interface ProgramGroup {
  module: string;
  /** As a step names it. */
  title: string;
  /** Module whose version is that of the programs. */
  from: string;
  programs: readonly Program[];
  /** Build tags. Default: none. */
  tags?: readonly string[];
  /** C is in it: it is linked with the C library and what else is in the Debian tree `c-library`, statically too. */
  cgo?: true;
  /** It is no wrapper module but kinpod's own code, in images/node/programs. */
  own?: true;
  /** Files of `from` that are wanted beside the programs. */
  files?: readonly string[];
  /**
   * Variables that the linker sets, by name.
   * @param version version of `from` as go.mod has it, `v2.2.9`
   * @param madeAt when that version was made, RFC 3339
   */
  variables(version: string, madeAt: string): Readonly<Record<string, string>>;
}

/** Version of Kubernetes' test server, `2.63.0`. */
export const AGNHOST_VERSION_FILE = 'test/images/agnhost/VERSION';

/** All of Kubernetes that a node image has. */
export const KUBERNETES_GROUP: ProgramGroup = {
  module: 'kubernetes',
  title: 'Kubernetes',
  from: 'k8s.io/kubernetes',
  programs: [
    ...[...NODE_PROGRAMS, ...ARCHIVED_IMAGES].map((name) => ({ name, package: `k8s.io/kubernetes/cmd/${name}` })),
    { name: 'agnhost', package: 'k8s.io/kubernetes/test/images/agnhost' },
  ],
  files: [AGNHOST_VERSION_FILE],
  variables: kubernetesVariables,
};

/** The test server alone, from the pinned release: for a Kubernetes that comes without it. */
export const AGNHOST_GROUP: ProgramGroup = {
  ...KUBERNETES_GROUP,
  title: "Kubernetes' test server",
  programs: KUBERNETES_GROUP.programs.filter(({ name }) => name === 'agnhost'),
};

/**
 * What every node image has, whatever its container runtime. Compiled in this order: the small ones first, so that a missing tool
 * or network shows early.
 */
export const PROGRAM_GROUPS: readonly ProgramGroup[] = [
  {
    module: 'etcd',
    title: 'etcd',
    from: 'go.etcd.io/etcd/server/v3',
    programs: [{ name: 'etcd', package: 'go.etcd.io/etcd/server/v3' }],
    variables: () => ({}),
  },
  {
    module: 'cri-tools',
    title: 'crictl',
    from: 'sigs.k8s.io/cri-tools',
    programs: [{ name: 'crictl', package: 'sigs.k8s.io/cri-tools/cmd/crictl' }],
    variables: (version) => ({ 'sigs.k8s.io/cri-tools/pkg/version.Version': version }),
  },
  KUBERNETES_GROUP,
  {
    module: 'coredns',
    title: 'CoreDNS',
    from: 'github.com/coredns/coredns',
    programs: [{ name: 'coredns', package: 'github.com/coredns/coredns' }],
    variables: () => ({}),
  },
  {
    module: 'local-path-provisioner',
    title: 'local-path-provisioner',
    from: 'github.com/rancher/local-path-provisioner',
    programs: [{ name: 'local-path-provisioner', package: 'github.com/rancher/local-path-provisioner' }],
    variables: (version) => ({ 'main.VERSION': version }),
  },
];

/**
 * Build tags of a release. Before 1.31 the controller manager had drivers of cloud providers in it, which a node has no use
 * for, and of which the module proxy lacks parts.
 * @param version `v1.30.14`
 */
export function tagsFor(version: string): readonly string[] {
  return new KubernetesVersion(version).isBefore('1.31') ? ['providerless'] : [];
}

/** What hack/lib/version.sh of Kubernetes sets; the module has no commit, and zeros say so. */
function kubernetesVariables(version: string, madeAt: string): Record<string, string> {
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: '0'.repeat(40),
    buildDate: madeAt,
  };
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [`k8s.io/component-base/version.${k}`, v]));
}

/**
 * Arguments of `go` for a group. Static, without paths of this machine, so the same sources give the same bytes; and only
 * from modules that go.sum vouches for.
 * @param tags see {@link tagsFor}
 */
export function goBuildArgs(
  group: ProgramGroup,
  version: string,
  madeAt: string,
  outDir: string,
  tags: readonly string[] = [],
): string[] {
  const variables = Object.entries(group.variables(version, madeAt)).flatMap(([k, v]) => ['-X', `${k}=${v}`]);
  const allTags = [...(group.tags ?? []), ...tags];
  const linking = group.cgo ? ['-linkmode', 'external', '-extldflags', '-static'] : [];
  const [only, ...others] = group.programs;
  // With one package Go names the file after the module's path; with several it takes the packages' names, which fit.
  const output = only && others.length === 0 ? `${outDir}/${only.name}` : `${outDir}/`;
  return [
    'build',
    '-v',
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    ['-s', '-w', ...linking, ...variables].join(' '),
    ...(allTags.length > 0 ? ['-tags', allTags.join(',')] : []),
    '-o',
    output,
    ...group.programs.map((p) => p.package),
  ];
}

/** For every `go` call without C: static programs of this module alone, whatever the user's own settings are. */
export const GO_ENV: Readonly<Record<string, string>> = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
