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
  tries=2000 # the host's own limit comes first, and can be raised
  until "$@" >"$KINPOD/$LOG.log" 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat "$KINPOD/$LOG.log" >&2; return 1; }
    pause 0.1
  done
}

# curl, because it starts in a tenth of kubectl's time. Prints the status; the answer goes to a file.
request() {
  ask --silent --show-error --max-time $((5 * PATIENCE)) --cacert /etc/kubernetes/pki/ca.crt --cert "$KINPOD/boot.crt" \
    --key "$KINPOD/boot.key" --output "$KINPOD/answer.log" --write-out '%{http_code}' "$@"
}

# POST a file to a path of the API. 409: somebody was quicker.
post() {
  status=$(request --header 'Content-Type: application/json' --data "@$KINPOD/$2" "$API$1")
  case $status in 201 | 409) ;; *) cat "$KINPOD/answer.log" && return 1 ;; esac
}

# post_node FILE NAME: a kubelet that was quicker could not give its Node all labels.
post_node() {
  post /api/v1/nodes "$1" || return 1
  [ "$status" = 201 ] ||
    [ "$(request --request PATCH --header 'Content-Type: application/merge-patch+json' \
      --data "@$KINPOD/$1" "$API/api/v1/nodes/$2")" = 200 ]
}

# The kubelet creates the mirror pods of its static pods when it sees its Node, and then not for a minute if it is refused:
# first such a pod must be acceptable, which takes the priority classes and an admission plugin that has noticed them.
# It waits for no registration, address range or label.
create_nodes() {
  LOG=node
  for class in node cluster; do
    retry post /apis/scheduling.k8s.io/v1/priorityclasses "system-$class-critical.json"
  done
  retry post '/api/v1/namespaces/kube-system/pods?dryRun=All' mirror-pod.json
  for name in $NODE_NAMES; do retry post_node "nodes/$name.json" "$name"; done
  : >"$KINPOD/nodes-made"
}

etcd_begins() {
  [ -e /etc/kubernetes/manifests/etcd.yaml ] || return 0
  set -- /var/lib/kubelet/pods/*
  [ -e "$1" ]
}

# etcd first, by as much as the kubelet needs to begin with it: an API server that finds no etcd looks again after a whole
# second (gRPC's back-off).
start_apiserver() {
  until etcd_begins; do sleep 0.02; done
  mv "$KINPOD/later/kube-apiserver.yaml" /etc/kubernetes/manifests/
}

# Started earlier these two would take processor time from the API server, be refused by RBAC rules that are not there yet,
# and then wait for client-go's back-off, for a lease's next try, and for the next look at /healthz, which they take once a second.
# The API server makes the rules 1 s after it began to serve (rbac/bootstrap-roles): roles first, and of the bindings this one.
start_controllers() {
  until watch_for rbac '"ADDED"' "$API/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?watch=true&fieldSelector=metadata.name%3Dcluster-admin"; do
    pause 0.1
  done
  for manifest in "$KINPOD/later/"*.yaml; do
    [ ! -e "$manifest" ] || mv "$manifest" /etc/kubernetes/manifests/
  done
}

# The kubelet waits at the gate (gate.sh) and comes through when the Node is made; its mirror pods show that it did. Where an API
# server takes longer than the 10 s that a TLS handshake may, it went away and would come back late.
settle_kubelet() {
  tries=30
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler; do
    [ -e "/etc/kubernetes/manifests/$name.yaml" ] || continue
    until [ "$(request "$API/api/v1/namespaces/kube-system/pods/$name-$NODE_NAME")" = 200 ]; do
      tries=$((tries - 1))
      [ "$tries" -gt 0 ] || { systemctl restart kubelet.service; return; }
      pause 0.1
    done
  done
}

# Whom every kubeconfig names. Before Kubernetes 1.29 they need nothing.
cluster_admins() {
  LOG=admins
  [ ! -e "$KINPOD/cluster-admins.json" ] ||
    retry post /apis/rbac.authorization.k8s.io/v1/clusterrolebindings cluster-admins.json
}

# A user's first pod is refused until the controller manager has made this account; kind's users never meet that.
default_account() {
  until watch_for account '"ADDED"' "$API/api/v1/namespaces/default/serviceaccounts?watch=true&fieldSelector=metadata.name%3Ddefault"; do
    pause 0.1
  done
}

# kubeadm's own way to leave out phases holds for a whole `kubeadm init` only: see kubeadm-phases.ts.
addons() {
  [ -n "$ADDON_PHASE" ] || return 0
  LOG=addons
  retry kubeadm init phase addon "$ADDON_PHASE" --config /kind/kubeadm.conf --kubeconfig "$ADMIN"
}

# What kubectl keeps of the API it has asked for would be seventy files in the home of this node's root.
storage() {
  LOG=storage
  retry kubectl --kubeconfig "$ADMIN" --cache-dir /run/kinpod-kubectl apply --server-side --validate=false -f /kind/manifests/default-storage.yaml
  rm -rf /run/kinpod-kubectl
}

# What `kubeadm join`, `kubeadm upgrade` and `kubeadm certs` look for in the cluster. Phase by phase: a `kubeadm init` without its
# add-ons would note in the cluster that it is to have none.
uploads() {
  LOG=uploads
  [ -z "$UPLOAD_PHASE" ] ||
    retry kubeadm init phase upload-config "$UPLOAD_PHASE" --config /kind/kubeadm.conf --kubeconfig "$ADMIN"
  case ",$SKIPPED_PHASES," in *,bootstrap-token,*) return 0 ;; esac
  retry kubeadm init phase bootstrap-token --config /kind/kubeadm.conf --kubeconfig "$ADMIN" --skip-token-print
}

start_apiserver
event api "waiting for the API server"
looks=0
until listens 6443 && ask --silent --insecure --output /dev/null --max-time $((2 * PATIENCE)) "$API/version"; do
  looks=$((looks + 1))
  [ "$((looks % 100))" -ne 0 ] || ! systemctl is-failed --quiet kubelet.service || exit 1
  pause 0.05
done

event setup "the API server answers; creating add-ons"
create_nodes
cluster_admins
start_controllers &
controllers=$!
addons
storage
uploads
wait "$controllers"
settle_kubelet
default_account
release_log_space || true
rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
: >"$KINPOD/set-up"
event "done" "set up"
