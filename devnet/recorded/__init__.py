"""A chain that a real node served, and that is served again as it was."""
