import { type Check, ok, warning } from '../check.ts';

export const capSysResource: Check = {
  id: 'cap-sys-resource',
  title: 'CAP_SYS_RESOURCE',
  scope: 'run',
  look({ facts, rootless, engine }) {
    if (engine === 'docker' ? facts.boundSysResource : facts.capSysResource) return ok('present');
    const does = 'kinpod sets restrict_oom_score_adj in containerd and KubeletInUserNamespace in kubelet';
    if (rootless) return ok(`absent, as always where rootless: ${does}`);
    return warning(`absent, oom_score_adj cannot be lowered: ${does}`);
  },
};
