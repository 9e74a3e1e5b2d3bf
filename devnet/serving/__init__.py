"""A node with its chains, at work: served, controlled by tests, or built for benchmarks."""
