"""What must hold between the clauses of a line, each of which is right by itself."""

from collections.abc import Iterator

from explorer.search import values
from explorer.search.faults import Fault
from explorer.search.keys import SAID
from explorer.search.tree import All, Clause, Node, Time, chips, leaves

_DAY = 86_400_000
_END_OF_TIME = 253_402_300_800_000  # the year 10000, in ms


def faults_of(tree: Node) -> Iterator[Fault]:
    """What does not hold between them; the clauses that are taken together are those of the whole line."""
    yield from _of_said(tree)
    yield from _of_times(tree)


def _of_said(tree: Node) -> Iterator[Fault]:
    """``said:`` is about the whole line, and said once."""
    every = [each for each in leaves(tree) if isinstance(each, Clause) and each.key == SAID]
    allowed = [each for each in chips(tree) if isinstance(each, Clause) and each.key == SAID][:1]
    why = "said: is about the whole line: it stands once, in no parenthesis, OR or negation."
    for each in every:
        if not any(each is one for one in allowed):
            yield _fault("said-within", each, why)


def _of_times(tree: Node) -> Iterator[Fault]:
    """Of ``since:`` and ``until:`` that must both hold, the first begins earlier."""
    found = {
        each.key: each for each in chips(tree) if isinstance(each, Clause) and each.key in ("since", "until")
    }
    if len(found) < 2 or not isinstance(tree, All):
        return
    begin, end = found["since"], found["until"]
    if not (isinstance(begin.value, Time) and isinstance(end.value, Time)):
        return
    first, last = begin.value.since or 0, end.value.until or 0
    why = "until: is exclusive, and comes after since:."
    if first == last:
        instead = f"until:{values.day_of(first + _DAY)}" if first + _DAY < _END_OF_TIME else None
        yield _fault("upside-down", end, why, instead)
    elif first > last:
        yield _fault("upside-down", begin, why, f"since:{values.day_of(last)}")
        yield _fault("upside-down", end, why, f"until:{values.day_of(first)}")


def _fault(code: str, clause: Clause, why: str, instead: str | None = None) -> Fault:
    return Fault(code, clause.source.start, clause.source.end, why, "", instead)
