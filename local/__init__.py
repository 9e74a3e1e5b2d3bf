"""The embedded default: a real PostgreSQL and a real broker, started from Python wheels under one folder."""
