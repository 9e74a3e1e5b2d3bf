"""The grounds there are: the one source for form, API, help, pages and the desk."""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import rfc8785

from explorer.rules.ground import Ground
from explorer.rules.grounds import across_records, chain_alone, in_private, run_again

VERSION = 1

NOT_CHALLENGEABLE = (
    "That an answer is bad, wrong or of poor taste is an opinion, and no ground: nothing on the chain can "
    "settle it. What does not fit any of these grounds can be told to the operator in private."
)
"""What is said of quality and opinion."""

_EVERY = (*chain_alone.GROUNDS, *across_records.GROUNDS, *run_again.GROUNDS, *in_private.GROUNDS)


def grounds() -> Sequence[Ground]:
    """Every one, those that can be settled best first."""
    return _EVERY


def public() -> Sequence[Ground]:
    """Those on which a public challenge can be filed."""
    return [each for each in _EVERY if not each.is_private]


@cache
def by_name() -> Mapping[str, Ground]:
    """Every one, by its name."""
    return {each.name: each for each in _EVERY}


@cache
def document() -> Mapping[str, Any]:
    """All of them as JSON: what ``sha256_hex`` is the hash of."""
    return {"version": VERSION, "grounds": [_told(each) for each in _EVERY]}


@cache
def sha256_hex() -> str:
    """The hash of these rules, upper case: of the document as canonical JSON (RFC 8785)."""
    return sha256(rfc8785.dumps(dict(document()))).hexdigest().upper()


def version_of(hashed: bytes) -> int | None:
    """Which version of the rules has this hash; None where it is not the one that is here."""
    return VERSION if hashed.hex().upper() == sha256_hex() else None


def _told(ground: Ground) -> Mapping[str, Any]:
    return {
        "ground": ground.name,
        "title": ground.title,
        "assurance": ground.assurance.value,
        "meaning": ground.meaning,
        "asks": ground.asks,
        "causes": list(ground.causes),
        "best": ground.best,
        "checks": list(ground.checks),
        "is_private": ground.is_private,
        "deciders": ground.deciders,
        "fields": ground.schema(),
    }
