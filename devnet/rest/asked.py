"""What questions name: chains, heights, limits, RIDs; refused in a node's words where they are none."""

import re

from devnet.rest.answers import Refusal
from devnet.rest.exchange import Question

DEFAULT_LIMIT = 25
MOST_BLOCKS = 100
MOST_TRANSACTIONS = 600
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_HEX = re.compile(r"([0-9A-Fa-f]{2})*")


def unknown_chain(name: str) -> Refusal:
    """Why no chain of the node has this name, a RID in hex or a number as `iid_1`."""
    if re.fullmatch(r"iid_\d+", name):
        iid = name.removeprefix("iid_")
        return Refusal(
            404, f"Can't find blockchain with chain Iid: {iid} in DB. Did you add this BC to the node?"
        )
    if not re.fullmatch(r"[0-9A-Fa-f]+", name):
        return Refusal(400, "path 'blockchainRid' must be string")
    if len(name) % 2:
        return Refusal(400, "Invalid hex string: length is not an even number")
    if len(name) != 64:
        return wrong_size(len(name) // 2)
    return Refusal(404, f"Can't find blockchain with blockchainRID: {name}")


def wrong_size(size: int) -> Refusal:
    """Why so many bytes are no blockchain RID."""
    return Refusal(400, f"Wrong size of Blockchain RID, was {size} should be 32 (64 characters)")


def number(text: str, *, name: str, bits: int = 64, least: int | None = None) -> int:
    """A number of so many bits; `name` is how the refusal calls it."""
    value = int(text) if _INTEGER.fullmatch(text) else None
    bound = 1 << (bits - 1)
    if value is None or not -bound <= value < bound or (least is not None and value < least):
        raise Refusal(400, f"{name} must be integer")
    return value


def parameter(
    question: Question, name: str, *, default: int, bits: int = 64, least: int | None = None
) -> int:
    """A number in the query."""
    text = question.parameter(name)
    return default if text is None else number(text, name=f"query '{name}'", bits=bits, least=least)


def optional(question: Question, name: str) -> int | None:
    """A number in the query, or None."""
    return None if question.parameter(name) is None else parameter(question, name, default=0)


def limit(question: Question, *, most: int) -> int:
    """How many are listed: 25 unless said, never more than `most`, none where it is negative."""
    return max(0, min(parameter(question, "limit", default=DEFAULT_LIMIT, bits=32), most))


def rid(text: str, *, name: str) -> str:
    """A RID in the path."""
    if not (len(text) == 64 and _HEX.fullmatch(text)):
        raise Refusal(400, f"path '{name}' must be string")
    return text.upper()


def signer(question: Question) -> bytes | None:
    """The key by which transactions are to be signed."""
    text = question.parameter("signer")
    if text is None:
        return None
    if not _HEX.fullmatch(text):
        raise Refusal(400, "query 'signer' must be string")
    return bytes.fromhex(text)


def wants_data(question: Question) -> bool:
    """Whether transactions are to come with their bytes."""
    text = question.parameter("txs")
    if text not in {None, "true", "false"}:
        raise Refusal(400, "query 'txs' must be boolean")
    return text == "true"
