"""Lists of records: which are wanted, how they are found within a time, and how many there are."""
