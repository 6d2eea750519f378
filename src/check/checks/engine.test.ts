import { describe, expect, test } from 'vitest';
import { changeInfo, findingOf } from '../testing/finding.ts';
import type { HostRecord } from '../testing/recorded-host.ts';

const finding = (id: string, change?: (record: HostRecord) => void) => findingOf('sandbox-hybrid-root', id, change);

const osRelease = (text: string) => (r: HostRecord) => {
  r.files['/etc/os-release'] = text;
};

const withoutPodman = (r: HostRecord) => {
  delete r.programs.podman;
};

const noHugetlbTrouble = (r: HostRecord) => {
  r.files['/sys/fs/cgroup/unified/cgroup.controllers'] = '';
};

describe('podman', () => {
  test('is there, with its version', async () => {
    expect(await finding('podman')).toMatchObject({ status: 'ok', reason: 'podman 4.3.1, rootful' });
  });

  test.each([
    [
      'ID=debian\nVERSION_ID="12"\n',
      'apt-get -q -o DPkg::Lock::Timeout=120 update\nenv DEBIAN_FRONTEND=noninteractive apt-get',
    ],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n', 'apt-get -q'],
    ['ID=fedora\nVERSION_ID=42\n', 'dnf install -y podman crun'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'zypper --non-interactive install'],
    ['ID=arch\n', 'pacman -S --noconfirm --needed podman'],
    ['ID=alpine\nVERSION_ID=3.22.0\n', 'apk add podman'],
  ])('is installed with the package manager of %j', async (release, command) => {
    const found = await finding('podman', (r) => {
      withoutPodman(r);
      osRelease(release)(r);
    });
    expect(found?.status).toBe('error');
    expect(found?.fix?.text).toContain(command);
    expect(found?.fix?.commands.every((c) => c.asRoot)).toBe(true);
  });

  test.each([
    ['an unknown distribution', 'ID=plan9\n'],
    ['a distribution with Podman 3', 'ID=ubuntu\nVERSION_ID="22.04"\n'],
  ])('is left to the user on %s', async (_, release) => {
    const found = await finding('podman', (r) => {
      withoutPodman(r);
      osRelease(release)(r);
    });
    expect(found?.fix).toMatchObject({ commands: [], text: expect.stringContaining('https://podman.io') });
  });

  test('version 3 is too old', async () => {
    const found = await finding('podman', (r) => {
      r.commands['podman --version'] = { exitCode: 0, stdout: 'podman version 3.4.4', stderr: '' };
    });
    expect(found).toMatchObject({ status: 'error', reason: 'podman 3.4.4 is too old: kinpod needs 4.0 or newer' });
  });

  test('that fails is an error with its own last words', async () => {
    const found = await finding('podman', (r) => {
      r.commands['podman info --format json'] = {
        exitCode: 125,
        stdout: '',
        stderr: 'WARN[0000] something\nError: open /var/lib/containers: read-only file system\n',
      };
    });
    expect(found?.status).toBe('error');
    expect(found?.reason).toContain('Error: open /var/lib/containers: read-only file system');
  });
});

describe('container runtime', () => {
  test('that does not run is an error', async () => {
    const found = await finding('oci-runtime', (r) => {
      r.commands['/usr/bin/crun --version'] = { exitCode: 127, stdout: '', stderr: 'libyajl.so.2: cannot open' };
    });
    expect(found?.status).toBe('error');
    expect(found?.reason).toContain('libyajl.so.2');
  });
});

describe('network stack', () => {
  test.each([
    ['netavark', /podman cannot make networks/],
    ['aardvark-dns', /find each other by name/],
  ])('without %s is an error', async (program, reason) => {
    const found = await finding('network-stack', (r) => {
      r.existing = r.existing.filter((path) => path !== `/usr/lib/podman/${program}`);
    });
    expect(found?.status).toBe('error');
    expect(found?.reason).toMatch(reason);
  });

  test('of CNI names the missing plugins', async () => {
    const cni = (r: HostRecord) =>
      changeInfo(r, ({ host }) => {
        if (host) host.networkBackend = 'cni';
      });
    const none = await finding('network-stack', (r) => {
      cni(r);
      r.existing.push('/usr/lib/cni/bridge', '/usr/lib/cni/host-local');
    });
    expect(none).toMatchObject({ status: 'error', reason: expect.stringContaining('plugins portmap, firewall') });
    const noNames = await finding('network-stack', (r) => {
      cni(r);
      r.existing.push(...['bridge', 'host-local', 'portmap', 'firewall'].map((p) => `/opt/cni/bin/${p}`));
    });
    expect(noNames).toMatchObject({ status: 'warning', reason: expect.stringContaining('dnsname') });
  });
});

describe('iptables', () => {
  test('missing is an error with the words that netavark would say', async () => {
    const found = await finding('iptables', (r) => {
      delete r.programs.iptables;
    });
    expect(found?.status).toBe('error');
    expect(found?.reason).toContain('netavark: No such file or directory');
    expect(found?.fix?.text).toContain('iptables');
  });

  test('missing is a warning where netavark may use nft', async () => {
    const found = await finding('iptables', (r) => {
      delete r.programs.iptables;
      r.programs.nft = '/usr/sbin/nft';
      changeInfo(r, ({ host }) => {
        if (host) host.networkBackendInfo = { version: 'netavark 1.14.0', path: '/usr/lib/podman/netavark' };
      });
    });
    expect(found?.status).toBe('warning');
  });

  test('outside of PATH is an error: netavark would not find it', async () => {
    const found = await finding('iptables', (r) => {
      r.env.PATH = '/usr/bin:/bin';
    });
    expect(found).toMatchObject({ status: 'error', reason: expect.stringContaining('/usr/sbin is not in PATH') });
  });
});

describe('storage driver', () => {
  test('vfs is a warning', async () => {
    const found = await finding('storage-driver', (r) =>
      changeInfo(r, ({ store }) => {
        if (store) store.graphDriverName = 'vfs';
      }),
    );
    expect(found).toMatchObject({ status: 'warning', reason: expect.stringContaining('copies the whole image') });
  });
});

describe('trial container', () => {
  const TRIAL =
    'podman run --rm --privileged --cgroupns=private --network=bridge --publish=127.0.0.1::6443/tcp --pids-limit=0 ' +
    '--ulimit=nofile=20000:20000 --ulimit=nproc=32768:32768 --volume=/usr:/usr:ro --volume=/lib:/lib:ro ' +
    '--volume=/lib64:/lib64:ro --rootfs /scratch /usr/bin/true';

  test('that does not start is an error with what the engine says', async () => {
    const found = await finding('trial-container', (r) => {
      noHugetlbTrouble(r);
      r.commands[TRIAL] = {
        exitCode: 127,
        stdout: '',
        stderr: 'Error: netavark: No such file or directory (os error 2)',
      };
    });
    expect(found?.status).toBe('error');
    expect(found?.reason).toContain('netavark: No such file or directory');
  });

  test('is not tried where another check knows that it would fail', async () => {
    expect(await finding('trial-container')).toBeUndefined();
  });
});
