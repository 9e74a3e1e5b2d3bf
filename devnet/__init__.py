"""Nodes of our own making, for demonstrations and tests: they speak Postchain's REST API on this machine."""
