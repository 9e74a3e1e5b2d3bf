"""Comparisons: what two to five sides said, and what an edit changed."""
