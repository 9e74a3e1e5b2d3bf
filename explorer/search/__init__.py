"""The query line: what a reader asks of the records, as a tree of terms and back. Pure."""
