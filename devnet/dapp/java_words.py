"""How a node words what cannot be read: messages of its GTV decoder and of the JVM beneath it."""

import re

from coincurve import PublicKey

from devnet.dapp.parameters import kind_of
from indexer.postchain import gtv
from indexer.postchain.gtv import Gtv

_TAG = re.compile(r"tag ([0-9A-F]{2}) at byte")
_TRUNCATED = "Unexpected end of input stream."
_DEEPEST = 100


def of(error: gtv.GtvError) -> str:
    """The decoder's message for bytes that are no GTV (Postchain 3.15, com.beanit.jasn1)."""
    if isinstance(error, gtv.Truncated):
        return _TRUNCATED
    found = _TAG.search(str(error))
    if isinstance(error, gtv.UnknownTag) and found is not None:
        tag = int(found[1], 16)
        named = f"class: {tag & 0xC0}, primitive: {tag & 0x20}, tag number: {tag & 0x1F}"
        return f"Error decoding CHOICE: Tag identifier {named} matched to no item."
    return str(error)


def expected(kind: str, value: Gtv) -> str:
    """A value of another type than was needed."""
    return f"Type error: {kind} expected, found {kind_of(value)} with value {written(value)}"


def array_expected(value: Gtv) -> str:
    """A value that is no array."""
    return expected("array", value)


def no_element(index: int, *, size: int) -> str:
    """An array with too few elements."""
    return f"Index {index} out of bounds for length {size}"


def written(value: Gtv, *, depth: int = 0) -> str:
    """A value as it stands in messages; what lies very deep is left out."""
    if depth > _DEEPEST:
        return "…"
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bytes):
        return f'x"{value.hex().upper()}"'
    if isinstance(value, list):
        return f"[{', '.join(written(each, depth=depth + 1) for each in value)}]"
    if isinstance(value, dict):
        entries = [f"{written(key)}: {written(each, depth=depth + 1)}" for key, each in value.items()]
        return f"[{', '.join(entries)}]"
    return str(int(value))


def key_fault(key: bytes) -> str | None:
    """Why bytes are no public key (BouncyCastle, ECCurve.decodePoint); None where they are one."""
    if _is_key(key):
        return None
    kind = key[0] if key else 0
    names = {0: ("infinity", 1), 2: ("compressed", 33), 3: ("compressed", 33), 4: ("uncompressed", 65)}
    name, size = names.get(kind, ("hybrid", 65))
    if kind not in {0, 2, 3, 4, 6, 7}:
        return f"Invalid point encoding 0x{kind:x}"
    if len(key) != size:
        return f"Incorrect length for {name} encoding"
    return {"infinity": "Invalid infinity encoding", "compressed": "Invalid point compression"}.get(
        name, "Invalid point coordinates"
    )


def _is_key(key: bytes) -> bool:
    try:
        PublicKey(key)
    except ValueError:
        return False
    return True
