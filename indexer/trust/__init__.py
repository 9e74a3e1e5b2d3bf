"""Whose word counts: configurations, signers by height, what is proved, nodes found false."""
