package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestOptions(t *testing.T) {
	got, err := parse([]string{"-d", "/d", "-f", "u", "-s", "net.core.x=1 2", "--sysctl=a.b=c=d", "--net=host", "-u", "--ipc"})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, one := range got.namespaces {
		names = append(names, one.name)
	}
	if got.dir != "/d" || got.file != "u" || !reflect.DeepEqual(names, []string{"ipc", "uts", "net"}) {
		t.Fatalf("got %+v", got)
	}
	if got.flags() != syscall.CLONE_NEWIPC|syscall.CLONE_NEWUTS {
		t.Fatalf("flags %x", got.flags())
	}
	if !reflect.DeepEqual(got.sysctls, []sysctl{{"net.core.x", "1 2"}, {"a.b", "c=d"}}) {
		t.Fatalf("sysctls %v", got.sysctls)
	}
}

func TestWhereASettingLies(t *testing.T) {
	for key, expected := range map[string]string{
		"net.core.x":                        "/proc/sys/net/core/x",
		"net/core/x":                        "/proc/sys/net/core/x",
		"net.ipv4.conf.eth0/100.forwarding": "/proc/sys/net/ipv4/conf/eth0.100/forwarding",
		"net/ipv4/conf/eth0.100/forwarding": "/proc/sys/net/ipv4/conf/eth0.100/forwarding",
		"hostname":                          "/proc/sys/hostname",
	} {
		if path, err := (sysctl{key, "1"}).path(); err != nil || path != expected {
			t.Errorf("%s: got %s, %v", key, path, err)
		}
	}
	for _, key := range []string{"net/../../self/comm", "net.//.//.self.comm", "/proc/sys/net/core/x", ".net"} {
		if path, err := (sysctl{key, "1"}).path(); err == nil {
			t.Errorf("%s: taken as %s", key, path)
		}
	}
}

func TestMappings(t *testing.T) {
	got, err := parse([]string{"-d", "/d", "-f", "u", "--user", "--uid-mapping=0-1000-1@1-100000-65536@", "--gid-mapping=0-5-1@"})
	if err != nil {
		t.Fatal(err)
	}
	expected := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 1000, Size: 1}, {ContainerID: 1, HostID: 100000, Size: 65536}}
	if !reflect.DeepEqual(got.uids, expected) {
		t.Fatalf("got %v", got.uids)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for name, args := range map[string][]string{
		"no directory":                      {"-f", "u", "--ipc"},
		"no name":                           {"-d", "/d", "--ipc"},
		"no namespace":                      {"-d", "/d", "-f", "u"},
		"a user namespace without mappings": {"-d", "/d", "-f", "u", "--user"},
		"half a mapping":                    {"-d", "/d", "-f", "u", "--user", "--uid-mapping=0-1@", "--gid-mapping=0-1-1@"},
		"a mapping without numbers":         {"-d", "/d", "-f", "u", "--user", "--uid-mapping=a-b-c@", "--gid-mapping=0-1-1@"},
		"a sysctl without a value":          {"-d", "/d", "-f", "u", "--ipc", "-s", "a="},
		"a sysctl without a key":            {"-d", "/d", "-f", "u", "--ipc", "-s", "=1"},
		"another namespace than the host's": {"-d", "/d", "-f", "u", "--ipc=mine"},
		"an unknown option":                 {"-d", "/d", "-f", "u", "--ipc", "--what=1"},
		"an option without its value":       {"-d", "/d", "--ipc", "-f"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(args); err == nil {
				t.Fatal("it is taken")
			}
		})
	}
}

// The tests below run the program as CRI-O does. They need the right to make namespaces.

func TestNewNamespacesArePinned(t *testing.T) {
	dir := t.TempDir()
	pinns(t, "-d", dir, "-f", "u", "-s", "net.ipv4.ip_unprivileged_port_start=7", "--ipc", "--uts", "--net")
	for _, name := range []string{"ipc", "uts", "net"} {
		if inode(t, filepath.Join(dir, name+"ns", "u")) == inode(t, "/proc/self/ns/"+name) {
			t.Errorf("the %s namespace is the host's", name)
		}
	}
	inside := []string{"--net=" + filepath.Join(dir, "netns", "u"), "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"}
	if got := strings.TrimSpace(output(t, "nsenter", inside...)); got != "7" {
		t.Errorf("the sysctl is %q", got)
	}
}

func TestNamespacesOfTheHostArePinned(t *testing.T) {
	dir := t.TempDir()
	pinns(t, "-d", dir, "-f", "u", "--uts", "--net=host")
	if inode(t, filepath.Join(dir, "netns", "u")) != inode(t, "/proc/self/ns/net") {
		t.Error("the net namespace is not the host's")
	}
	if inode(t, filepath.Join(dir, "utsns", "u")) == inode(t, "/proc/self/ns/uts") {
		t.Error("the uts namespace is the host's")
	}
}

func TestAUserNamespaceIsPinnedWithThoseThatBelongToIt(t *testing.T) {
	dir := t.TempDir()
	pinns(t, "-d", dir, "-f", "u", "--user", "--net", "--mnt", "--uid-mapping=0-100000-65536@", "--gid-mapping=0-200000-65536@")
	user := filepath.Join(dir, "userns", "u")
	inside := []string{"--user=" + user, "--net=" + filepath.Join(dir, "netns", "u"), "cat", "/proc/self/uid_map", "/proc/self/gid_map"}
	got := strings.Fields(output(t, "nsenter", inside...))
	if !reflect.DeepEqual(got, []string{"0", "100000", "65536", "0", "200000", "65536"}) {
		t.Errorf("the maps are %v", got)
	}
	if inode(t, filepath.Join(dir, "mntns", "u")) == inode(t, "/proc/self/ns/mnt") {
		t.Error("the mount namespace is the host's")
	}
}

func TestAFailureIsSaid(t *testing.T) {
	dir := t.TempDir()
	_, said := tryPinns(t, "-d", dir, "-f", "u", "--uts", "-s", "no.such.setting=1")
	if !strings.Contains(said, "no.such.setting") {
		t.Errorf("it says %q", said)
	}
}

func TestMain(m *testing.M) {
	// The program starts itself: here that is the test.
	if len(os.Args) > 1 && os.Args[1] == childArgument {
		exit(runChild(os.Args[2:]))
	}
	if os.Getenv("PINNS_TEST_RUN") != "" {
		main()
	}
	os.Exit(m.Run())
}

func pinns(t *testing.T, args ...string) {
	t.Helper()
	if err, said := tryPinns(t, args...); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}

func tryPinns(t *testing.T, args ...string) (error, string) {
	t.Helper()
	// Of this thread alone, which is given up.
	runtime.LockOSThread()
	if err := syscall.Unshare(syscall.CLONE_NEWUTS); err != nil {
		t.Skipf("no right to make namespaces: %v", err)
	}
	dir := args[1]
	t.Cleanup(func() { unmountAll(dir) })
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), "PINNS_TEST_RUN=1")
	said, err := command.CombinedOutput()
	return err, string(said)
}

func unmountAll(dir string) {
	pinned, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	types, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range append(pinned, types...) {
		_ = syscall.Unmount(path, syscall.MNT_DETACH)
	}
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	return stat.Ino
}

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	got, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s", program, got)
	}
	return string(got)
}
