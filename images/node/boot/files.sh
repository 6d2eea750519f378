#!/bin/sh
# Before the first start of the kubelet: let kubeadm write all files of a control plane. Nothing of this needs an API server.
set -eu
. /kind/kinpod/lib.sh
require kubeadm kubectl curl iptables ip sed
trap 'fail_early "kubeadm could not write the files of the control plane"' EXIT

event files "writing certificates, kubeconfigs and static pods"
# Every phase that needs an API server is left for api.sh. Without systemctl in reach kubeadm only writes the kubelet's files;
# with it, it would wait for the kubelet's start, which waits for this script.
kubeadm=$(command -v kubeadm)
PATH=/nonexistent "$kubeadm" init --config /kind/kubeadm.conf --skip-token-print --skip-certificate-key-print \
  --skip-phases=preflight,wait-control-plane,upload-config,upload-certs,mark-control-plane,bootstrap-token,kubelet-finalize,addon,show-join-command
# The others come one after the other, each when it has what it needs: see api.sh.
mkdir -p "$KINPOD/later"
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  mv "/etc/kubernetes/manifests/$name.yaml" "$KINPOD/later/"
done
event kubelet "starting the kubelet"
