"""What surrounds every page: its context, one address each, its links to others, its errors."""
