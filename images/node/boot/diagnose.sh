#!/bin/sh
# What a person would look at first in a node that did not come up. Prints little: the last lines of each.
echo "--- what kinpod's own units said"
journalctl --no-pager --quiet --output=cat -u kinpod-files -u kinpod-network -u kinpod-api | tail -n 15
systemctl --no-pager --failed --no-legend
echo "--- kubelet"
journalctl --no-pager --quiet --output=cat -u kubelet | grep -E '^E|[Ff]ailed|refused' | tail -n 10
echo "--- container runtime"
journalctl --no-pager --quiet --output=cat -u containerd -u crio | grep -E 'level=(error|fatal)' | tail -n 5
for log in /var/log/pods/kube-system_*/*/*.log; do
  [ -e "$log" ] || continue
  echo "--- $log"
  tail -n 5 "$log"
done
