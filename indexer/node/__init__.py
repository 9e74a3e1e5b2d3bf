"""The network: one client for a node, and a pool of nodes that goes on with the next where one fails."""

import sys

# Else httpx imports the command line that it brings, and all that draws this in a terminal where it happens
# to be installed: that takes longer than httpx itself, in each process of ours.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
