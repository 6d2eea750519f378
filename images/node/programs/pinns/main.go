// pinns makes namespaces for a pod and pins them as files, so that they stay when no process is in them. CRI-O calls it:
//
//	pinns -d DIR -f NAME [-s KEY=VALUE]... [--ipc] [--uts] [--net] [--cgroup] [--mnt] [--user --uid-mapping=M --gid-mapping=M]
//
// A namespace of the type T is pinned as DIR/Tns/NAME. With `=host` after a type it is the one that this process is in.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == childArgument {
		exit(runChild(os.Args[2:]))
	}
	request, err := parse(os.Args[1:])
	if err != nil {
		exit(err)
	}
	exit(pin(request))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "pinns: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}
