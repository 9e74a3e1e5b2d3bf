"""How far something is proved, in the words of the design; never a bare “verified”.

Only blocks that are folded are asked about: root and signatures were checked before they were kept, the link
when they were folded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from explorer.queries.db.prepared import Prepared
from indexer.models import ConfigurationStanding
from indexer.postchain.block import WitnessError, WitnessSignature, decode_witness, threshold

_Word = ConfigurationStanding.Standing
PROVED = (_Word.GENESIS, _Word.NAMED, _Word.CONFIRMED)
DOUBTED = (_Word.NOT_NAMED, _Word.NOT_SELF_PROVED)
"""Standings of a configuration whose signers one node stated: what follows from them is no better proved."""

# The configuration in force at each height, and the lowest one below it whose signers one node stated.
_FOUND = """
    SELECT w.height, c.height, c.standing, c.why, c.signers, d.height{more}
    FROM unnest(%(heights)s) AS w (height)
    LEFT JOIN indexer_configurationinforce c
        ON c.chain_id = %(chain)s AND w.height >= c.height AND (c.last IS NULL OR w.height <= c.last)
    LEFT JOIN LATERAL (
        SELECT height FROM indexer_configurationstanding
        WHERE chain_id = %(chain)s AND height < c.height
          AND standing = ANY(%(doubted)s)
        ORDER BY height LIMIT 1
    ) AS d ON true{joined}
"""
_TYPES = {"chain": "smallint", "heights": "bigint[]", "doubted": "text[]"}
_IN_FORCE = Prepared(_FOUND.format(more="", joined=""), _TYPES)
_WITH_WITNESS = Prepared(
    _FOUND.format(
        more=", y.witness, x.why",
        joined="""
    LEFT JOIN indexer_blockbody y ON y.chain_id = %(chain)s AND y.height = w.height
    LEFT JOIN indexer_uncheckedwitness x ON x.chain_id = %(chain)s AND x.height = w.height""",
    ),
    _TYPES,
)


class ProofStatus(Enum):
    """What vouches for a block and all that it holds."""

    ON_CHAIN = "on chain"
    ON_CHAIN_BY_STATED_SIGNERS = "on chain, by signers that one node stated"
    WITNESS_NOT_CHECKED = "witness not checked"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The standing of a block: ``why`` is a sentence where it is not simply on chain.

    ``signed`` of ``signers`` validators signed, ``needed`` are needed; all None where the witness is not kept
    (an empty block's is dropped once it was checked) or the signers are unknown. ``configured_at`` is the
    height of the configuration in force. ``is_by_one`` is whether one validator alone signs blocks
    then, so that nobody else vouches for them.
    """

    standing: ProofStatus
    why: str
    configured_at: int | None
    signed: int | None
    signers: int | None
    needed: int | None
    is_by_one: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is on chain without reserve: only then a tick stands before it."""
        return self.standing is ProofStatus.ON_CHAIN and not self.is_by_one


@dataclass(frozen=True, slots=True)
class Sealed:
    """A block as it is kept: its witness where there is one, and why that was not checked, where so."""

    height: int
    witness: bytes | None
    unchecked: str | None

    def signatures(self) -> Sequence[WitnessSignature] | None:
        """The signatures of its witness; None where it is not kept or cannot be read."""
        try:
            return None if self.witness is None else decode_witness(self.witness)
        except WitnessError:
            return None


@dataclass(frozen=True, slots=True)
class _InForce:
    """The configuration in force at a height, None and empty where none is known.

    ``doubted_at`` is of an earlier one that one node alone stated.
    """

    height: int | None
    standing: str | None
    why: str
    signers: frozenset[bytes] | None
    doubted_at: int | None


def evidence_of(chain_id: int, blocks: Iterable[Sealed]) -> Mapping[int, Evidence]:
    """The evidence of folded blocks by height; one query."""
    asked = {each.height: each for each in blocks}
    if not asked:
        return {}
    parameters = {"chain": chain_id, "heights": list(asked), "doubted": list(DOUBTED)}
    found = {height: _in_force(*rest) for height, *rest in _IN_FORCE.rows(parameters)}
    return {height: _evidence(each, found[height]) for height, each in asked.items()}


def evidence_at(chain_id: int, height: int) -> Evidence:
    """The evidence of the folded block at a height; one query."""
    parameters = {"chain": chain_id, "heights": [height], "doubted": list(DOUBTED)}
    ((_, *in_force, witness, unchecked),) = _WITH_WITNESS.rows(parameters)
    return _evidence(Sealed(height, witness, unchecked), _in_force(*in_force))


def _in_force(
    height: int | None, standing: str | None, why: str | None, signers: Any, doubted_at: int | None
) -> _InForce:
    keys = None if signers is None else frozenset(signers)
    return _InForce(height, standing, why or "", keys, doubted_at)


def _evidence(block: Sealed, by: _InForce) -> Evidence:
    standing, why = _standing(block, by)
    signatures, count = block.signatures(), len(by.signers or ())
    if signatures is None or not by.signers:
        return Evidence(standing, why, by.height, None, None, None, is_by_one=count == 1)
    signed = len({each.subject for each in signatures} & by.signers)
    return Evidence(standing, why, by.height, signed, count, threshold(count), is_by_one=count == 1)


def _standing(block: Sealed, by: _InForce) -> tuple[ProofStatus, str]:
    if block.unchecked is not None:
        return ProofStatus.WITNESS_NOT_CHECKED, f"Its witness was not checked, because {block.unchecked}."
    if by.height is None:
        return (
            ProofStatus.ON_CHAIN_BY_STATED_SIGNERS,
            "No node gave the configuration that names its signers.",
        )
    if by.standing not in PROVED:
        return ProofStatus.ON_CHAIN_BY_STATED_SIGNERS, _doubt(by)
    if by.doubted_at is not None:
        why = (
            f"Its signers follow from the configuration of height {by.doubted_at}: only nodes vouch for that."
        )
        return ProofStatus.ON_CHAIN_BY_STATED_SIGNERS, why
    return ProofStatus.ON_CHAIN, ""


def _doubt(by: _InForce) -> str:
    begun = f"Its signers are those of the configuration of height {by.height}."
    if by.standing == _Word.PENDING:
        return f"{begun} How far that one is proved is not settled yet."
    return f"{begun} {by.why}".strip()
