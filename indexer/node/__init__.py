"""The network: one client for a node, and a pool of nodes that goes on with the next where one fails."""
