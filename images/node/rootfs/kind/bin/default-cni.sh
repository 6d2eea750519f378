#!/bin/bash
# Network of a node in a cluster that kind made from this image: what kindnetd does, less network policies.
# Runs in the DaemonSet of /kind/manifests/default-cni.yaml, in the node's root file system and network.
# Environment: POD_SUBNET (one CIDR, or two separated by a comma), NODE_NAME, POD_UID.
set -o errexit -o nounset -o pipefail
trap 'exit 0' TERM INT

CONFLIST=/etc/cni/net.d/10-kindnet.conflist
KUBECONFIG=/run/kindnet/kubeconfig
# Marks the routes that are ours, so that those of nodes that went away can be found.
ROUTE_PROTOCOL=116

declare -A routes=()

# The kubelet may only read its own Node, so the pod's service account is used. Its token is renewed on disk, where
# kubectl reads it again.
write_kubeconfig() {
  local account server='' key value
  account=$(echo "/var/lib/kubelet/pods/$POD_UID/volumes/kubernetes.io~projected/"kube-api-access-*)
  while read -r key value; do
    [[ "$key" != server: ]] || server=$value
  done </etc/kubernetes/kubelet.conf
  mkdir -p "${KUBECONFIG%/*}"
  cat >"$KUBECONFIG" <<EOF
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "$server", certificate-authority: "$account/ca.crt"}}]
users: [{name: u, user: {tokenFile: "$account/token"}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
EOF
}

# family CIDR-or-address: 4 or 6
family() { if [[ "$1" == *:* ]]; then echo 6; else echo 4; fi; }

# masquerade: what leaves the pod network gets the node's address.
masquerade() {
  local subnet tool rule
  for subnet in ${POD_SUBNET//,/ }; do
    tool=iptables
    [[ "$(family "$subnet")" == 4 ]] || tool=ip6tables
    rule=(POSTROUTING -s "$subnet" ! -d "$subnet" -m comment --comment 'kindnet: leave the pod network' -j MASQUERADE)
    "$tool" -w -t nat -C "${rule[@]}" 2>/dev/null || "$tool" -w -t nat -A "${rule[@]}"
  done
}

# write_conflist CIDR ...: byte for byte what kindnetd writes. Pods' addresses are forgotten at a restart of the node,
# as the pods are: /run is a tmpfs.
write_conflist() {
  local cidr mtu ranges='' destinations='' text
  mtu=$(</sys/class/net/eth0/mtu)
  for cidr in "$@"; do
    ranges+="${ranges:+,}[{\"subnet\":\"$cidr\"}]"
    if [[ "$(family "$cidr")" == 4 ]]; then cidr=0.0.0.0/0; else cidr=::/0; fi
    destinations+="${destinations:+,}{\"dst\":\"$cidr\"}"
  done
  text="{\"cniVersion\":\"0.3.1\",\"name\":\"kindnet\",\"plugins\":[{\"type\":\"ptp\",\"ipMasq\":false,\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"/run/cni-ipam-state\",\"routes\":[$destinations],\"ranges\":[$ranges]},\"mtu\":$mtu},{\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}}]}"
  [[ ! -f "$CONFLIST" || "$(<"$CONFLIST")" != "$text" ]] || return 0
  mkdir -p "${CONFLIST%/*}"
  printf '%s\n' "$text" >"$CONFLIST.tmp"
  mv "$CONFLIST.tmp" "$CONFLIST"
  echo "pods of this node get their addresses from $*"
}

# add_routes "CIDR ..." "ADDRESS ...": pods of another node are reached through that node.
add_routes() {
  local cidr address
  for cidr in $1; do
    for address in $2; do
      [[ "$(family "$cidr")" == "$(family "$address")" ]] || continue
      seen[$cidr]=1
      [[ "${routes[$cidr]:-}" != "$address" ]] || break
      ip -"$(family "$cidr")" route replace "$cidr" via "$address" proto "$ROUTE_PROTOCOL"
      routes[$cidr]=$address
      echo "$cidr is reached through $address"
      break
    done
  done
}

remove_route() {
  ip -"$(family "$1")" route del "$1" proto "$ROUTE_PROTOCOL" || true
  unset "routes[$1]"
}

# Routes of nodes that have gone while nobody watched.
remove_stale_routes() {
  local version cidr rest
  for version in 4 6; do
    while read -r cidr rest; do
      [[ -n "${seen[$cidr]:-}" ]] || remove_route "$cidr"
    done < <(ip -"$version" route show proto "$ROUTE_PROTOCOL" 2>/dev/null)
  done
}

# One line an event: ADDED|name|podCIDRs|addresses. The watch begins with the nodes that exist, ends every half hour or so
# by the API server's will, and is begun anew.
follow_nodes() {
  local event name cidrs addresses cidr synced=''
  local -A seen=()
  while IFS='|' read -r event name cidrs addresses; do
    if [[ "$name" == "$NODE_NAME" ]]; then
      synced=1
      # Not there until the controller manager has given the node its part.
      # shellcheck disable=SC2086 # a list of words
      [[ -z "$cidrs" ]] || write_conflist $cidrs
    elif [[ "$event" == DELETED ]]; then
      for cidr in $cidrs; do remove_route "$cidr"; done
    else
      add_routes "$cidrs" "$addresses"
    fi
  done < <(exec kubectl --kubeconfig "$KUBECONFIG" get nodes --watch --output-watch-events \
    -o jsonpath='{.type}|{.object.metadata.name}|{.object.spec.podCIDRs[*]}|{.object.status.addresses[?(@.type=="InternalIP")].address}{"\n"}')
  # An API server that did not answer has not said that there are no nodes.
  [[ -z "$synced" ]] || remove_stale_routes
}

write_kubeconfig
while true; do
  masquerade
  follow_nodes || true
  # The API server is away, or has ended the watch.
  sleep 1
done
