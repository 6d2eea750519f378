// Programs of kinpod's own that node images have: small, static, of Go's standard library alone.
module kinpod.dev/node/programs

go 1.24.0
