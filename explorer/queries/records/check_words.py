"""What a check says, in a sentence, of the reason that is kept of it."""

from functools import cache

from explorer.queries.records.checks import JUDGED_ANEW
from indexer.checks.registry import by_name

_ALONE = {
    JUDGED_ANEW.reason: JUDGED_ANEW.words,
    "untold": "Not told while words of the record are withheld.",
    "not-here": "Not told: the record is not indexed here now.",
}
"""What is said beside what checks themselves say."""


@cache
def words_of(check: str, reason: str) -> str:
    """The sentence; the reason itself where the check says that no more."""
    if reason in _ALONE:
        return _ALONE[reason]
    found = by_name().get(check)
    every = () if found is None else found.every_outcome
    return next((each.words for each in every if each.reason == reason), reason)


@cache
def title_of(check: str) -> str:
    """What a check is called; its name where there is none of that name any more."""
    found = by_name().get(check)
    return check if found is None else found.title
