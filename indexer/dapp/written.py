"""Values of decoded JSON as texts, whatever they are: nothing is raised."""

import json
import re

from indexer.dapp import rell_json
from indexer.dapp import rell_json_exact as exact

HALF = "\ufffd"
"""What stands for half a character (a lone surrogate), in texts as in their keys."""

_LONE = re.compile("[\ud800-\udfff]")


def text(value: object) -> str:
    """A string, what else there is as JSON, nothing as nothing."""
    if value is None:
        return ""
    return whole(value) if isinstance(value, str) else source(value)


def whole(given: str) -> str:
    """A string, half characters in it marked."""
    return given if given.isascii() else _LONE.sub(HALF, given)


def has_halves(given: str) -> bool:
    """Whether half a character is in it."""
    return _LONE.search(given) is not None


def source(value: object) -> str:
    """JSON of any value, in Rell-normal form where it has one."""
    try:
        return whole(rell_json.normalise(json.dumps(value)))
    except (RecursionError, TypeError, ValueError, rell_json.NotJson):
        return whole(exact.write(value))
