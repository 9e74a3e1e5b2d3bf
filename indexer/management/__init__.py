"""Commands, and what only they use."""
