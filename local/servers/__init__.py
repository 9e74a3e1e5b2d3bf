"""PostgreSQL and the broker from Python wheels, under one folder, shared and stopped."""
