"""Prompts over all chains: how often each was answered, how differently, and how far answers agree."""
