#!/bin/sh
# Before the first start of the kubelet: let kubeadm write all files of a node. Nothing of this needs an API server.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env
require kubeadm kubectl curl iptables ip ss sed
trap 'fail_early "kubeadm could not write the files of the node"' EXIT

# Without systemctl in reach kubeadm only writes the kubelet's files; with it, it would wait for the kubelet's start, which waits
# for this script.
kubeadm=$(command -v kubeadm)
run_kubeadm() { PATH=/nonexistent "$kubeadm" init "$@" --config "$KINPOD/kubeadm.conf"; }

# Every phase that needs an API server is left for api.sh.
control_plane() {
  event files "writing certificates, kubeconfigs and static pods"
  run_kubeadm --skip-token-print --skip-certificate-key-print \
    --skip-phases="$SKIPPED_PHASES,preflight,wait-control-plane,upload-config,upload-certs,mark-control-plane,bootstrap-token,kubelet-finalize,addon,show-join-command"
  # The others come one after the other, each when it has what it needs: see api.sh and join.sh.
  mkdir -p "$KINPOD/later"
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    [ ! -e "/etc/kubernetes/manifests/$name.yaml" ] || mv "/etc/kubernetes/manifests/$name.yaml" "$KINPOD/later/"
  done
}

case $PART in
  first) control_plane ;;
  member)
    control_plane
    # `kubeadm join` gives it to none but the first.
    rm -f /etc/kubernetes/super-admin.conf
    ;;
  worker)
    event files "writing the configuration of the kubelet"
    # Seeing this one, kubeadm would insist on its key, or on all that it has signed.
    rm -f /etc/kubernetes/pki/ca.crt
    run_kubeadm phase kubelet-start
    mkdir -p /etc/kubernetes/pki
    cp "$KINPOD/ca.crt" /etc/kubernetes/pki/ca.crt
    ;;
esac
event kubelet "starting the kubelet"
