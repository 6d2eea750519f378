package main

import (
	"path/filepath"
	"strings"
)

// command is what is left of a runtime's command line that matters here.
type command struct {
	// name is create, run, exec, …; empty where there is none.
	name string
	// bundle is the directory of create and run.
	bundle string
	// process is the file of exec; empty where the process is described by arguments.
	process string
}

// global options that take a value as an argument of its own, of crun and runc.
var globalWithValue = map[string]bool{
	"--root": true, "--log": true, "--log-format": true, "--log-level": true, "--cgroup-manager": true, "--rootless": true,
}

// parse reads a command line of an OCI runtime as conmon and CRI-O write it:
// https://github.com/opencontainers/runtime-tools/blob/master/docs/command-line-interface.md
func parse(args []string) command {
	result := command{bundle: "."}
	i := 0
	for ; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		if globalWithValue[args[i]] {
			i++
		}
	}
	if i >= len(args) {
		return result
	}
	result.name = args[i]
	for i++; i < len(args); i++ {
		option, value, joined := strings.Cut(args[i], "=")
		var into *string
		switch option {
		case "--bundle", "-b":
			into = &result.bundle
		case "--process", "-p":
			into = &result.process
		default:
			continue
		}
		if !joined && i+1 < len(args) {
			i++
			value = args[i]
		}
		*into = value
	}
	return result
}

// file is the one to be edited, or empty.
func (c command) file() string {
	switch c.name {
	case "create", "run", "restore":
		return filepath.Join(c.bundle, "config.json")
	case "exec":
		return c.process
	}
	return ""
}
