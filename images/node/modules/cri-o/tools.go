//go:build tools

// Package tools pins what is built from github.com/cri-o/cri-o.
package tools

import (
	_ "github.com/cri-o/cri-o/cmd/crio"
)
