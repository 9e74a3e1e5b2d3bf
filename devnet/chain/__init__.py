"""A chain that runs: blocks, validators, configurations, proofs, and what is kept of them."""
