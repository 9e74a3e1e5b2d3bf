"""Facts in chain order become records and revisions, in generations; and what follows at once."""
