"""The pages of accounts, below ``/my/``."""
