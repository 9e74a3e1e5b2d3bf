"""What workers do for the web, by the names under which it is asked for: nothing else can be asked for.

Each application of ours may have a module ``handlers`` with such a mapping, called HANDLERS.
"""

from collections.abc import Callable, Mapping
from functools import cache

from explorer.desk.registry import of_applications

HANDLERS: Mapping[str, Callable[..., None]] = {}  # none of the desk itself


@cache
def handlers() -> Mapping[str, Callable[..., None]]:
    """Those of all applications. A name is one handler's."""
    found: dict[str, Callable[..., None]] = {}
    for of_app in of_applications("handlers", "HANDLERS"):
        assert found.keys().isdisjoint(of_app), of_app
        found |= of_app
    return found
