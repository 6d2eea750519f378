package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
)

// leastFeatures is what crun 1.8 would say of itself: https://github.com/opencontainers/runtime-spec/blob/main/features.md
const leastFeatures = `{"ociVersionMin":"1.0.0","ociVersionMax":"` + newestKnown + `"}` + "\n"

// features answers for a runtime that is older than the command: CRI-O would log an error for each of its handlers, and then
// assume just this.
func features(args []string) int {
	var output, said bytes.Buffer
	asked := exec.Command(runtime, args...)
	asked.Stdout, asked.Stderr = &output, &said
	err := asked.Run()
	if err != nil && strings.Contains(said.String(), "unknown command") {
		output.Reset()
		output.WriteString(leastFeatures)
		err = nil
	} else {
		os.Stderr.Write(said.Bytes())
	}
	os.Stdout.Write(output.Bytes())
	if err != nil {
		return 1
	}
	return 0
}
