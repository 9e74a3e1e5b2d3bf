"""What is counted over all challenges, each count remembered until one of them may stand otherwise: by an
event, or because a time is up.

Every change of a challenge writes its event in the same transaction, so the hash of the newest event and the
next moment at which something happens by itself say together which state of the tables it is. Counts hold no
word of anybody, and are as exact as if they had been counted now.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from explorer.queries.db import sql
from explorer.queries.db.sql import Row

MOST = 2_048
"""Counts that are remembered by this process: the latest."""

_STATE = """
    SELECT (SELECT sha256 FROM desk_public.challenge_event ORDER BY seq DESC LIMIT 1),
           (SELECT min(elapses_at) FROM desk_public.challenge WHERE elapses_at > now())
"""

_lock = Lock()
_kept: OrderedDict[tuple[Row, str, str], Sequence[Row]] = OrderedDict()


def rows(statement: str, parameters: Mapping[str, Any]) -> Sequence[Row]:
    """The rows of a statement that reads challenges, and names, which stay, and is not told the time: as they
    are remembered of this state, else as they are counted. Two queries at most.
    """
    return _found(_state(), statement, parameters)


def every(*statements: str) -> Sequence[Sequence[Row]]:
    """The same of each of these, which take no parameters: one query more than there are at most."""
    state = _state()
    return [_found(state, each, {}) for each in statements]


def _state() -> Row:
    (found,) = sql.rows(_STATE, {})
    return found


def _found(state: Row, statement: str, parameters: Mapping[str, Any]) -> Sequence[Row]:
    key = state, statement, repr(sorted(parameters.items()))
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = sql.rows(statement, parameters)
    with _lock:
        _kept[key] = found
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return found
