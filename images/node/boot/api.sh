#!/bin/sh
# Once, on the first control plane, as soon as its API server listens: everything that is done through the API.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env
trap 'fail_early "setting up the cluster through its API failed"' EXIT

# In the group system:masters, which needs no RBAC objects: those come a second after the API server listens.
ADMIN=/etc/kubernetes/super-admin.conf
[ -e "$ADMIN" ] || ADMIN=/etc/kubernetes/admin.conf # before Kubernetes 1.29
# Not by the node's address, which is behind the gate.
API=https://localhost:6443
# The Go programs below live for less than a second: collecting garbage would be a fifth of their work.
export GOGC=off

# An early refusal (namespaces that are not there yet, caches that are not filled) is over in less than a second.
retry() {
  tries=100
  until "$@" >"$KINPOD/$LOG.log" 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat "$KINPOD/$LOG.log" >&2; return 1; }
    sleep 0.1
  done
}

# curl, because it starts in a tenth of kubectl's time. Prints the status; the answer goes to a file.
request() {
  curl --silent --show-error --max-time 5 --cacert /etc/kubernetes/pki/ca.crt --cert "$KINPOD/boot.crt" \
    --key "$KINPOD/boot.key" --output "$KINPOD/answer.log" --write-out '%{http_code}' "$@"
}

# POST a file to a path of the API. 409: somebody was quicker.
post() {
  status=$(request --header 'Content-Type: application/json' --data "@$KINPOD/$2" "$API$1")
  case $status in 201 | 409) ;; *) cat "$KINPOD/answer.log" && return 1 ;; esac
}

# A kubelet that was quicker could not give its Node all labels.
post_node() {
  post /api/v1/nodes node.json || return 1
  [ "$status" = 201 ] ||
    [ "$(request --request PATCH --header 'Content-Type: application/merge-patch+json' \
      --data "@$KINPOD/node.json" "$API/api/v1/nodes/$NODE_NAME")" = 200 ]
}

# The kubelet creates the mirror pods of its static pods when it sees its Node, and then not for a minute if it is refused:
# the priority classes have to be there before. It waits for no registration, address range or label.
create_node() {
  LOG=node
  for class in node cluster; do
    retry post /apis/scheduling.k8s.io/v1/priorityclasses "system-$class-critical.json"
  done
  retry post_node
  : >"$KINPOD/node-made"
}

# The kubelet waits at the gate (gate.sh) and comes through when the Node is made. Its mirror pod of etcd shows that it did.
# Where an API server takes longer than the 10 s that a TLS handshake may, it went away and would come back late.
settle_kubelet() {
  tries=30
  until [ "$(request "$API/api/v1/namespaces/kube-system/pods/etcd-$NODE_NAME")" = 200 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { systemctl restart kubelet.service; return; }
    sleep 0.1
  done
}

addons() {
  LOG=addons
  retry kubeadm init phase addon all --config /kind/kubeadm.conf --kubeconfig "$ADMIN"
}

storage() {
  LOG=storage
  retry kubectl --kubeconfig "$ADMIN" apply --server-side --validate=false -f /kind/manifests/default-storage.yaml
}

uploads() { # What `kubeadm join`, `kubeadm upgrade` and `kubeadm certs` look for in the cluster.
  LOG=uploads
  retry kubeadm init --config /kind/kubeadm.conf --skip-token-print --skip-certificate-key-print \
    --skip-phases=preflight,certs,kubeconfig,etcd,control-plane,kubelet-start,wait-control-plane,upload-certs,mark-control-plane,kubelet-finalize,addon,show-join-command
}

event api "waiting for the API server"
until curl --silent --insecure --output /dev/null --max-time 2 "$API/version"; do
  systemctl is-failed --quiet kubelet.service && exit 1
  sleep 0.05
done

event setup "the API server answers; creating add-ons"
# Started earlier these two would take processor time from the API server, be refused by RBAC rules that are not there yet
# (its hook makes them after 1 s), and then wait for client-go's back-off.
mv "$KINPOD/later/"*.yaml /etc/kubernetes/manifests/
create_node
settle_kubelet &
settled=$!
addons &
addons=$!
wait "$addons"
storage
uploads
wait "$settled"
rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
: >"$KINPOD/set-up"
event "done" "set up"
