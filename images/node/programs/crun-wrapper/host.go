package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// host is what processes of this node may do.
type host struct {
	// capabilities that can be given to others: the permitted ones of this process.
	capabilities uint64
	// oomScoreAdj of this process. Without privileged it is the lowest that a process can get.
	oomScoreAdj int64
	// privileged over the machine's resources: CAP_SYS_RESOURCE, and not only in a user namespace.
	privileged bool
	// hardLimit tells what a resource (RLIMIT_NOFILE) can be raised to without being privileged.
	hardLimit func(resource int) (uint64, bool)
}

const capSysResource = 24

func readHost() (host, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return host{}, err
	}
	uidMap, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return host{}, err
	}
	score, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return host{}, err
	}
	return parseHost(string(status), string(uidMap), string(score))
}

func parseHost(status, uidMap, score string) (host, error) {
	result := host{hardLimit: hardLimit}
	var err error
	if result.capabilities, err = permitted(status); err != nil {
		return host{}, err
	}
	if result.oomScoreAdj, err = strconv.ParseInt(strings.TrimSpace(score), 10, 64); err != nil {
		return host{}, err
	}
	result.privileged = result.capabilities>>capSysResource&1 == 1 && isInitial(uidMap)
	return result, nil
}

// permitted reads the line CapPrm of /proc/PID/status.
func permitted(status string) (uint64, error) {
	for _, line := range strings.Split(status, "\n") {
		if value, found := strings.CutPrefix(line, "CapPrm:"); found {
			return strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no line CapPrm")
}

// isInitial tells the machine's own user namespace, which alone maps all ids onto themselves.
func isInitial(uidMap string) bool {
	return strings.Join(strings.Fields(uidMap), " ") == "0 0 4294967295"
}

func hardLimit(resource int) (uint64, bool) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(resource, &limit) != nil {
		return 0, false
	}
	return limit.Max, true
}
