"""What checks are given of a record: as of one revision, whatever came later.

A result is read once, whoever asks. ``missing`` says why it is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from indexer.dapp.completion import Completion, completion_in, decoded


class Missing(Enum):
    """Why a result cannot be read."""

    HIDDEN = "hidden"
    ERASED = "erased"
    UNREAD = "unread"


@dataclass(frozen=True)
class Written:
    """A result that was written to a record, by the block with that ``height`` and time (ms).

    ``normal`` is the SHA-256 of it in Rell-normal form, ``said`` the key of what it says; ``text`` is the
    argument as it was signed, None where it is ``missing``.
    """

    height: int
    block_at: int
    normal: bytes
    said: bytes
    text: str | None
    missing: Missing | None = None

    @cached_property
    def value(self) -> object:
        """The JSON that was signed; None where it is none."""
        return None if self.text is None else decoded(self.text)

    @cached_property
    def members(self) -> Mapping[str, object]:
        """The members of the result; none where it is no object."""
        return self.value if isinstance(self.value, dict) else {}

    @cached_property
    def completion(self) -> Completion | None:
        """The result as it is read; None where it is no completion."""
        return completion_in(self.value)

    def member(self, name: str) -> Mapping[str, object]:
        """A member that is an object; one without members where it is not."""
        found = self.members.get(name)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a record was deleted, by the block with that height."""

    height: int
    is_batch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record as of one of its revisions.

    ``first`` is what was written first, ``last`` what was written last, also of a record that was deleted.
    ``before`` is the highest prompt id below its own that any record has; 0 where it is the first.
    ``prompt`` is the key of the messages.
    """

    prompt_id: int
    before: int
    prompt: bytes
    scout: int
    seed: int
    model: str
    provider: str
    first: Written
    last: Written
    deletion: Deletion | None = None
