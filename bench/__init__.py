"""Benchmarks: a made chain of any size, a node that serves it, and what is measured against them."""
