# shellcheck shell=sh
# Sourced by kinpod's boot scripts. POSIX sh: node images need not have more.

KINPOD=/kind/kinpod

# Tell the host what happens in here. A line is "SECONDS.FRACTION STATE TEXT", seconds since the machine booted;
# the host follows the file and stops at the state "done" or "failed".
event() {
  read -r uptime _ </proc/uptime
  echo "$uptime $*" >>"$KINPOD/events"
}

# The program for rules about an address, or a subnet.
iptables_for() {
  case $1 in *:*) echo ip6tables ;; *) echo iptables ;; esac
}

# A script that ends early says so: where, and with the last lines of what it printed.
fail_early() {
  status=$?
  [ "$status" -eq 0 ] || event failed "$1 (exit code $status)"
}

# What these scripts ask is in the cluster, never behind the proxy of the node's environment. An option and not a variable: kubeadm
# hands every variable about proxies on to the static pods.
ask() { curl --noproxy '*' "$@"; }

# pause SECONDS: between two looks. On a machine that is said to be slow, node.env has a longer one: a look costs much there.
pause() { sleep "${PAUSE:-$1}"; }

# require PROGRAM...: kind's images and kinpod's have all of them. Another image fails here, in words, and not later in silence.
require() {
  for program in "$@"; do
    command -v "$program" >/dev/null || { event failed "the node image has no $program"; exit 1; }
  done
}

# The rules of a first boot by which connections to an API server go where they can wait for it, see gate.sh. Addresses are in
# node.env: GATE_SOURCES and DETOURS are lists.
#
# first_gate ACTION, detours ACTION: -I to insert the rules, -D to delete them.
first_gate() {
  for address in $NODE_ADDRESSES; do gate_rule "$1" "$address" OUTPUT -d "$address" -j REDIRECT --to-ports 16443; done
  for source in $GATE_SOURCES; do gate_rule "$1" "$source" PREROUTING -s "$source" -j REDIRECT --to-ports 16443; done
}

detours() {
  for target in $DETOURS; do
    for first in $FIRST_ADDRESSES; do
      [ "$(iptables_for "$first")" = "$(iptables_for "$target")" ] || continue
      case $first in *:*) first="[$first]" ;; esac
      gate_rule "$1" "$target" OUTPUT -d "$target" -j DNAT --to-destination "$first:6443"
    done
  done
}

# There where the kernel takes no rules for IPv6, see network.sh.
NO_IPV6_RULES=$KINPOD/no-ipv6-rules

# gate_rule ACTION ADDRESS CHAIN ...: the address decides which family the rule is of.
gate_rule() {
  action=$1
  ipt=$(iptables_for "$2")
  [ "$ipt" = iptables ] || [ ! -e "$NO_IPV6_RULES" ] || return 0
  chain=$3
  shift 3
  "$ipt" -w -t nat "$action" "$chain" -p tcp --dport 6443 "$@"
}
