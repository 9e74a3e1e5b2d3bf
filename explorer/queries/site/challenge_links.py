"""What somebody points at with what he says: records and comparisons of this site, pinned to revisions, and
files of challenges, which never change.

As text a line for each: the name of a record, or of those that are compared with spaces between; or that of a
challenge with the number of its file. Nothing else can be pointed at, and nothing is ever fetched.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from explorer.queries.chain.chains import chains
from explorer.queries.compare.sides import Reference, sides
from explorer.rules import naming

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


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file of a challenge; whether it is shown says its page."""

    challenge: str  # as it is called
    number: int
    records: Sequence[Reference] = ()

    def __str__(self) -> str:
        return f"{self.challenge}/{self.number}"

    @property
    def address(self) -> str:
        """Where it is."""
        return f"/challenges/{self.challenge}/evidence/{self.number}"

    @property
    def words(self) -> str:
        """What it is called."""
        return f"file {self.number} of challenge {self.challenge}"


def file_link(line: str, between: str = "/") -> FileLink | None:
    """That of a line that ends with a challenge, ``between`` and a number; None where it does not."""
    found = re.search(rf"(?:^|/)({naming.PATTERN}){between}([1-9][0-9]{{0,8}})$", line, re.ASCII)
    return None if found is None else FileLink(found[1], int(found[2]))


def links_of(text: str) -> Sequence[Link | FileLink]:
    """All of a text."""
    return [file_link(line) or Link.read(line) for line in text.splitlines()]


def withheld(texts: Iterable[str]) -> Collection[str]:
    """Those texts that point at a record of which words are withheld, or that is not here."""
    by_text = {text: [each for link in links_of(text) for each in link.records] for text in texts}
    named = list(dict.fromkeys(each for found in by_text.values() for each in found))
    if not named:
        return ()
    held = {each.reference for each in sides(chains(), named) if each.withheld or not each.is_here}
    return {text for text, found in by_text.items() if not held.isdisjoint(found)}
