"""What somebody types to point at records, comparisons and files of this site: looked up here, and pinned."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone

from explorer.queries.chain.chains import chains
from explorer.queries.compare.sides import Reference, Side, sides
from explorer.queries.db.errors import NotHere
from explorer.queries.db.kinds import Misread
from explorer.queries.site import challenges
from explorer.queries.site.challenge_links import LETTERS, FileLink, Link, file_link
from explorer.rules import naming

MOST_LINKS = 5
"""Of one piece of evidence."""

LONGEST = 4_000
_RULE = (
    "give the address of a record, of a comparison or of a file of a challenge on this site, or a record as "
    "its chain's RID, a colon and its number"
)


def linked(text: str) -> str:
    """The same with every record pinned to the revision that is meant, the newest where none is said. Raises
    ValidationError, which says of each line what is wrong.
    """
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    if len(lines) > MOST_LINKS:
        raise ValidationError(f"{MOST_LINKS} lines fit, not {len(lines)}: leave some out.", code="too-many")
    faults: list[str] = []
    found = [_link(line, number, faults) for number, line in enumerate(lines, 1)]
    if faults:
        raise ValidationError(" ".join(faults), code="not-a-link")
    return "\n".join(dict.fromkeys(str(each) for each in found))


def _link(line: str, number: int, faults: list[str]) -> Link | FileLink | None:
    if (file := file_link(line, between="/evidence/")) is not None:
        if not _is_shown(file):
            faults.append(f"Line {number}: No such file is shown here: look at its challenge.")
        return file
    try:
        named = _named(line)
    except (Misread, ValueError):
        faults.append(f"Line {number} is none: {_RULE}.")
        return None
    read = sides(chains(), named)
    pins = [each.pin for each in read if each.pin is not None]
    if len(pins) < len(read):
        faults.append(f"Line {number}: {_why_not(read)}")
    return Link(pins)


def _is_shown(link: FileLink) -> bool:
    """Whether everybody can read it by now; one that waits or is withheld is as good as none."""
    try:
        found = challenges.challenge(naming.key_named(link.challenge), now=timezone.now())
        _, file = found.file(link.number)
    except NotHere:
        return False
    return file.is_shown


def _why_not(read: Sequence[Side]) -> str:
    missing = next(each for each in read if each.pin is None)
    return missing.why or "This record is not indexed here: look at its number."


def _named(line: str) -> Sequence[Reference]:
    """The records of a line. Raises Misread, and ValueError for an address that is none."""
    parts = urlsplit(line)
    if not parts.path.endswith("/compare"):
        return [Reference.read(line)]
    asked = parse_qs(parts.query, max_num_fields=2 * len(LETTERS))
    named = [Reference.read(asked[letter][0]) for letter in LETTERS if letter in asked]
    if not named:
        raise Misread("not-a-link", _RULE)
    return named
