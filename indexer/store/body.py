"""The bodies of blocks: their transactions' bytes as one zstd frame, packed and unpacked."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import zstandard
from msgspec import Struct


class Damaged(ValueError):
    """A stored body does not hold what the rows beside it say; the message is a clause."""


class ByteRange(Struct, frozen=True, gc=False):
    """Where a transaction's bytes are in the uncompressed body; ``offset`` is None once they were erased."""

    offset: int | None
    length: int


@dataclass(frozen=True, slots=True)
class Body:
    """The transactions' bytes, one after the other, as one zstd frame.

    ``spans`` has one entry a transaction; ``length`` is the size before compression, in bytes.
    """

    frame: bytes
    length: int
    spans: Sequence[ByteRange]


def pack(raw: Sequence[bytes | None], gone: Container[int] = ()) -> Body:
    """One frame of the transactions' bytes, without those whose ordinal is in ``gone`` or whose bytes are
    gone.
    """
    kept: list[bytes] = []
    spans: list[ByteRange] = []
    offset = 0
    for ordinal, data in enumerate(raw):
        if data is None or ordinal in gone:
            spans.append(ByteRange(offset=None, length=len(data or b"")))
            continue
        spans.append(ByteRange(offset=offset, length=len(data)))
        kept.append(data)
        offset += len(data)
    frame = zstandard.ZstdCompressor(level=3).compress(b"".join(kept))
    return Body(frame=frame, length=offset, spans=spans)


def unpack(frame: bytes | None, length: int) -> bytes:
    """The transactions' bytes in a frame, ``length`` in all. Raises ``Damaged``."""
    if frame is None:
        raise Damaged("the body with its transactions is missing")
    try:
        body = zstandard.ZstdDecompressor().decompress(frame, max_output_size=length)
    except zstandard.ZstdError as error:
        raise Damaged(f"the stored body cannot be unpacked ({error})") from error
    if len(body) != length:
        raise Damaged(f"the stored body has {len(body)} bytes, not {length}")
    return body


def cut(body: bytes, place: ByteRange, *, ordinal: int) -> bytes | None:
    """A transaction's bytes out of an unpacked body; None where they were erased. Raises ``Damaged``."""
    if place.offset is None:
        return None
    data = body[place.offset : place.offset + place.length]
    if len(data) != place.length:
        raise Damaged(f"transaction {ordinal} lies outside the stored body")
    return data
