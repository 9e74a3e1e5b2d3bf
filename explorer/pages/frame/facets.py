"""What a list can be narrowed by, as links: each value is put into the address, the chosen one taken off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.urls import reverse

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists.facets import Facet, Of, Value, What, choosing, without
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.tallies import Counted
from explorer.query_parameters import link, ordered

_LABELS = {
    Of.CHAIN: "Chain",
    Of.MODEL: "Model",
    Of.PROVIDER: "Provider",
    Of.STATUS: "State",
    Of.CHECK: "Found by checks",
    Of.DAY: "Day",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, how many have it, and the list with it, or without where it is chosen; ``url`` is empty where
    no address holds that. A day is its beginning.
    """

    what: What | datetime
    count: int
    is_chosen: bool
    url: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of one kind."""

    of: Of
    label: str
    choices: Sequence[Choice]
    has_more: bool
    counted: Counted


def choices_of(
    path: str, wanted: RecordFilter, part: PageRequest, found: Sequence[Facet]
) -> Sequence[Choices]:
    """Those of the list at a path, in its order and with its rows a page; a single chain is no choice."""
    begin = part.from_the_start()
    return [
        Choices(
            each.of,
            _LABELS[each.of],
            [_choice(path, wanted, begin, each.of, value) for value in each.values],
            each.has_more,
            each.counted,
        )
        for each in found
        if each.of is not Of.CHAIN or len(each.values) > 1
    ]


def counted_of_all(found: Sequence[Choices]) -> Counted | None:
    """What the numbers of all kinds are of; None where they are not of the same records."""
    first, *others = (each.counted for each in found)
    return first if all(each == first for each in others) else None


def _choice(path: str, wanted: RecordFilter, part: PageRequest, of: Of, value: Value) -> Choice:
    what = value.what
    if isinstance(what, ChainView):
        path = reverse("records", args=[what.rid])
    then = without(wanted, of) if value.is_chosen else choosing(wanted, of, what)
    shown = datetime.combine(what, time(), UTC) if isinstance(what, date) else what
    url = "" if then is None else link(path, then, ordered(part, wanted, then))
    return Choice(shown, value.count, value.is_chosen, url)
