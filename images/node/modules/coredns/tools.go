//go:build tools

// Package tools pins what is built from github.com/coredns/coredns.
package tools

import (
	_ "github.com/coredns/coredns"
)
