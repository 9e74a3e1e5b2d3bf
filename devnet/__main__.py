"""`python -m devnet`: serve a chain of one's own. `python -m devnet build`: write one for benchmarks."""

import sys
from collections.abc import Sequence
from importlib import import_module


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says; without one, serve."""
    name, rest = ("build", arguments[1:]) if arguments[:1] == ["build"] else ("serving", arguments)
    status: int = import_module(f"devnet.serving.{name}").main(rest)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
