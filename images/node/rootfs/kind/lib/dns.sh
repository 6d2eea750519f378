# Docker's DNS server answers at 127.0.0.11 inside this container. Pods have a loopback of their own, so its rules are
# copied for an address that they can reach, and resolv.conf names that one.

ENGINE_DNS=127.0.0.11

# The address under which Docker names the host, else the default gateway.
reachable_dns_address() {
  local address rest
  read -r address rest < <(timeout 5 getent ahostsv4 host.docker.internal || true) || true
  if [[ -z "$address" || "$address" == 127.* ]]; then
    # default via 172.18.0.1 dev eth0
    read -r rest rest address rest < <(ip -4 route show default) || true
  fi
  echo "$address"
}

# Docker's rules are in the chains DOCKER_OUTPUT and DOCKER_POSTROUTING of this network namespace. Pods' packets pass
# PREROUTING, not OUTPUT. iptables-nft 1.8.7 and 1.8.8 disagree about --dport in them
# (https://github.com/kubernetes-sigs/kind/issues/3054), so it is put back.
move_dns_rules() {
  iptables-save | sed \
    -e "s/-d $ENGINE_DNS/-d $1/g" \
    -e 's/-A OUTPUT \(.*\) -j DOCKER_OUTPUT/&\n-A PREROUTING \1 -j DOCKER_OUTPUT/' \
    -e "s/--to-source :53/--to-source $1:53/g" \
    -e "s/p -j DNAT --to-destination $ENGINE_DNS/p --dport 53 -j DNAT --to-destination $ENGINE_DNS/g" |
    iptables-restore
}

prepare_dns() {
  local resolv address
  resolv=$(</etc/resolv.conf)
  if [[ "$resolv" == *"$ENGINE_DNS"* ]]; then
    address=$(reachable_dns_address)
    log "pods reach the engine's DNS server at $address"
    move_dns_rules "$address"
    cp /etc/resolv.conf /etc/resolv.conf.original
    resolv=${resolv//"$ENGINE_DNS"/"$address"}
  elif [[ -z "${KIND_DNS_SEARCH+set}" ]]; then
    return 0
  fi
  # Set but empty: no search domains at all.
  if [[ -n "${KIND_DNS_SEARCH+set}" ]]; then
    local line kept=''
    while IFS= read -r line; do
      [[ "$line" == search[[:space:]]* ]] || kept+="$line"$'\n'
    done <<<"$resolv"
    resolv=${kept%$'\n'}
    [[ -z "$KIND_DNS_SEARCH" ]] || resolv="search $KIND_DNS_SEARCH"$'\n'"$resolv"
  fi
  # The engine bind-mounts the file: write into it, do not replace it.
  printf '%s\n' "$resolv" >/etc/resolv.conf
}
