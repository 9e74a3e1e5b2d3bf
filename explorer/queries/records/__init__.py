"""Records: the list, one record with its revisions and peers, and what its messages say."""
