"""The files that go with what is said of a challenge, as everybody may read them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from django.core.files.storage import default_storage

from explorer.queries.db import sql
from explorer.queries.db.errors import Damaged

_FILES = """
    SELECT ordinal, number, type, size, salted_sha256, name, sha256, sent_sha256, salt, stored
    FROM desk_public.challenge_file WHERE challenge = %(challenge)s ORDER BY number
"""
_SCREENED = """
    SELECT challenge, number FROM desk_public.challenge_file
    WHERE challenge = ANY(%(challenges)s) AND stored <> '' ORDER BY challenge, number
"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of an event. What follows ``salted_sha256`` is None where it is not shown."""

    event: int  # its ordinal
    number: int  # among the files of the challenge
    type: str
    size: int  # bytes
    salted_sha256: bytes  # of salt and bytes
    name: str | None
    sha256: bytes | None
    sent_sha256: bytes | None  # of the bytes as they were sent: pictures are drawn anew
    salt: bytes | None
    stored: str | None

    @property
    def is_shown(self) -> bool:
        """Whether it can be read."""
        return bool(self.stored)

    @property
    def is_as_sent(self) -> bool:
        """Whether its bytes are those that were sent."""
        return self.sha256 == self.sent_sha256

    def withheld(self) -> "FileRow":
        """The same, not shown."""
        return replace(self, name=None, sha256=None, sent_sha256=None, salt=None, stored=None)


def files_of(challenge: int) -> Sequence[FileRow]:
    """All of a challenge, in their order."""
    return [FileRow(*each) for each in sql.rows(_FILES, {"challenge": challenge})]


def screened(challenges: Collection[int]) -> Sequence[tuple[int, int]]:
    """Which files of these challenges somebody has looked through, and did not withhold: each as the number
    of its challenge and its own. Words of a record may be withheld all the same, and its files with them.
    """
    return sql.rows(_SCREENED, {"challenges": list(challenges)})


def content(file: FileRow) -> bytes:
    """The bytes of a file that is shown. Raises Damaged."""
    assert file.stored
    assert file.salt is not None
    return stored_bytes(file.stored, salt=file.salt, salted_sha256=file.salted_sha256)


def stored_bytes(stored: str, *, salt: bytes, salted_sha256: bytes) -> bytes:
    """What is kept at a place. Raises Damaged where it is not that of which the hash is."""
    try:
        with default_storage.open(stored) as found:
            data: bytes = found.read()
    except FileNotFoundError as error:
        raise Damaged("The bytes of this file are not where they should be.") from error
    if sha256(salt + data).digest() != salted_sha256:
        raise Damaged("The bytes of this file are not those that were sent.")
    return data
