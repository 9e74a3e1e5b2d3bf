"""What a node's bytes say, as typed values, or `Malformed` with the reason.

JSON is read by msgspec into the shapes below and nothing else: wrong types, missing fields, numbers beyond 64
bits, text that is no UTF-8 and nesting of any depth end in `Malformed`; of duplicate keys the last one
counts; unknown fields are ignored, as later versions add some. Hex may be in either case. What the bytes
inside mean is not judged here (`indexer.postchain.verify`).
"""

from binascii import unhexlify
from collections.abc import Iterable
from typing import Annotated, TypeVar

import msgspec

from indexer.node.errors import printable
from indexer.postchain import gtv
from indexer.postchain.verify import StatedBlock, StatedTransaction

Height = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Timestamp = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
T = TypeVar("T")
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<title", b"<body")


class Malformed(ValueError):
    """An answer that is not in the shape that it must have."""


class WebPage(Malformed):
    """A page for people, as a proxy or another server at the address sends it."""


class BrokenRules(Malformed):
    """A list whose blocks are not as a list of blocks must be: newest first, none twice, none missing."""


class Version(msgspec.Struct, gc=False):
    """`GET /version`."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class BlockHeight(msgspec.Struct, gc=False):
    """The next height, or a configuration's height."""

    block_height: Height = msgspec.field(name="blockHeight")


class State(msgspec.Struct, gc=False):
    """`GET /blockchain/…/nodestate`."""

    state: str


class OwnStatus(msgspec.Struct, gc=False):
    """`GET /node/…/my_status`."""

    public_key: str = msgspec.field(name="pubKey")


class _Transaction(msgspec.Struct, gc=False):
    rid: str
    hash: str
    data: str | None = None


class _Block(msgspec.Struct):
    rid: str
    previous_rid: str = msgspec.field(name="prevBlockRID")
    header: str
    height: Height
    transactions: list[_Transaction]
    witness: str
    timestamp: Timestamp
    witnesses: list[str] | None = None


class _Error(msgspec.Struct, gc=False):
    error: str


def json(body: bytes | bytearray, *, shape: type[T]) -> T:
    """The JSON value in `body`, which must have the given shape (a msgspec type)."""
    try:
        return msgspec.json.decode(body, type=shape)
    except RecursionError:
        raise Malformed("the JSON is nested too deeply") from None
    except (msgspec.MsgspecError, ValueError) as error:
        _check_no_page(body)
        raise Malformed(f"not the JSON that belongs here ({printable(str(error))})") from None


def gtv_value(body: bytes | bytearray) -> gtv.Gtv:
    """The GTV value in `body`."""
    try:
        return gtv.decode(bytes(body))
    except gtv.GtvError as error:
        _check_no_page(body)
        raise Malformed(f"no GTV ({printable(str(error))})") from None


def octets(text: str, *, what: str, length: int | None = None) -> bytes:
    """The bytes of a hex string, `length` of them where that is given; `what` names it in messages."""
    try:
        value = unhexlify(text)
    except ValueError:
        raise Malformed(f"the {what} is no hex string") from None
    if length is not None and len(value) != length:
        raise Malformed(f"the {what} has {len(value)} bytes, not {length}")
    return value


def text(body: bytes | bytearray) -> str:
    """A plain text answer without the white space around it."""
    _check_no_page(body)
    try:
        return body.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Malformed("the text is no UTF-8") from None


def block(body: bytes | bytearray, *, with_data: bool) -> StatedBlock | None:
    """One block, or None where the node says `null`: it has no such block."""
    found = json(body, shape=_Block | None)  # type: ignore[arg-type]
    return None if found is None else _stated(found, with_data=with_data)


def blocks(body: bytes | bytearray, *, before: int, limit: int, with_data: bool) -> list[StatedBlock]:
    """A list of at most `limit` blocks below height `before`, newest first; a shorter one is as good."""
    found = json(body, shape=list[_Block | None])
    if len(found) > limit:
        raise BrokenRules(f"{len(found)} blocks where at most {limit} were asked for")
    stated = [_stated(item, with_data=with_data) for item in found if item is not None]
    if len(stated) < len(found):
        raise BrokenRules("null in the place of a block")
    _check_descending((item.height for item in stated), before=before)
    return stated


def _check_descending(heights: Iterable[int], *, before: int) -> None:
    above = before
    for height in heights:
        if height >= above:
            raise BrokenRules(f"height {height} where one below {above} must stand")
        above = height


def _stated(found: _Block, *, with_data: bool) -> StatedBlock:
    where = f" of block {found.height}"
    witnesses = found.witnesses
    return StatedBlock(
        rid=octets(found.rid, what="RID" + where, length=32),
        previous_rid=octets(found.previous_rid, what="previous RID" + where, length=32),
        header=octets(found.header, what="header" + where),
        height=found.height,
        timestamp=found.timestamp,
        transactions=tuple(_transaction(item, where, with_data=with_data) for item in found.transactions),
        witness=octets(found.witness, what="witness" + where),
        witnesses=None
        if witnesses is None
        else tuple(octets(key, what="witness key" + where) for key in witnesses),
    )


def _transaction(found: _Transaction, where: str, *, with_data: bool) -> StatedTransaction:
    if with_data and found.data is None:
        raise Malformed(f"a transaction{where} without its data")
    return StatedTransaction(
        rid=octets(found.rid, what="RID of a transaction" + where, length=32),
        hash=octets(found.hash, what="hash of a transaction" + where, length=32),
        data=octets(found.data or "", what="data of a transaction" + where),
    )


def is_web_page(body: bytes | bytearray) -> bool:
    """Whether an answer begins as HTML does."""
    return bytes(body[:512]).removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGES)


def _check_no_page(body: bytes | bytearray) -> None:
    if is_web_page(body):
        raise WebPage("a web page")


def error_text(body: bytes | bytearray) -> str | None:
    """A node's own words in the body of an error, as one short line; None where they are in neither of its
    shapes.

    The shapes are JSON `{"error": text}` and GTV: a string, or a dictionary with such an entry.
    """
    try:
        return printable(json(body, shape=_Error).error)
    except Malformed:
        pass
    try:
        value = gtv.decode(bytes(body))
    except gtv.GtvError:
        return None
    if isinstance(value, dict):
        value = value.get("error")
    return printable(value) if isinstance(value, str) else None
