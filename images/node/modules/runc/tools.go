//go:build tools

// Package tools pins what is built from github.com/opencontainers/runc.
package tools

import (
	_ "github.com/opencontainers/runc"
)
