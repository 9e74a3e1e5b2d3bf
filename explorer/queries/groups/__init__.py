"""What records name: models, providers and scouts, since when, how often, and day by day."""
