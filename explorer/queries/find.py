"""What an identifier names: the search box takes any."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from explorer.queries.chains import ChainView


class Kind(Enum):
    """What was found."""

    CHAIN = "chain"
    RECORD = "record"
    BLOCK = "block"
    TRANSACTION = "transaction"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that an identifier names. ``key`` is a prompt id, a height or a RID in upper-case hex.

    ``why`` says in a few words what matched, such as “SHA-256 of its answer”.
    """

    kind: Kind
    chain: ChainView
    key: str
    why: str


def find(text: str) -> Sequence[Found]:
    """Everything that an identifier names, in every chain: the likeliest first, at most 50.

    Takes a prompt id (``1042``, ``#1042``), a height (``1042``, ``block 1042``), and in hex, whole or the
    first eight digits or more, or in the short form ``9414886B…99B798``: RIDs of chains, blocks and
    transactions, hashes of configurations, of prompts and answers (content keys, whole). Raises
    ``BadQuestion`` for what is no identifier, and says what is.
    """
    raise NotImplementedError
