"""Whether bytes are the canonical encoding of their value."""

from indexer.postchain import gtv


def is_canonical(data: bytes) -> bool:
    """Whether these bytes are just what `encode` gives for their value, as nodes demand of submissions."""
    try:
        return gtv.encode(gtv.decode(data, trailing=False)) == data
    except gtv.GtvError:
        return False
