import type { Check } from '../check.ts';
import { buildSpace } from './build-space.ts';
import { cCompiler } from './c-compiler.ts';
import { capSysResource } from './cap-sys-resource.ts';
import { cgroupDelegation } from './cgroup-delegation.ts';
import { cgroups } from './cgroups.ts';
import { diskSpace } from './disk-space.ts';
import { docker } from './docker.ts';
import { dockerCgroups } from './docker-cgroups.ts';
import { dockerNetwork } from './docker-network.ts';
import { dockerStorage } from './docker-storage.ts';
import { engineChoice } from './engine-choice.ts';
import { go } from './go.ts';
import { inotify } from './inotify.ts';
import { iptables } from './iptables.ts';
import { kernelModules } from './kernel-modules.ts';
import { kubectl } from './kubectl.ts';
import { lowPorts } from './low-ports.ts';
import { memory } from './memory.ts';
import { mmdebstrap } from './mmdebstrap.ts';
import { networkStack } from './network-stack.ts';
import { newuidmap } from './newuidmap.ts';
import { ociRuntime } from './oci-runtime.ts';
import { podman } from './podman.ts';
import { rootlessModules } from './rootless-modules.ts';
import { rootlessNetwork } from './rootless-network.ts';
import { storageDriver } from './storage-driver.ts';
import { subordinateIds } from './subordinate-ids.ts';
import { trialContainer } from './trial-container.ts';
import { ulimits } from './ulimits.ts';
import { userNamespaces } from './user-namespaces.ts';
import { userSession } from './user-session.ts';

/** All checks, in the order in which they are shown, and in which what they find is mended. */
export const checks: readonly Check[] = [
  engineChoice,
  userNamespaces,
  subordinateIds,
  podman,
  docker,
  newuidmap,
  ociRuntime,
  networkStack,
  rootlessNetwork,
  lowPorts,
  iptables,
  rootlessModules,
  cgroups,
  cgroupDelegation,
  userSession,
  ulimits,
  capSysResource,
  inotify,
  kernelModules,
  dockerCgroups,
  storageDriver,
  dockerStorage,
  dockerNetwork,
  diskSpace,
  memory,
  trialContainer,
  kubectl,
  go,
  mmdebstrap,
  cCompiler,
  buildSpace,
];
