"""What the operator decided about the search, set where the program starts. Every process of ours sets it, so
this imports nothing.
"""

SEARCHES_DELETED = True
"""Whether words are looked for in deleted records and replaced answers too."""
