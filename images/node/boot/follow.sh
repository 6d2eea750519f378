#!/bin/sh
# Print the events of this node's boot as they come, until it is done or failed.
exec 2>/dev/null
tail -n +1 -f /kind/kinpod/events | sed -u -e '/^[0-9.]* done/q' -e '/^[0-9.]* failed/q'
