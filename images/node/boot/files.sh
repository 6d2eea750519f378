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

# Seeing an authority's certificate, kubeadm would insist on its key, or on all that it has signed. One that is there already the user has
# mounted, or this script has copied before it was interrupted: it is hidden for that long.
without_authority() {
  if [ ! -e /etc/kubernetes/pki/ca.crt ]; then
    run_kubeadm "$@"
    return
  fi
  unshare --mount sh -c 'mount -t tmpfs tmpfs /etc/kubernetes/pki && PATH=/nonexistent exec "$@"' without_authority \
    "$kubeadm" init "$@" --config "$KINPOD/kubeadm.conf"
}

# Every phase that needs an API server is left for api.sh.
control_plane() {
  event files "writing certificates, kubeconfigs and static pods"
  run_kubeadm --skip-token-print --skip-certificate-key-print \
    --skip-phases="$SKIPPED_PHASES,preflight,wait-control-plane,upload-config,upload-certs,mark-control-plane,bootstrap-token,kubelet-finalize,addon,show-join-command"
  keep_identity
  # The others come one after the other, each when it has what it needs: see api.sh and join.sh.
  mkdir -p "$KINPOD/later"
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    [ ! -e "/etc/kubernetes/manifests/$name.yaml" ] || mv "/etc/kubernetes/manifests/$name.yaml" "$KINPOD/later/"
  done
}

# The kubelet's own client certificate lies where the kubelet keeps it, and its kubeconfig names that place, as after kubeadm's last phase
# (kubelet-finalize). One that is in the kubeconfig itself it takes for one to bootstrap with: it asks for another at once, and when it
# has that, ten seconds after its start, it closes all its connections (pkg/kubelet/certificate/transport.go). What it is saying then
# is lost, and it repeats that a pod is Ready after ten seconds more.
keep_identity() {
  conf=/etc/kubernetes/kubelet.conf
  grep -qs client-key-data "$conf" || return 0
  dir=/var/lib/kubelet/pki
  pair=$dir/kubelet-client-$(date -u +%Y-%m-%d-%H-%M-%S).pem
  (umask 077 && for part in certificate key; do sed -n "s/^ *client-$part-data: //p" "$conf" | base64 -d; done >"$pair")
  ln -sf "$pair" "$dir/kubelet-client-current.pem"
  sed -i "s,client-\(certificate\|key\)-data: .*,client-\1: $dir/kubelet-client-current.pem," "$conf"
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
    mkdir -p /etc/kubernetes/pki
    without_authority phase kubelet-start
    [ -e /etc/kubernetes/pki/ca.crt ] || cp "$KINPOD/ca.crt" /etc/kubernetes/pki/ca.crt
    ;;
esac
event kubelet "starting the kubelet"
