"""The lexemes of a unit that are no words: by them the index itself leaves others out. No text makes them,
since no word has a colon.
"""

from collections.abc import Iterable

from indexer.words.vector import quoted

SLICE = 15
"""A slice is 2^15 records of a chain, by their prompt ids: ``prompt_id >> SLICE``."""


def of_chain(chain_id: int) -> str:
    """Units of a chain."""
    return f"c:{chain_id}"


def of_slice(chain_id: int, number: int) -> str:
    """Units of a slice of a chain's records."""
    return f"s:{chain_id}:{number}"


def of_model(name_id: int) -> str:
    """Units of a model, by the id of its name."""
    return f"m:{name_id}"


def of_provider(name_id: int) -> str:
    """Units of a provider, by the id of its name."""
    return f"v:{name_id}"


def of_key(key: bytes) -> str:
    """Units that hold a text within a result with this content key, and maybe others whose keys begin so."""
    return f"k:{key[:8].hex()}"


ANY_KEY = "k:*"
"""Units with more such texts than are named: any key may be among them."""


def query_of_keys(keys: Iterable[bytes]) -> str:
    """The ``tsquery`` for all units that may hold a text within a result with one of these content keys."""
    return " | ".join(map(quoted, (*sorted(set(map(of_key, keys))), ANY_KEY)))
