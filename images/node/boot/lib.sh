# shellcheck shell=sh
# Sourced by kinpod's boot scripts. POSIX sh: node images need not have more.

KINPOD=/kind/kinpod

# Tell the host what happens in here. A line is "SECONDS.FRACTION STATE TEXT", seconds since the machine booted;
# the host follows the file and stops at the state "done" or "failed".
event() {
  read -r uptime _ </proc/uptime
  echo "$uptime $*" >>"$KINPOD/events"
}

# A script that ends early says so: where, and with the last lines of what it printed.
fail_early() {
  status=$?
  [ "$status" -eq 0 ] || event failed "$1 (exit code $status)"
}

# require PROGRAM...: kind's images and kinpod's have all of them. Another image fails here, in words, and not later in silence.
require() {
  for program in "$@"; do
    command -v "$program" >/dev/null || { event failed "the node image has no $program"; exit 1; }
  done
}
