package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// pin makes the namespaces and a file for each. What was pinned before a failure is for the caller to unmount, as CRI-O does.
func pin(r request) error {
	if r.flags()&(syscall.CLONE_NEWUSER|syscall.CLONE_NEWNS) != 0 {
		return pinByChild(r)
	}
	// Namespaces are a thread's. This one is not used for anything else afterwards.
	runtime.LockOSThread()
	// What is the host's is bound before this thread leaves any of it.
	if err := bindAll(r, "/proc/thread-self/ns", true); err != nil {
		return err
	}
	if err := syscall.Unshare(int(r.flags())); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := writeSysctls(r.sysctls); err != nil {
		return err
	}
	return bindAll(r, "/proc/thread-self/ns", false)
}

// bindAll pins those namespaces that are the host's, or those that are new, from the links of a process.
func bindAll(r request, links string, host bool) error {
	for _, one := range r.namespaces {
		if one.host != host {
			continue
		}
		if err := bind(r, one, filepath.Join(links, one.name)); err != nil {
			return fmt.Errorf("pinning the %s namespace: %w", one.name, err)
		}
	}
	return nil
}

func bind(r request, one namespace, source string) error {
	dir := filepath.Join(r.dir, one.name+"ns")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if one.name == "mnt" {
		if err := makeUnbindable(dir); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, r.file)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return syscall.Mount(source, path, "", syscall.MS_BIND, "")
}

// makeUnbindable: a mount namespace cannot be bound where it would be propagated into itself.
func makeUnbindable(dir string) error {
	mounted, err := isMountPoint(dir)
	if err != nil {
		return err
	}
	if !mounted {
		if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
	}
	return syscall.Mount("", dir, "", syscall.MS_UNBINDABLE, "")
}

func isMountPoint(dir string) (bool, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return false, err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	for _, line := range strings.Split(string(mounts), "\n") {
		if fields := strings.Fields(line); len(fields) > 4 && unescape(fields[4]) == absolute {
			return true, nil
		}
	}
	return false, nil
}

// unescape a path of mountinfo, where blanks are written as \040.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

func writeSysctls(sysctls []sysctl) error {
	for _, one := range sysctls {
		path, err := one.path()
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(one.value), 0o644); err != nil {
			return fmt.Errorf("sysctl %s=%s: %w", one.key, one.value, err)
		}
	}
	return nil
}

func linksOf(pid int) string {
	return filepath.Join("/proc", strconv.Itoa(pid), "ns")
}
