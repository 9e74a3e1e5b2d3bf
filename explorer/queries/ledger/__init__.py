"""The ledger: every change that chains saw, what edits changed in words, and the ids that are missing."""
