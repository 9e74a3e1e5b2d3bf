"""What kinds of incidents mean, for people, and which of them cast doubt on what is shown; pure."""

DOUBTFUL = ("block-changed", "state-differs", "other-digest", "link-broken", "rule-%")
"""The kinds that cast doubt on what is shown, as patterns of LIKE: whoever reads a page is told of them. What
was refused is none of them, for nothing of it is shown.
"""

_WORDS = {
    "block-changed": "A node gave another block in the place of one that was final.",
    "state-differs": "The records of a node differ from those here.",
    "other-digest": "When the records were rebuilt, others came of it than before.",
    "link-broken": "A stored block does not follow the one before it.",
    "configuration-changed": "A node hid a configuration of the chain, or gave another one.",
    "rule-arguments-not-known": "What an operation did is not known here: its arguments are of another kind.",
    "rule-owner-signs": "An operation was not signed by the key that was allowed to write.",
    "rule-next-owner-signs": "A new key was allowed to write that did not sign for it.",
    "rule-record-exists": "An operation changed a record that is not there, as far as is known here.",
}
_WORDS_BY_BEGINNING = {
    "refused-": "What a node gave did not hold: it was refused, and nothing of it is shown.",
    "rule-": "An operation broke the rules of the chain's program as they are known here.",
}


def in_words(kind: str) -> str:
    """What happened, in a sentence for people, of an incident of this kind."""
    beginnings = (words for begin, words in _WORDS_BY_BEGINNING.items() if kind.startswith(begin))
    return _WORDS.get(kind) or next(beginnings, f"{kind.replace('-', ' ').capitalize()}.")
