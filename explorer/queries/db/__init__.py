"""Asking the database: statements, pages, one state of the tables, and texts past the gate."""
