# What tells this node from others: machine id and DMI product. Nodes that share them are one node to kubelet and to some
# network plugins (https://github.com/kubernetes-sigs/kind/issues/1027).

# A restarted node keeps its machine id, so that `journalctl` still shows what was before; a copy under another name gets
# a new one.
prepare_machine_id() {
  local uuid owner=''
  [[ ! -f /kind/machine-id-owner ]] || owner=$(</kind/machine-id-owner)
  if [[ -s /etc/machine-id && "$owner" == "$HOSTNAME" ]]; then
    return 0
  fi
  uuid=$(</proc/sys/kernel/random/uuid)
  echo "${uuid//-/}" >/etc/machine-id
  echo "$HOSTNAME" >/kind/machine-id-owner
  echo "$uuid" >/kind/product_uuid
}

# Nodes see the host's hardware through /sys, and cloud providers' code acts upon it
# (https://github.com/kubernetes-sigs/kind/issues/426). Pods get the same by /kind/bin/mount-product-files.sh.
prepare_product_files() {
  [[ -s /kind/product_uuid ]] || cat /proc/sys/kernel/random/uuid >/kind/product_uuid
  echo kind >/kind/product_name
  local name file
  for name in product_name product_uuid; do
    for file in "/sys/class/dmi/id/$name" "/sys/devices/virtual/dmi/id/$name"; do
      [[ -f "$file" && ! "$file" -ef "/kind/$name" ]] || continue
      mount -o ro,bind "/kind/$name" "$file" || warn "cannot hide $file"
    done
  done
}
