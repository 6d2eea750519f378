#!/bin/sh
# Print the events of this node's boot as they come, until it is done or failed.
exec 2>/dev/null
# An engine puts what it runs in a node into the root of the node's control groups. On cgroup v2 nothing can be handed down from a
# group that has processes, and the kubelet's groups would get no controllers. systemd has moved away what was there when it started.
[ ! -d /sys/fs/cgroup/init.scope ] || echo $$ >/sys/fs/cgroup/init.scope/cgroup.procs
# On an overlay `tail` does not trust the kernel to be told, and looks for itself: once a second, if nobody says otherwise.
tail -n +1 -f -s 0.05 /kind/kinpod/events | sed -u -e '/^[0-9.]* done/q' -e '/^[0-9.]* failed/q'
