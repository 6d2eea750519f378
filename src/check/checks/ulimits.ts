import { type Check, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';

/** containers-common: what Podman gives to a container as nofile and nproc. */
const ENGINE_DEFAULT = 1_048_576;
/** etcd, kube-apiserver and containerd of a busy node come near to 10,000 open files each. */
const COMFORTABLE_NOFILE = 64_000;

export const ulimits: Check = {
  id: 'ulimits',
  title: 'Limits of files and processes',
  scope: 'run',
  engines: ['podman'],
  look({ facts, rootless }) {
    const { nofileHard, nprocHard, capSysResource } = facts;
    const numbers = `nofile ${nofileHard}, nproc ${nprocHard}`;
    const low = [nofileHard, nprocHard].some((limit) => limit !== 'unlimited' && limit < ENGINE_DEFAULT);
    if (capSysResource || !low) return ok(numbers);
    if (rootless && nofileHard >= COMFORTABLE_NOFILE) return ok(`${numbers}: passed on to nodes`);
    const reason = `${numbers}: below the engine's default ${ENGINE_DEFAULT} and not to be raised here; kinpod gives nodes these, plain \`podman run\` fails in setrlimit`;
    if (nofileHard >= COMFORTABLE_NOFILE) return ok(reason);
    return warning(
      rootless ? `${numbers}: fewer open files than a busy node wants (${COMFORTABLE_NOFILE})` : reason,
      advice(
        rootless
          ? 'raise the hard limit: DefaultLimitNOFILE=1048576 in /etc/systemd/system.conf, then reboot'
          : 'raise the hard limits of what started this machine or container, where that is yours to do',
      ),
    );
  },
};
