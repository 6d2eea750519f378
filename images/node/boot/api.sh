#!/bin/sh
# Once, on the first control plane, as soon as its API server listens: everything that is done through the API.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env
trap 'fail_early "setting up the cluster through its API failed"' EXIT

# In the group system:masters, which needs no RBAC objects: those come a second after the API server listens.
ADMIN=/etc/kubernetes/super-admin.conf
[ -e "$ADMIN" ] || ADMIN=/etc/kubernetes/admin.conf # before Kubernetes 1.29

# An early refusal (namespaces that are not there yet, caches that are not filled) is over in less than a second.
retry() {
  tries=100
  until "$@" >"$KINPOD/$LOG.log" 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat "$KINPOD/$LOG.log" >&2; return 1; }
    sleep 0.1
  done
}

# POST a file to a path of the API. curl, because it starts in a tenth of kubectl's time. 409: somebody was quicker.
post() {
  status=$(curl --silent --show-error --output "$KINPOD/post.log" --write-out '%{http_code}' --max-time 5 \
    --cacert /etc/kubernetes/pki/ca.crt --cert "$KINPOD/boot.crt" --key "$KINPOD/boot.key" \
    --header 'Content-Type: application/json' --data "@$KINPOD/$2" "https://$NODE_NAME:6443$1")
  [ "$status" = 201 ] || [ "$status" = 409 ] || { cat "$KINPOD/post.log"; return 1; }
}
# The kubelet creates the mirror pods of its static pods once, and then not for a minute if it is refused: the priority
# classes have to be there before. It finds its Node and waits for no registration, address range or label.
kubelet_node() {
  LOG=node
  for class in node cluster; do
    retry post /apis/scheduling.k8s.io/v1/priorityclasses "system-$class-critical.json"
  done
  retry post /api/v1/nodes node.json
  # Started earlier these two would take processor time from the API server, be refused by RBAC rules that are not there yet
  # (its hook makes them after 1 s), and then wait for client-go's back-off of up to several seconds.
  mv "$KINPOD/later/"*.yaml /etc/kubernetes/manifests/
  # It tried before, met no API server, and would try again after up to 7 s (kubelet_node_status.go: 100 ms doubling to 7 s).
  systemctl restart kubelet.service
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
until curl --silent --insecure --output /dev/null --max-time 2 "https://$NODE_ADDRESS:6443/version"; do
  systemctl is-failed --quiet kubelet.service && exit 1
  sleep 0.05
done

event setup "the API server answers; creating add-ons"
kubelet_node
addons &
addons=$!
storage &
storage=$!
wait "$addons"
wait "$storage"
uploads
rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
: >"$KINPOD/set-up"
event "done" "set up"
