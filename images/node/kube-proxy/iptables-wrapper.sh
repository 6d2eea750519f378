#!/bin/sh
# Stands in for iptables, ip6tables and their -save and -restore in kube-proxy's image: chooses the legacy or the nft
# variant at its first call, puts links to that one in its place, and calls it.
# kubelet marks the node's choice with a chain KUBE-IPTABLES-HINT in the table mangle
# (https://kep.k8s.io/3178); where it has not yet, the one with more rules is taken.
set -eu

dir=/usr/local/sbin
real=/usr/sbin

hinted() {
  "$real/xtables-$1-multi" "$2-save" -t mangle 2>/dev/null | grep -q '^:KUBE-IPTABLES-HINT \|^:KUBE-KUBELET-CANARY '
}

rules() {
  { "$real/xtables-$1-multi" iptables-save; "$real/xtables-$1-multi" ip6tables-save; } 2>/dev/null | grep -c '^-' || true
}

if hinted nft iptables || hinted nft ip6tables; then
  mode=nft
elif hinted legacy iptables || hinted legacy ip6tables; then
  mode=legacy
elif [ "$(rules legacy)" -gt "$(rules nft)" ]; then
  mode=legacy
else
  mode=nft
fi

# Where the root file system is read-only the choice is made at every call.
for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -sf "$real/xtables-$mode-multi" "$dir/$tool" 2>/dev/null || true
done

exec "$real/xtables-$mode-multi" "${0##*/}" "$@"
