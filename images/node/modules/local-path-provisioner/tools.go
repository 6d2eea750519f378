//go:build tools

// Package tools pins what is built from github.com/rancher/local-path-provisioner.
package tools

import (
	_ "github.com/rancher/local-path-provisioner"
)
