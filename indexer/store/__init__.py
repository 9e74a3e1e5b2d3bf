"""Facts and records in PostgreSQL: written by COPY, covered by windows, folded again from facts."""
