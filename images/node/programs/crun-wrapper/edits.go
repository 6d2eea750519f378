package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

// fitContainer changes a config.json: https://github.com/opencontainers/runtime-spec/blob/main/config.md
func fitContainer(config map[string]any, host host) {
	fitVersion(config)
	fitPids(config)
	if process, ok := config["process"].(map[string]any); ok {
		fitProcess(process, host)
	}
}

// fitProcess changes the part of it that is about the process, which is also what exec takes.
func fitProcess(process map[string]any, host host) {
	fitCapabilities(process, host)
	fitOOMScore(process, host)
	fitRlimits(process, host)
}

// newestKnown is the version of the specification that crun 1.8 of Debian 12 takes; of 1.1 and newer it says "unknown version
// specified". What newer versions added is optional, so a newer runtime takes the same from an older version.
const newestKnown = "1.0.2"

func fitVersion(config map[string]any) {
	version, _ := config["ociVersion"].(string)
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return
	}
	major, errMajor := strconv.Atoi(parts[0])
	minor, errMinor := strconv.Atoi(parts[1])
	if errMajor == nil && errMinor == nil && (major > 1 || major == 1 && minor > 0) {
		config["ociVersion"] = newestKnown
	}
}

// fitPids drops a limit of -1 (or 0) processes, which means none: crun 1.8 would write it to pids.max, which takes no such number.
func fitPids(config map[string]any) {
	resources := object(object(config, "linux"), "resources")
	pids := object(resources, "pids")
	if limit, ok := integer(pids["limit"]); ok && limit <= 0 {
		delete(resources, "pids")
	}
}

// fitCapabilities takes away what cannot be given: a privileged pod, as kube-proxy is, asks for all that there are, and capset would
// refuse it all.
func fitCapabilities(process map[string]any, host host) {
	for name, value := range object(process, "capabilities") {
		asked, ok := value.([]any)
		if !ok {
			continue
		}
		given := make([]any, 0, len(asked))
		for _, one := range asked {
			if text, ok := one.(string); !ok || has(host.capabilities, text) {
				given = append(given, one)
			}
		}
		object(process, "capabilities")[name] = given
	}
}

// fitOOMScore raises a score that only somebody privileged may lower a process to.
func fitOOMScore(process map[string]any, host host) {
	if score, ok := integer(process["oomScoreAdj"]); ok && !host.privileged && score < host.oomScoreAdj {
		process["oomScoreAdj"] = host.oomScoreAdj
	}
}

// fitRlimits lowers limits to those that need no privilege.
func fitRlimits(process map[string]any, host host) {
	limits, _ := process["rlimits"].([]any)
	if host.privileged {
		return
	}
	for _, one := range limits {
		limit, ok := one.(map[string]any)
		if !ok {
			continue
		}
		kind, _ := limit["type"].(string)
		resource, known := rlimits[kind]
		if !known {
			continue
		}
		highest, ok := host.hardLimit(resource)
		if !ok {
			continue
		}
		for _, bound := range []string{"hard", "soft"} {
			if asked, ok := unsigned(limit[bound]); ok && asked > highest {
				limit[bound] = highest
			}
		}
	}
}

// object is a member that is an object; an empty one, which belongs to nothing, where it is not there.
func object(parent map[string]any, name string) map[string]any {
	if child, ok := parent[name].(map[string]any); ok {
		return child
	}
	return map[string]any{}
}

func integer(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	result, err := number.Int64()
	return result, err == nil
}

func unsigned(value any) (uint64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	result, err := strconv.ParseUint(number.String(), 10, 64)
	return result, err == nil
}
