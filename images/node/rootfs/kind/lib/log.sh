# Messages go to stderr: what a caller captures from a function stays clean.
log() { echo "INFO: $1" >&2; }
warn() { echo "WARN: $1" >&2; }
die() {
  echo "ERROR: $1" >&2
  exit 1
}
