"""What a query line may have been meant to ask, as words of a page with a link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import PageRequest
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.lists.search.meant import Meant, Why, meant
from explorer.query_parameters import address

_WORDS = {
    Why.KEY_APART: "{about} is looked for as words: a blank parts the key from its value.",
    Why.ALSO_A_NAME: "{about} is the name of a {key} too.",
    Why.NO_SUCH_NAME: "No {key} has the name {about}, but there are names that begin so.",
    Why.NO_SUCH_CHAIN: "No chain in this list has a RID that begins with {about}.",
}
_OFFERS = {Why.ALSO_A_NAME: "Records of this {key}"}


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence in three parts, of which ``about`` is a stranger's, and a line to search for: what the link
    says before it, the line, and its address, or nothing.
    """

    before: str
    about: str
    behind: str
    offer: str = ""
    line: str = ""
    url: str = ""


def hints_of(
    path: str, wanted: RecordFilter, part: PageRequest, chains: Sequence[ChainView], *, is_empty: bool
) -> Sequence[Hint]:
    """Hints for the list at a path; ``is_empty`` is whether it has no row."""
    if wanted.q is None:
        return ()
    return [_hint(each, path, wanted, part) for each in meant(wanted.q, chains, is_empty=is_empty)]


def _hint(told: Meant, path: str, wanted: RecordFilter, part: PageRequest) -> Hint:
    before, _, behind = _WORDS[told.why].partition("{about}")
    before, behind = before.format(key=told.key), behind.format(key=told.key)
    if told.tree is None:
        return Hint(before, told.about, behind)
    url = address(path, replace(wanted, q=told.tree), part.from_the_start())
    offer = _OFFERS.get(told.why, "Search for").format(key=told.key)
    return Hint(before, told.about, behind, offer, told.line, url)
