"""What differs between texts, and how alike they are: pure, deterministic, and bounded in time and space."""
