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

# The rules of a first boot by which connections to an API server go where they can wait for it, see gate.sh. Addresses are in
# node.env: SOURCES and DETOURS are lists.

# ACTION is -I to insert the rules, -D to delete them.
first_gate() {
  action=$1
  iptables -w -t nat "$action" OUTPUT -d "$NODE_ADDRESS/32" -p tcp --dport 6443 -j REDIRECT --to-ports 16443
  for source in $GATE_SOURCES; do
    iptables -w -t nat "$action" PREROUTING -s "$source/32" -p tcp --dport 6443 -j REDIRECT --to-ports 16443
  done
}

detours() {
  action=$1
  for target in $DETOURS; do
    iptables -w -t nat "$action" OUTPUT -d "$target/32" -p tcp --dport 6443 -j DNAT --to-destination "$FIRST_ADDRESS:6443"
  done
}

# Connections that exist stay what they are.
end_detours() { detours -D; }
