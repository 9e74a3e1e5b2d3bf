"""What an identifier names: the search box takes any."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import connection

from explorer.queries.chains import ChainView, chains
from explorer.queries.errors import BadQuestion

MOST = 50
"""Things that are given at most."""

_DIGITS = 64  # of a hash
_HEAD = 6  # bytes by which RIDs and content keys are indexed
_NUMBER = re.compile(
    r"(?P<kind>#|record|block|height)?\s*#?(?P<number>\d{1,18}|\d{1,3}(?:,\d{3}){1,5})", re.ASCII
)
_HEX = re.compile(r"(?:0x)?(?P<head>[0-9a-f]{8,64})(?:\s*(?:…|\.\.\.?)\s*(?P<tail>[0-9a-f]{4,56}))?")
_WHAT = (
    "Search takes a record (1042 or #1042), a block (1042 or block 1042), and hexadecimal: the RID of a "
    "chain, block or transaction or the hash of a configuration (whole, or its first eight digits or more, "
    "or as in 9414886B…99B798), and the whole hash of a prompt or an answer."
)

# By the indexed head of a RID, then by all that was given of it. There are few configurations.
_NAMED = f"""
    (SELECT 'transaction', chain_id, height, rid FROM indexer_transaction
     WHERE substr(rid, 1, {_HEAD}) BETWEEN %(low_head)s AND %(high_head)s AND rid BETWEEN %(low)s AND %(high)s
       AND right(encode(rid, 'hex'), length(%(tail)s)) = %(tail)s LIMIT {MOST})
    UNION ALL
    (SELECT 'block', chain_id, height, rid FROM indexer_block
     WHERE substr(rid, 1, {_HEAD}) BETWEEN %(low_head)s AND %(high_head)s AND rid BETWEEN %(low)s AND %(high)s
       AND right(encode(rid, 'hex'), length(%(tail)s)) = %(tail)s LIMIT {MOST})
    UNION ALL
    (SELECT 'configuration', chain_id, height, hash FROM indexer_configurationstanding
     WHERE hash BETWEEN %(low)s AND %(high)s
       AND right(encode(hash, 'hex'), length(%(tail)s)) = %(tail)s LIMIT {MOST})
"""
# A hundred at most are looked at: of two generations, one is shown.
_SAYING = f"""
    WITH asking AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id FROM indexer_record
        WHERE substr(prompt, 1, {_HEAD}) = %(low_head)s AND prompt = %(low)s LIMIT {2 * MOST}
    ), answering AS MATERIALIZED (
        SELECT chain_id, position FROM indexer_operation
        WHERE substr(answer, 1, {_HEAD}) = %(low_head)s AND answer = %(low)s LIMIT {2 * MOST}
    )
    SELECT 'prompt', r.chain_id, r.prompt_id FROM asking r
    JOIN indexer_chain c ON c.id = r.chain_id AND c.generation = r.generation
    UNION ALL
    SELECT 'answer', v.chain_id, v.prompt_id FROM answering o
    JOIN indexer_chain c ON c.id = o.chain_id
    JOIN indexer_revision v
        ON v.chain_id = o.chain_id AND v.generation = c.generation AND v.position = o.position
"""


class Kind(Enum):
    """What was found."""

    CHAIN = "chain"
    RECORD = "record"
    BLOCK = "block"
    TRANSACTION = "transaction"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that an identifier names. ``key`` is a prompt id, the height of a block or configuration, or
    the RID of a chain or transaction in upper-case hex.

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
    asked = text.strip().lower()
    number, digits = _NUMBER.fullmatch(asked), _HEX.fullmatch(asked)
    if number is None and digits is None:
        raise BadQuestion(_WHAT)
    here = chains()
    found: list[Found] = []
    if number is not None:
        found += _numbered(here, number["kind"] or "", int(number["number"].replace(",", "")))
    if digits is not None:
        found += _hashed(here, _Digits(digits["head"], digits["tail"] or ""))
    return found[:MOST]


def _numbered(here: Sequence[ChainView], kind: str, number: int) -> Iterator[Found]:
    """Every id up to the last was given out, and every height up to the last is a block's."""
    if kind not in ("block", "height"):
        for each in here:
            if 0 < number <= each.records:
                yield Found(Kind.RECORD, each, str(number), "its number")
    if kind in ("", "block", "height"):
        for each in here:
            if number <= each.freshness.height:
                yield Found(Kind.BLOCK, each, str(number), "its height")


@dataclass(frozen=True, slots=True)
class _Digits:
    """What is given of a hash: its beginning, and its end or nothing, in lower-case hex."""

    head: str
    tail: str

    @property
    def is_whole(self) -> bool:
        return len(self.head) == _DIGITS

    def fits(self, hashed: bytes) -> bool:
        """Whether it is this one's."""
        return hashed.hex().startswith(self.head) and hashed.hex().endswith(self.tail)

    def parameters(self) -> dict[str, Any]:
        """The lowest and the highest hash that begins so, both with the part of them that is indexed."""
        low, high = (bytes.fromhex(self.head.ljust(_DIGITS, digit)) for digit in "0f")
        return {
            "low": low,
            "high": high,
            "low_head": low[:_HEAD],
            "high_head": high[:_HEAD],
            "tail": self.tail,
        }


def _hashed(here: Sequence[ChainView], digits: _Digits) -> Iterator[Found]:
    """What has a RID or hash like this, as far as it is folded; by whole hashes also the records that say
    it.
    """
    by_id = {each.id: each for each in here}
    yield from (Found(Kind.CHAIN, each, each.rid, "its RID") for each in here if digits.fits(each.brid))
    for kind, chain_id, height, hashed in _rows(_NAMED, digits):
        if height <= by_id[chain_id].freshness.height:
            is_transaction = kind == Kind.TRANSACTION.value
            key = bytes(hashed).hex().upper() if is_transaction else str(height)
            why = "its hash" if kind == Kind.CONFIGURATION.value else "its RID"
            yield Found(Kind(kind), by_id[chain_id], key, why)
    if digits.is_whole:
        records = dict.fromkeys(_rows(_SAYING, digits))
        for said, chain_id, prompt_id in records:
            yield Found(Kind.RECORD, by_id[chain_id], str(prompt_id), f"SHA-256 of its {said}")


def _rows(sql: str, digits: _Digits) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, digits.parameters())
        return list(cursor.fetchall())
