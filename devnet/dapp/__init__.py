"""Chasm's dapp as a node runs it: its code, state, operations, queries and refusals."""
