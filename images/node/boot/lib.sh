# shellcheck shell=sh
# Sourced by kinpod's boot scripts. POSIX sh: node images need not have more.

KINPOD=/kind/kinpod

# Tell the host what happens in here. A line is "SECONDS.FRACTION STATE TEXT", seconds since the machine booted;
# the host follows the file and stops at the state "done" or "failed".
event() {
  read -r uptime _ </proc/uptime
  echo "$uptime $*" >>"$KINPOD/events"
}

# The family of an address or a subnet.
family_of() {
  case $1 in *:*) echo 6 ;; *) echo 4 ;; esac
}

# An address as it stands before a port.
bracketed() {
  case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac
}

# apply_rules <LINES: each is "FAMILY TABLE RULE", and all of a family are handed over at once. A program for each of the thirty
# rules of a node takes 5 ms of processor time, on every node.
apply_rules() {
  cat >"$KINPOD/rules"
  rules_of 4 | iptables-restore --noflush --wait || return 1
  if [ -e "$NO_IPV6_RULES" ] || ! grep -q '^6 ' "$KINPOD/rules"; then return 0; fi
  rules_of 6 | ip6tables-restore --noflush --wait && return 0
  # The network has IPv6 addresses, and the kernel no filter for them (no ip6_tables, which nobody in a user namespace can load). A
  # cluster that uses them cannot do without. Any other needs no gate at addresses by which nobody gets through to it.
  case "$MASQUERADE_SUBNETS $REFUSED_SUBNETS $API_SERVICE_ADDRESS" in *:*) return 1 ;; esac
  : >"$NO_IPV6_RULES"
}

# There where the kernel takes no rules for IPv6.
NO_IPV6_RULES=$KINPOD/no-ipv6-rules

rules_of() {
  for table in nat filter; do
    echo "*$table"
    sed -n "s/^$1 $table //p" "$KINPOD/rules"
    echo COMMIT
  done
}

# A script that ends early says so: where, and with the last lines of what it printed.
fail_early() {
  status=$?
  [ "$status" -eq 0 ] || event failed "$1 (exit code $status)"
}

# What these scripts ask is in the cluster, never behind the proxy of the node's environment. An option and not a variable: kubeadm
# hands every variable about proxies on to the static pods.
ask() { curl --noproxy '*' "$@"; }

# Whether somebody listens at the port. A question to nobody costs curl ten times as much, and is asked for seconds; the kernel's table
# in /proc would be read with all connections of the machine.
listens() { [ -n "$(ss -Hltn "sport = :$1")" ]; }

# watch_for NAME PATTERN CURL-ARGUMENT...: follow a watch of the API until a line of it matches; what exists is told first. It fails
# where the watch ends before.
watch_for() {
  fifo=$KINPOD/watch-$1
  pattern=$2
  shift 2
  rm -f "$fifo"
  mkfifo "$fifo"
  (exec curl --noproxy '*' --silent --no-buffer --cacert /etc/kubernetes/pki/ca.crt --cert "$KINPOD/boot.crt" --key "$KINPOD/boot.key" "$@") >"$fifo" &
  watching=$!
  found=0
  grep -q -m 1 -e "$pattern" <"$fifo" || found=1
  kill "$watching" 2>/dev/null || true
  rm -f "$fifo"
  return "$found"
}

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
# first_gate ACTION, detours ACTION: print the rules for apply_rules; -I to insert them, -D to delete them.
first_gate() {
  for address in $NODE_ADDRESSES; do gate_rule "$1" "$address" OUTPUT -d "$address" -j REDIRECT --to-ports 16443; done
  for source in $GATE_SOURCES; do gate_rule "$1" "$source" PREROUTING -s "$source" -j REDIRECT --to-ports 16443; done
}

detours() {
  for target in $DETOURS; do
    for first in $FIRST_ADDRESSES; do
      [ "$(family_of "$first")" = "$(family_of "$target")" ] || continue
      gate_rule "$1" "$target" OUTPUT -d "$target" -j DNAT --to-destination "$(bracketed "$first"):6443"
    done
  done
}

# gate_rule ACTION ADDRESS CHAIN ...: the address decides which family the rule is of.
gate_rule() {
  action=$1
  family=$(family_of "$2")
  chain=$3
  shift 3
  echo "$family nat $action $chain -p tcp --dport 6443 $*"
}

# etcd sets 64 MiB aside for the log that it writes and as much for the next one. A test cluster seldom fills the first
# quarter: the rest is given back to the disk, and taken again when it is written. Only now, when the log is short, can one
# know where nothing is; a file system that cannot do it is no harm.
release_log_space() {
  for log in /var/lib/etcd/member/wal/*.wal; do fallocate --punch-hole --offset 16MiB --length 48MiB "$log"; done
  for log in /var/lib/etcd/member/wal/*.tmp; do fallocate --punch-hole --offset 0 --length 64MiB "$log"; done
} 2>/dev/null
