import type { AnyCommand } from './command.ts';
import { buildNodeImage } from './commands/build/node-image.ts';
import { buildPodImage } from './commands/build/pod-image.ts';
import { check } from './commands/check.ts';
import { completionBash, completionFish, completionPowershell, completionZsh } from './commands/completion.ts';
import { configSchema } from './commands/config/schema.ts';
import { configValidate } from './commands/config/validate.ts';
import { createCluster } from './commands/create/cluster.ts';
import { deleteCluster } from './commands/delete/cluster.ts';
import { deleteClusters } from './commands/delete/clusters.ts';
import { exportKubeconfig } from './commands/export/kubeconfig.ts';
import { exportLogs } from './commands/export/logs.ts';
import { getClusters } from './commands/get/clusters.ts';
import { getKubeconfig } from './commands/get/kubeconfig.ts';
import { getNodes } from './commands/get/nodes.ts';
import { kubectl } from './commands/kubectl.ts';
import { loadDockerImage } from './commands/load/docker-image.ts';
import { loadImageArchive } from './commands/load/image-archive.ts';
import { proxy } from './commands/proxy.ts';
import { quickstart } from './commands/quickstart.ts';
import { up } from './commands/up.ts';
import { version } from './commands/version.ts';

/** Every command of kinpod: parsing, help, completion and the reference page read this table. */
export const commands: readonly AnyCommand[] = [
  quickstart,
  createCluster,
  deleteCluster,
  deleteClusters,
  getClusters,
  getNodes,
  getKubeconfig,
  exportKubeconfig,
  exportLogs,
  loadDockerImage,
  loadImageArchive,
  kubectl,
  proxy,
  up,
  check,
  buildNodeImage,
  buildPodImage,
  configSchema,
  configValidate,
  completionBash,
  completionZsh,
  completionFish,
  completionPowershell,
  version,
];
