"""Checks of records: deterministic, versioned, and pure. Each module holds one of them.

A check is about a record and never about a person. That it finds something means that the finding is there;
why, it does not say. It reads what the chain holds, and nothing else.
"""
