package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const all = 1<<41 - 1

// ordinary is a node that lacks CAP_SYS_RESOURCE, as in a sandbox.
var ordinary = host{
	capabilities: all &^ (1 << capSysResource),
	oomScoreAdj:  100,
	hardLimit:    func(int) (uint64, bool) { return 20000, true },
}

var privileged = host{capabilities: all, oomScoreAdj: -999, privileged: true, hardLimit: ordinary.hardLimit}

func TestContainers(t *testing.T) {
	for name, one := range map[string]struct {
		host          host
		before, after string
	}{
		"a version that crun does not know is lowered": {privileged,
			`{"ociVersion":"1.2.1"}`, `{"ociVersion":"1.0.2"}`},
		"of a version before a release too": {privileged,
			`{"ociVersion":"1.1.0-rc.1"}`, `{"ociVersion":"1.0.2"}`},
		"a version that it knows stays": {privileged,
			`{"ociVersion":"1.0.0"}`, `{"ociVersion":"1.0.0"}`},
		"no version stays none": {privileged, `{}`, `{}`},
		"a limit of -1 processes is none": {privileged,
			`{"linux":{"resources":{"pids":{"limit":-1},"cpu":{"shares":2}}}}`, `{"linux":{"resources":{"cpu":{"shares":2}}}}`},
		"so is one of 0": {privileged,
			`{"linux":{"resources":{"pids":{"limit":0}}}}`, `{"linux":{"resources":{}}}`},
		"a limit of processes stays": {privileged,
			`{"linux":{"resources":{"pids":{"limit":100}}}}`, `{"linux":{"resources":{"pids":{"limit":100}}}}`},
		"limits and the cgroup stay as they are": {ordinary,
			`{"linux":{"cgroupsPath":"a:b:c","resources":{"memory":{"limit":9223372036854771712},"cpu":{"quota":10000}}}}`,
			`{"linux":{"cgroupsPath":"a:b:c","resources":{"memory":{"limit":9223372036854771712},"cpu":{"quota":10000}}}}`},
		"seccomp stays as it is": {ordinary,
			`{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"]}]}}}`,
			`{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"]}]}}}`},
		"a capability that the node lacks is left out of every set": {ordinary,
			`{"process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"],"effective":["CAP_SYS_RESOURCE"]}}}`,
			`{"process":{"capabilities":{"bounding":["CAP_CHOWN"],"effective":[]}}}`},
		"capabilities that the node has stay": {privileged,
			`{"process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"]}}}`,
			`{"process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE"]}}}`},
		"one that is not known here is the runtime's to judge": {ordinary,
			`{"process":{"capabilities":{"bounding":["CAP_OF_TOMORROW"]}}}`,
			`{"process":{"capabilities":{"bounding":["CAP_OF_TOMORROW"]}}}`},
		"an OOM score that would be refused is raised": {ordinary,
			`{"process":{"oomScoreAdj":-997}}`, `{"process":{"oomScoreAdj":100}}`},
		"one that is allowed stays": {ordinary,
			`{"process":{"oomScoreAdj":1000}}`, `{"process":{"oomScoreAdj":1000}}`},
		"with the capability every score stays": {privileged,
			`{"process":{"oomScoreAdj":-1000}}`, `{"process":{"oomScoreAdj":-1000}}`},
		"resource limits are lowered to what may be had": {ordinary,
			`{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","hard":1048576,"soft":1024},{"type":"RLIMIT_OF_TOMORROW","hard":9}]}}`,
			`{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","hard":20000,"soft":1024},{"type":"RLIMIT_OF_TOMORROW","hard":9}]}}`},
		"with the capability they stay": {privileged,
			`{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1024}]}}`,
			`{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1024}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.json")
			write(t, path, one.before)
			if err := editFile(path, func(config map[string]any) { fitContainer(config, one.host) }); err != nil {
				t.Fatal(err)
			}
			same(t, path, one.after)
		})
	}
}

func TestTheProcessOfExec(t *testing.T) {
	path := filepath.Join(t.TempDir(), "process")
	write(t, path, `{"args":["sh","-c","a && b < c"],"oomScoreAdj":-997,"capabilities":{"effective":["CAP_SYS_RESOURCE"]}}`)
	if err := editFile(path, func(process map[string]any) { fitProcess(process, ordinary) }); err != nil {
		t.Fatal(err)
	}
	same(t, path, `{"args":["sh","-c","a && b < c"],"oomScoreAdj":100,"capabilities":{"effective":[]}}`)
}

func TestAnEditedFileKeepsItsModeAndLeavesNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	write(t, path, `{}`)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := editFile(path, func(map[string]any) {}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Fatalf("%d files", len(entries))
	}
}

func TestADamagedFileIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	write(t, path, `{"a`)
	err := editFile(path, func(map[string]any) {})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Fatalf("got %v", err)
	}
}

func TestWhatTheNodeMayDo(t *testing.T) {
	const full, lacking = "CapPrm:\t000001ffffffffff\n", "CapPrm:\t000001fffeffffff\n"
	const initial = "         0          0 4294967295\n"
	for name, one := range map[string]struct {
		status, uidMap string
		privileged     bool
	}{
		"root of the machine":                     {full, initial, true},
		"without the capability":                  {lacking, initial, false},
		"with it, but only in a user namespace":   {full, "0 100000 65536\n", false},
		"in a user namespace of several mappings": {full, "0 1000 1\n1 100000 65536\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseHost("Name:\tx\n"+one.status, one.uidMap, "-5\n")
			if err != nil || got.privileged != one.privileged || got.oomScoreAdj != -5 {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
	if _, err := parseHost("Name:\tx\n", initial, "0"); err == nil {
		t.Fatal("a status without CapPrm is taken")
	}
	if _, err := readHost(); err != nil {
		t.Fatal(err)
	}
}

func TestCommandLines(t *testing.T) {
	for name, one := range map[string]struct {
		args []string
		file string
	}{
		"create as conmon writes it": {
			[]string{"--systemd-cgroup", "--root=/run/crun", "create", "--bundle", "/b", "--pid-file", "/p", "ID"}, "/b/config.json"},
		"global options with values": {
			[]string{"--root", "create", "--log", "/l", "run", "-b", "/b", "ID"}, "/b/config.json"},
		"joined values":        {[]string{"create", "--bundle=/b", "ID"}, "/b/config.json"},
		"the directory itself": {[]string{"create", "ID"}, "config.json"},
		"exec with a file":     {[]string{"exec", "--pid-file", "/p", "--process", "/f", "--detach", "ID"}, "/f"},
		"exec with arguments":  {[]string{"exec", "ID", "sh"}, ""},
		"another command":      {[]string{"--root=/r", "state", "ID"}, ""},
		"only an option":       {[]string{"--version"}, ""},
		"nothing":              {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parse(one.args).file(); got != one.file {
				t.Fatalf("got %q", got)
			}
		})
	}
}

func TestFeaturesOfARuntimeThatIsOlderThanTheCommand(t *testing.T) {
	before := runtime
	defer func() { runtime = before }()
	for name, one := range map[string]struct {
		script string
		code   int
	}{
		"an older one": {"echo 'unknown command features' >&2; exit 1", 0},
		"a newer one":  {"echo '{}'", 0},
		"a broken one": {"echo 'no memory' >&2; exit 1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			runtime = filepath.Join(t.TempDir(), "crun")
			if err := os.WriteFile(runtime, []byte("#!/bin/sh\n"+one.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			if code := features([]string{"features"}); code != one.code {
				t.Fatalf("exit code %d", code)
			}
		})
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(leastFeatures), &document); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// same compares documents, with numbers as they are written.
func same(t *testing.T, path, expected string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decoded(t, string(got)), decoded(t, expected)) {
		t.Fatalf("got %s", got)
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
