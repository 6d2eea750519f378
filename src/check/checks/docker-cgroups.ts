import { type Check, failure, ok } from '../check.ts';
import { hasSecurityOption } from '../docker-state.ts';
import { advice } from '../fixes.ts';

/** What kind's page on rootless nodes asks for (https://kind.sigs.k8s.io/docs/user/rootless/). */
const DELEGATION =
  'printf "[Service]\\nDelegate=yes\\n" | sudo tee /etc/systemd/system/user@.service.d/delegate.conf, then sudo systemctl daemon-reload, and log in again';

export const dockerCgroups: Check = {
  id: 'docker-cgroups',
  title: "Docker's cgroups",
  scope: 'run',
  anywhere: true,
  engines: ['docker'],
  look({ docker: { info } }) {
    if (info === undefined) return undefined;
    const found = `version ${info.CgroupVersion ?? '1'}, driver ${info.CgroupDriver ?? 'unknown'}`;
    if (!hasSecurityOption(info, 'rootless')) return ok(found);
    if (info.CgroupVersion !== '2') {
      return failure(
        `${found}: nodes of a rootless Docker need cgroup v2`,
        advice('start the kernel with systemd.unified_cgroup_hierarchy=1'),
      );
    }
    if (info.MemoryLimit && info.PidsLimit && info.CPUShares) return ok(found);
    return failure(`${found}: not all of cpu, memory and pids are delegated to this user`, advice(DELEGATION));
  },
};
