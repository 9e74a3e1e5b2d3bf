"""What all that people send has in common: an outbox for workers, quotas, and numbers without gaps.

Its tables are in the schema ``desk`` (``config.databases``), as are those of accounts and challenges, which
import this; it imports neither.
"""
