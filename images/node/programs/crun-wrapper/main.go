// crun-wrapper stands between CRI-O and crun: it fits a container's configuration to what this node may do, and becomes crun.
//
// Nodes often may do less than CRI-O assumes: the engine they run on lacks a capability, or they are in a user namespace. CRI-O's own
// answer, its rootless mode, gives up every limit of CPU, memory and processes. This changes only what would be refused.
package main

import (
	"fmt"
	"os"
	"syscall"
)

// runtime is the program that is called in the end. Set by the linker where it is another.
var runtime = "/usr/bin/crun"

func main() {
	if parse(os.Args[1:]).name == "features" {
		os.Exit(features(os.Args[1:]))
	}
	if err := fit(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "crun-wrapper: %v\n", err)
		os.Exit(1)
	}
	err := syscall.Exec(runtime, append([]string{runtime}, os.Args[1:]...), os.Environ())
	fmt.Fprintf(os.Stderr, "crun-wrapper: %s: %v\n", runtime, err)
	os.Exit(1)
}

// fit edits the file that the arguments of an OCI runtime lead to, if they lead to one.
func fit(args []string) error {
	command := parse(args)
	path := command.file()
	if path == "" {
		return nil
	}
	host, err := readHost()
	if err != nil {
		return err
	}
	return editFile(path, func(document map[string]any) {
		if command.name == "exec" {
			fitProcess(document, host)
		} else {
			fitContainer(document, host)
		}
	})
}
