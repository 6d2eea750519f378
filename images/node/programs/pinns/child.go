package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// childArgument is the first one of a process that this program starts of itself: a user namespace cannot be joined by one thread of
// many, and a mount namespace cannot be bound from inside.
const childArgument = "in-new-namespaces"

// ready is what the child prints when it has set everything up.
const ready = "ready"

// pinByChild makes the namespaces by a process that lives until they are pinned.
func pinByChild(r request) error {
	// The child is killed when the thread that made it ends, whatever happens to this process.
	runtime.LockOSThread()
	if err := bindAll(r, linksOf(os.Getpid()), true); err != nil {
		return err
	}
	child := exec.Command("/proc/self/exe", childArguments(r.sysctls)...)
	attributes := &syscall.SysProcAttr{Cloneflags: r.flags(), Pdeathsig: syscall.SIGKILL}
	if r.flags()&syscall.CLONE_NEWUSER != 0 {
		attributes.UidMappings = r.uids
		attributes.GidMappings = r.gids
		attributes.GidMappingsEnableSetgroups = true
		attributes.Credential = &syscall.Credential{Uid: 0, Gid: 0}
	}
	child.SysProcAttr = attributes
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	// It waits for the end of its input, which comes at the latest when this process is gone.
	if _, err := child.StdinPipe(); err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return fmt.Errorf("new namespaces: %w", err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	line, _ := bufio.NewReader(output).ReadString('\n')
	if strings.TrimSpace(line) != ready {
		return errors.New("the process in the new namespaces has failed")
	}
	return bindAll(r, linksOf(child.Process.Pid), false)
}

func childArguments(sysctls []sysctl) []string {
	arguments := []string{childArgument}
	for _, one := range sysctls {
		arguments = append(arguments, one.key+"="+one.value)
	}
	return arguments
}

// runChild is what the process in the new namespaces does.
func runChild(settings []string) error {
	for _, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		if err := writeSysctls([]sysctl{{key, value}}); err != nil {
			return err
		}
	}
	fmt.Println(ready)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
