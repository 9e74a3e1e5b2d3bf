"""What somebody points at with what he says: records and comparisons of this site, pinned to revisions.

As text a line for each: the name of a record, or of those that are compared with spaces between. Nothing else
can be pointed at, and nothing is ever fetched.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from explorer.queries.chain.chains import chains
from explorer.queries.compare.sides import Reference, sides

LETTERS = "abcde"
"""What a comparison calls its sides, in its address."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record, or several that are compared, each pinned to a revision."""

    records: Sequence[Reference]

    @classmethod
    def read(cls, line: str) -> Self:
        """That of a line that was written by ``str``."""
        return cls([Reference.read(each) for each in line.split()])

    def __str__(self) -> str:
        return " ".join(map(str, self.records))

    @property
    def address(self) -> str:
        """The path of its page."""
        first, *others = self.records
        if others:
            named = dict(zip(LETTERS, map(str, self.records), strict=False))
            return f"/compare?{urlencode(named, safe=':.')}"
        return f"/chains/{first.brid.hex().upper()}/records/{first.prompt_id}?revision={first.revision}"

    @property
    def words(self) -> str:
        """What it is called."""
        named = [f"record #{each.prompt_id}, revision {each.revision}" for each in self.records]
        return named[0] if len(named) == 1 else f"Comparison of {' with '.join(named)}"


def links_of(text: str) -> Sequence[Link]:
    """All of a text."""
    return [Link.read(line) for line in text.splitlines()]


def withheld(texts: Iterable[str]) -> Collection[str]:
    """Those texts that point at a record of which words are withheld, or that is not here."""
    by_text = {text: [each for link in links_of(text) for each in link.records] for text in texts}
    named = list(dict.fromkeys(each for found in by_text.values() for each in found))
    if not named:
        return ()
    held = {each.reference for each in sides(chains(), named) if each.withheld or not each.is_here}
    return {text for text, found in by_text.items() if not held.isdisjoint(found)}
