# An engine may give a restarted node another address. What kubeadm wrote with the old one is changed to the new one.

ADDRESSED_FILES=(
  /etc/kubernetes/manifests/etcd.yaml
  /etc/kubernetes/manifests/kube-apiserver.yaml
  /etc/kubernetes/manifests/kube-controller-manager.yaml
  /etc/kubernetes/manifests/kube-scheduler.yaml
  /etc/kubernetes/controller-manager.conf
  /etc/kubernetes/scheduler.conf
  /etc/kubernetes/kubelet.conf
  /kind/kubeadm.conf
  /var/lib/kubelet/kubeadm-flags.env
)

# has_ipv6: some interface has an address that reaches beyond its link. Scope 00 is global, ::1 has 10 and fe80:: 20.
has_ipv6() {
  [[ -e /proc/net/if_inet6 ]] || return 1
  local scope _
  while read -r _ _ _ scope _; do
    [[ "$scope" != 00 ]] || return 0
  done </proc/net/if_inet6
  return 1
}

# own_address 4|6: this node's address from /etc/hosts, which the engine writes. Asking DNS for it may take 5 s.
own_address() {
  local address names
  while read -r address names; do
    [[ " $names " == *[[:space:]]"$HOSTNAME"[[:space:]]* ]] || continue
    case "$1 $address" in
      *' 127.'* | *' ::1') ;;
      '4 '*.*.*.*) echo "$address" && return ;;
      '6 '*:*) echo "$address" && return ;;
    esac
  done </etc/hosts
  [[ "$1" == 4 ]] || has_ipv6 || return 0
  read -r address names < <(timeout 5 getent "ahostsv$1" "$HOSTNAME" || true) || true
  # getent maps an IPv4 address into IPv6 where there is no other.
  case "$address" in
    127.* | ::1 | ::ffff:*) ;;
    *) echo "$address" ;;
  esac
}

# replace_address OLD NEW
replace_address() {
  local pattern=$1 file
  pattern=${pattern//./\\.}
  for file in "${ADDRESSED_FILES[@]}"; do
    [[ ! -f "$file" ]] || sed -i "s#\b$pattern\b#$2#g" "$file"
  done
}

# The API server's certificate names the node's address.
renew_api_certificate() {
  [[ -f /etc/kubernetes/pki/apiserver.crt && -f /etc/kubernetes/pki/apiserver.key && -f /kind/kubeadm.conf ]] || return 0
  log 'the address has changed: making a new certificate for the API server'
  rm /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key
  kubeadm init phase certs apiserver --config /kind/kubeadm.conf
}

follow_addresses() {
  local family file old new changed=''
  for family in 4 6; do
    file=/kind/old-ipv$family
    old=''
    [[ ! -f "$file" ]] || old=$(<"$file")
    new=$(own_address "$family")
    if [[ -n "$old" && "$old" != "$new" ]]; then
      [[ -n "$new" ]] || { [[ "$family" == 6 ]] || die "the node had the IPv4 address $old and has none now"; continue; }
      log "IPv$family address $old is now $new"
      replace_address "$old" "$new"
      changed=1
    fi
    [[ -z "$new" ]] || printf '%s' "$new" >"$file"
  done
  [[ -z "$changed" ]] || renew_api_certificate
}
