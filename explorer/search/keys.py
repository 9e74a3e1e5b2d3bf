"""The keys of the query line: what stands before a colon."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from explorer.search import values
from explorer.search.tree import Said, Side, Value

SAID = "said"
CHECKS = (
    "altered", "deleted", "malformed", "field-contradiction", "usage-implausible", "time-inconsistent",
    "truncated", "id-gap", "reused-response-id", "replayed-text", "peer-outlier", "near-duplicate",
)  # fmt: skip
"""The checks whose findings a line can ask for."""

TEXTS: Mapping[str, Side] = {"prompt": Side.PROMPT, "answer": Side.ANSWER}
"""Keys before words: the side on which these must stand."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key before a value: how that is read (raises ``Misread``), and what it asks, for people."""

    read: Callable[[str], Value]
    about: str


KEYS: Mapping[str, Key] = {
    "model": Key(values.named, "the model's name on the chain, whole or with *"),
    "provider": Key(values.named, "the provider's name on the chain, whole or with *"),
    "scout": Key(values.numbers, "the scout that wrote the record"),
    "seed": Key(values.numbers, "the seed with which the answer was sampled"),
    "block": Key(values.heights, "the block in which the record was written: 100, 100..200, 100.."),
    "tx": Key(values.digits, "a transaction that wrote, changed or deleted the record"),
    "chain": Key(values.digits, "the chain"),
    "status": Key(partial(values.word, of=("live", "edited", "deleted")), "what became of the record"),
    "has": Key(
        partial(values.word, of=("edit", "deletion", "challenge")),
        "that it was ever edited, deleted or challenged",
    ),
    "challenge": Key(
        partial(values.word, of=("open", "decided", "upheld", "not-upheld", "inconclusive")),
        "what became of a challenge of the record",
    ),
    "check": Key(
        partial(values.finding, of=CHECKS),
        "that a check finds something of the record, or says =pass, =unknown",
    ),
    SAID: Key(
        partial(values.word, of=tuple(each.value for each in Said)),
        "which versions of an answer count: ever, now, first",
    ),
    "since": Key(values.since, "written on that day or later (UTC)"),
    "until": Key(values.until, "written before that day (UTC)"),
    "changed": Key(values.changed, "edited or deleted on that day, or from one day until before another"),
}

ALL_KEYS = (*TEXTS, *KEYS)

_MEANT = {
    "after": "since",
    "from": "since",
    "before": "until",
    "to": "until",
    "height": "block",
    "transaction": "tx",
    "txid": "tx",
    "rid": "tx",
    "brid": "chain",
    "blockchain": "chain",
    "is": "status",
    "state": "status",
    "question": "prompt",
    "response": "answer",
    "result": "answer",
    "edited": "changed",
    "worker": "scout",
    "uid": "scout",
    "finding": "check",
    "found": "check",
    "challenged": "challenge",
    "disputed": "challenge",
}


def nearest(name: str) -> str:
    """The key that may have been meant; empty where none is like it."""
    folded = name[:80].casefold()
    return _MEANT.get(folded) or next(iter(get_close_matches(folded, ALL_KEYS, n=1)), "")
