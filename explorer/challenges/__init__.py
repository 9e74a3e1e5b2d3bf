"""The write side: what people send, in tables of its own that only its own database role writes.

Its tables are in the schema ``desk`` (``config.databases``). Nothing here writes to the index, and nothing of
the index's side imports this: pages link to it by address. A write leaves an entry in the outbox; workers do
what takes long.
"""
