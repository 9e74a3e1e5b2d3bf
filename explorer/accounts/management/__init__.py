"""Commands over accounts."""
