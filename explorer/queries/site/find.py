"""What an identifier names: the search box takes any."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from explorer.queries.chain.chains import ChainView, chains
from explorer.queries.db import sql
from explorer.queries.db.errors import BadQuestion

MOST = 50
"""Things that are given at most."""

_DIGITS, _DIGITS_OF_KEY = 64, 66  # of a hash or RID, and of a public key
_HEAD = 6  # bytes by which RIDs and hashes are indexed
_AROUND = (
    "\"'`\u201c\u201d\u201e\u2018\u2019\u201a\u2039\u203a\u00ab\u00bb<>()[]{},;.!?*_~|\u00b7\u2022\u2013\u2014"
    "\u3001\u3002\u3008\u3009\u300a\u300b\u300c\u300d\u300e\u300f\u3010\u3011\u061f\u060c\u0964"
)
"""What may be copied with an identifier."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\U000e0000-\U000e0fff]")
"""What cannot be seen beside characters of the category Cf."""

_LEADING = re.compile(
    r"(?:record|block(?:chain)?|height|transaction|tx|chain|configuration|config|prompt|messages|answer|said|result|key"
    r"|hash|sha-?256(?:sum)?|digest|signer|pub)?[\s_-]*(?:b?rid|id|key|hash|sha-?256)?[\"'\u201d]?[\s:#=/]*[\"'\u201c]?"
)
_ONE_OF_BLOCKS = r"blocks?(?:[\s_-]*height)?|(?:at\s+)?height"
_ONE_OF_RECORDS = r"(?:record|prompt|inference|entry)s?(?:[\s_-]*id)?|id"
_NUMBERED = r"(?:[\s_-]*(?:no\b|nr\b|num\b|number\b))?"
_NUMBER = re.compile(
    rf"(?:/?(?P<kind>#|{_ONE_OF_RECORDS}|{_ONE_OF_BLOCKS}){_NUMBERED}[\s:=/.\"]*|(?P<only>n[or]\.)\s*)?#?"
    r"(?P<number>\d{1,18}|\d{1,3}(?:,\d{3}){1,5})",
    re.ASCII,
)
_HEX = re.compile(
    rf"(?:0x|x[\"'])?(?P<head>[0-9a-f]{{8,{_DIGITS}}}|[0-9a-f]{{{_DIGITS_OF_KEY}}})"
    r"(?:(?:…|\.\.\.?)(?P<tail>[0-9a-f]{4,58}))?"
)
_WITHIN = re.compile(
    r"(?<![\w,.])(?:0x)?[0-9a-f]{8,66}(?:(?:\u2026|\.{2,3})[0-9a-f]{4,58})?(?!\w)"
    r"|(?:#|\b(?:record|block|height|prompt(?:[\s_-]?id)?|id)[\s:=#]*|(?<![\w,.]))"
    r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(?!\w|[.,]\d)",
    re.ASCII | re.IGNORECASE,
)
"""An identifier within other words."""

_MOST_MEANT = 3
_WHAT = (
    "It takes a record (1042 or #1042), a block (1042 or block 1042), and hexadecimal: the RID of a chain, "
    "block or transaction, a hash or a key, whole, or its first eight digits or more, or as in "
    "9414886B…99B798. Words, and what a model or scout said, are found by /api/v1/records?q=…"
)

# By the indexed head of a RID or hash, then by all that was given of it. There are few configurations and
# owners. Digests are taken in a step of their own: the planner might rather walk all of a chain's.
_LIKE = """
    {0} BETWEEN %(low)s AND %(high)s AND right(encode({0}, 'hex'), length(%(tail)s)) = %(tail)s
"""
_KEY_LIKE = _LIKE.replace("(low)", "(low_key)").replace("(high)", "(high_key)")
_BY_HEAD = f"substr({{0}}, 1, {_HEAD}) BETWEEN %(low_head)s AND %(high_head)s AND {_LIKE} LIMIT {MOST}"
_NAMED = f"""
    (SELECT 'transaction', chain_id, height, rid, 'its RID', true FROM indexer_transaction
     WHERE {_BY_HEAD.format("rid")})
    UNION ALL
    (SELECT 'transaction', chain_id, height, rid, 'its hash', true FROM indexer_transaction
     WHERE {_BY_HEAD.format("hash")})
    UNION ALL
    (SELECT 'block', chain_id, height, rid, 'its RID', true FROM indexer_block
     WHERE {_BY_HEAD.format("rid")})
    UNION ALL
    (SELECT 'block', d.chain_id, d.height, d.digest, 'the digest after it', true
     FROM (SELECT * FROM indexer_blockdigest WHERE {_BY_HEAD.format("digest")}) d
     JOIN indexer_chain c ON c.id = d.chain_id AND c.generation = d.generation)
    UNION ALL
    (SELECT 'configuration', chain_id, height, hash, 'its hash', standing <> 'not applied'
     FROM indexer_configurationstanding WHERE {_LIKE.format("hash")} ORDER BY height LIMIT {MOST})
    UNION ALL
    (SELECT 'configuration', s.chain_id, s.height, s.hash, 'a key of its signers', standing <> 'not applied'
     FROM indexer_configurationstanding s
     JOIN indexer_configuration f ON f.chain_id = s.chain_id AND f.height = s.height
     WHERE s.standing <> 'unseen'
       AND EXISTS (SELECT FROM unnest(f.signers) AS key WHERE {_KEY_LIKE.format("key")})
     ORDER BY s.height LIMIT {MOST})
    UNION ALL
    (SELECT 'configuration', s.chain_id, s.height, s.hash, 'the key that its code lets write', true
     FROM indexer_owner w JOIN indexer_chain c ON c.id = w.chain_id AND c.generation = w.generation
     JOIN indexer_configurationstanding s ON s.chain_id = w.chain_id AND s.height = 0
     WHERE w.position < 0 AND {_KEY_LIKE.format("w.key")})
    UNION ALL
    (SELECT 'transaction', t.chain_id, t.height, t.rid, 'the key that it lets write', true
     FROM indexer_owner w JOIN indexer_chain c ON c.id = w.chain_id AND c.generation = w.generation
     JOIN indexer_operation o ON o.chain_id = w.chain_id AND o.position = w.position
     JOIN indexer_transaction t
         ON t.chain_id = w.chain_id AND t.height = w.position >> 20 AND t.ordinal = o.transaction
     WHERE {_KEY_LIKE.format("w.key")} ORDER BY t.height LIMIT {MOST})
"""
# A hundred at most are looked at of each: of two generations, one is shown.
_SAYING = f"""
    WITH asking AS MATERIALIZED (
        SELECT chain_id, generation, prompt_id FROM indexer_record
        WHERE substr(prompt, 1, {_HEAD}) = %(low_head)s AND prompt = %(low)s LIMIT {2 * MOST}
    ), saying AS MATERIALIZED (
        (SELECT 'the key of its answer' AS why, chain_id, position FROM indexer_operation
         WHERE substr(answer, 1, {_HEAD}) = %(low_head)s AND answer = %(low)s LIMIT {2 * MOST})
        UNION ALL
        (SELECT 'the key of all that it says', chain_id, position FROM indexer_operation
         WHERE substr(said, 1, {_HEAD}) = %(low_head)s AND said = %(low)s LIMIT {2 * MOST})
        UNION ALL
        (SELECT 'SHA-256 of its messages as signed', chain_id, position FROM indexer_operation
         WHERE substr(messages, 1, {_HEAD}) = %(low_head)s AND messages = %(low)s LIMIT {2 * MOST})
        UNION ALL
        (SELECT 'SHA-256 of a result as signed', chain_id, position FROM indexer_operation
         WHERE substr(result, 1, {_HEAD}) = %(low_head)s AND result = %(low)s LIMIT {2 * MOST})
    )
    SELECT 'the key of its prompt', r.chain_id, r.prompt_id FROM asking r
    JOIN indexer_chain c ON c.id = r.chain_id AND c.generation = r.generation
    UNION ALL
    SELECT o.why, v.chain_id, v.prompt_id FROM saying o
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

    ``why`` says in a few words what matched, such as “its RID”. ``governs`` is, of a configuration, whether
    it is or was in force: one that is not has no page, only its row in the list.
    """

    kind: Kind
    chain: ChainView
    key: str
    why: str
    governs: bool = True


def find(text: str) -> Sequence[Found]:
    """Everything that an identifier names, in every chain: the likeliest first, at most 50.

    Takes a prompt id (``1042``, ``#1042``), a height (``1042``, ``block 1042``), and in hex, whole or the
    first eight digits or more, or in the short form ``9414886B…99B798``: RIDs of chains, blocks and
    transactions, hashes of transactions and configurations, digests of blocks, keys of validators and of
    those who may write. Whole only: keys of prompts, answers and what is said, and SHA-256 of messages and
    results as signed. What stands around it is let be: what ``pasted`` drops, a word such as ``tx``. Raises
    ``BadQuestion`` for what is no identifier, and says what is.
    """
    asked = pasted(text).lower()
    number = _NUMBER.fullmatch(asked)
    digits = _HEX.fullmatch("".join(_LEADING.sub("", asked, count=1).strip(_AROUND).split()))
    if number is None and digits is None:
        raise BadQuestion(_WHAT)
    here = chains()
    found: list[Found] = []
    if number is not None:
        kind = number["kind"] or ("#" if number["only"] else "")
        found += _numbered(here, kind, int(number["number"].replace(",", "")))
    if digits is not None:
        found += _hashed(here, _Digits(digits["head"], digits["tail"] or ""))
    return found[:MOST]


def meant(text: str) -> Mapping[str, Sequence[Found]]:
    """What is found by the first identifiers within a text that is none itself, by each of them."""
    within = dict.fromkeys(each[0].strip() for each in _WITHIN.finditer(pasted(text)))
    found = {each: _found_by(each) for each in list(within)[:_MOST_MEANT] if each != pasted(text)}
    return {each: hits for each, hits in found.items() if hits}


def _found_by(text: str) -> Sequence[Found]:
    """What it names; nothing where it is no identifier."""
    try:
        return find(text)
    except BadQuestion:
        return []


def pasted(text: str) -> str:
    """What was meant by what was pasted: without characters that cannot be seen, and without the blanks,
    quotes, brackets and marks of a sentence around it; wide digits and letters as plain ones.
    """
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text).replace("\u2116", "#"))
    seen = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(seen.split()).strip(f"{_AROUND} ")


def _numbered(here: Sequence[ChainView], kind: str, number: int) -> Iterator[Found]:
    """Every id up to the last was given out, and every height up to the last is a block's."""
    of_block = "block" in kind or "height" in kind
    if not of_block:
        for each in here:
            if 0 < number <= each.records:
                yield Found(Kind.RECORD, each, str(number), "its number")
    if not kind or of_block:
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
        """The lowest and the highest hash that begins so, both with the part of them that is indexed, and the
        lowest and the highest key.
        """
        low, high = self._ends(_DIGITS)
        low_key, high_key = self._ends(_DIGITS_OF_KEY)
        return {
            "low": low,
            "high": high,
            "low_head": low[:_HEAD],
            "high_head": high[:_HEAD],
            "low_key": low_key,
            "high_key": high_key,
            "tail": self.tail,
        }

    def _ends(self, length: int) -> tuple[bytes, bytes]:
        return bytes.fromhex(self.head.ljust(length, "0")), bytes.fromhex(self.head.ljust(length, "f"))


def _hashed(here: Sequence[ChainView], digits: _Digits) -> Iterator[Found]:
    """What has a RID, hash or key like this, as far as it is folded, and configurations that are known; by
    whole hashes also the records that say it.
    """
    by_id = {each.id: each for each in here}
    place = {each.id: place for place, each in enumerate(here)}
    yield from (Found(Kind.CHAIN, each, each.rid, "its RID") for each in here if digits.fits(each.brid))
    named = sql.rows(_NAMED, digits.parameters())
    whys = list(dict.fromkeys(why for *_, why, _ in named))
    named.sort(key=lambda row: (whys.index(row[4]), place[row[1]], row[2]))
    for name, chain_id, height, hashed, why, governs in named:
        kind, chain = Kind(name), by_id[chain_id]
        last = chain.freshness.height
        if kind is Kind.CONFIGURATION:
            yield Found(kind, chain, str(height), why, governs=governs and height <= last + 1)
        elif height <= last:
            key = hashed.hex().upper() if kind is Kind.TRANSACTION else str(height)
            yield Found(kind, chain, key, why)
    if digits.is_whole:
        records: dict[tuple[int, int], str] = {}
        for why, chain_id, prompt_id in sql.rows(_SAYING, digits.parameters()):
            records.setdefault((chain_id, prompt_id), why)
        for (chain_id, prompt_id), why in sorted(
            records.items(), key=lambda each: (place[each[0][0]], each[0][1])
        ):
            yield Found(Kind.RECORD, by_id[chain_id], str(prompt_id), why)
