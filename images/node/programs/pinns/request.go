package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// kind is a type of namespaces.
type kind struct {
	// name in /proc/PID/ns.
	name string
	long string
	// short is the option's letter.
	short string
	flag  uintptr
}

// kinds in the order in which they are pinned: a user namespace before those that belong to it.
var kinds = []kind{
	{"user", "user", "U", syscall.CLONE_NEWUSER},
	{"ipc", "ipc", "i", syscall.CLONE_NEWIPC},
	{"uts", "uts", "u", syscall.CLONE_NEWUTS},
	{"net", "net", "n", syscall.CLONE_NEWNET},
	{"cgroup", "cgroup", "c", cloneNewCgroup},
	{"mnt", "mnt", "m", syscall.CLONE_NEWNS},
}

// cloneNewCgroup is not in package syscall.
const cloneNewCgroup = 0x02000000

// namespace that is asked for.
type namespace struct {
	kind
	// host: that of this process, and not a new one.
	host bool
}

type sysctl struct{ key, value string }

type request struct {
	dir, file  string
	namespaces []namespace
	sysctls    []sysctl
	uids, gids []syscall.SysProcIDMap
}

// flags of the namespaces that are to be new.
func (r request) flags() uintptr {
	var flags uintptr
	for _, one := range r.namespaces {
		if !one.host {
			flags |= one.flag
		}
	}
	return flags
}

// parse reads the options as getopt_long does. A type takes a value only joined with `=`.
func parse(args []string) (request, error) {
	var result request
	asked := map[string]namespace{}
	for i := 0; i < len(args); i++ {
		option, value, joined := strings.Cut(args[i], "=")
		if found, ok := kindOf(option); ok {
			if joined && value != "host" {
				return request{}, fmt.Errorf("%s: only \"host\" may follow", args[i])
			}
			asked[found.name] = namespace{found, joined}
			continue
		}
		if !joined {
			if i++; i >= len(args) {
				return request{}, fmt.Errorf("%s: not known, or without a value", option)
			}
			value = args[i]
		}
		if err := result.set(option, value); err != nil {
			return request{}, err
		}
	}
	for _, one := range kinds {
		if found, ok := asked[one.name]; ok {
			result.namespaces = append(result.namespaces, found)
		}
	}
	return result, result.check()
}

func kindOf(option string) (kind, bool) {
	for _, one := range kinds {
		if option == "--"+one.long || option == "-"+one.short {
			return one, true
		}
	}
	return kind{}, false
}

func (r *request) set(option, value string) (err error) {
	switch option {
	case "-d", "--dir":
		r.dir = value
	case "-f", "--filename":
		r.file = value
	case "-s", "--sysctl":
		key, setting, _ := strings.Cut(value, "=")
		if key == "" || setting == "" {
			return fmt.Errorf("%s: a sysctl is KEY=VALUE", value)
		}
		r.sysctls = append(r.sysctls, sysctl{key, setting})
	case "--uid-mapping":
		r.uids, err = parseMappings(value)
	case "--gid-mapping":
		r.gids, err = parseMappings(value)
	default:
		return fmt.Errorf("%s: not known", option)
	}
	return err
}

func (r request) check() error {
	switch {
	case r.dir == "" || r.file == "":
		return errors.New("a directory (-d) and a name (-f) are needed")
	case len(r.namespaces) == 0:
		return errors.New("no namespace is asked for")
	case r.flags()&syscall.CLONE_NEWUSER != 0 && (len(r.uids) == 0 || len(r.gids) == 0):
		return errors.New("a user namespace needs --uid-mapping and --gid-mapping")
	}
	return nil
}

// parseMappings reads `CONTAINER-HOST-SIZE@` for each range.
func parseMappings(text string) ([]syscall.SysProcIDMap, error) {
	var mappings []syscall.SysProcIDMap
	for _, part := range strings.Split(strings.TrimSuffix(text, "@"), "@") {
		fields := strings.Split(part, "-")
		numbers := make([]int, 0, 3)
		for _, field := range fields {
			number, err := strconv.ParseUint(field, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("%s: a mapping is CONTAINER-HOST-SIZE", part)
			}
			numbers = append(numbers, int(number))
		}
		if len(numbers) != 3 {
			return nil, fmt.Errorf("%s: a mapping is CONTAINER-HOST-SIZE", part)
		}
		mappings = append(mappings, syscall.SysProcIDMap{ContainerID: numbers[0], HostID: numbers[1], Size: numbers[2]})
	}
	return mappings, nil
}

// path of a setting below /proc/sys, as sysctl(8) finds it: where the first separator is a dot, dots and slashes change places
// (net.ipv4.conf.eth0/100.forwarding is of the interface eth0.100; kubelet writes names so), else the key is a path already.
func (s sysctl) path() (string, error) {
	key := s.key
	if at := strings.IndexAny(key, "./"); at >= 0 && key[at] == '.' {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	if !filepath.IsLocal(key) {
		return "", fmt.Errorf("%s: not a setting below /proc/sys", s.key)
	}
	return filepath.Join("/proc/sys", key), nil
}
