"""Chains are followed: which, through which nodes, and one run to the head."""
