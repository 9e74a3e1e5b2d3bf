"""The query line as SQL, its execution within a time, and what of the texts was found: built here alone."""
