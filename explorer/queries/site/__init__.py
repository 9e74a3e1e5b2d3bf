"""What is asked of the whole site: how it stands, its figures, and what an identifier names."""
