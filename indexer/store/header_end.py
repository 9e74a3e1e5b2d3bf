"""What repeats in a chain's headers, interned: GTV [dependencies, extra]."""

from dataclasses import dataclass
from typing import Any, cast

from indexer.postchain import gtv
from indexer.postchain.block import Header
from indexer.postchain.gtv import Gtv


@dataclass(frozen=True, slots=True)
class HeaderEnd:
    """The end of a header. ``dependencies`` are block RIDs of other chains, ``extra`` its extra data."""

    dependencies: tuple[bytes | None, ...] | None
    extra: dict[str, Gtv]


def encode_header_end(header: Header) -> bytes:
    """As it is interned."""
    return gtv.encode([header.dependencies, header.extra])


def decode_header_end(raw: bytes) -> HeaderEnd:
    """The end of a header, interned as GTV [dependencies, extra]."""
    dependencies, extra = cast(list[Any], gtv.decode(raw))
    return HeaderEnd(None if dependencies is None else tuple(dependencies), extra)
