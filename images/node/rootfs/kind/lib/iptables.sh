# Which of the two iptables a node uses is chosen at its first start and kept: kube-proxy's and the engine's rules must
# end up in the same one, and a choice that depends on rules left by an earlier start would flip.

count_rules() {
  local line count=0
  while read -r line; do
    [[ "$line" != -A* ]] || ((++count))
  done < <(timeout 5 "$1-save" 2>/dev/null || true)
  echo "$count"
}

choose_iptables() {
  # Docker has put the rules of its DNS server into this network namespace, with one or the other.
  if [[ "$(</etc/resolv.conf)" == *127.0.0.11* ]]; then
    if (($(count_rules iptables-legacy) >= $(count_rules iptables-nft))); then echo legacy; else echo nft; fi
  # Nothing to follow. The old one, as kind has it, where this kernel still has it.
  elif [[ -e /proc/net/ip_tables_names ]]; then
    echo legacy
  else
    echo nft
  fi
}

select_iptables() {
  local mode tool
  if [[ -f /kind/iptables-mode ]]; then
    mode=$(</kind/iptables-mode)
  else
    mode=$(choose_iptables)
    echo "$mode" >/kind/iptables-mode
  fi
  log "using iptables-$mode"
  for tool in iptables ip6tables; do
    [[ "/etc/alternatives/$tool" -ef "/usr/sbin/$tool-$mode" ]] ||
      update-alternatives --set "$tool" "/usr/sbin/$tool-$mode" >/dev/null
  done
}
