"""What a check finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stored that does not hold: where, and what was found instead. ``is_of_rules`` is whether it
    does not hold by today's rules alone, so that folding again mends it.
    """

    where: str
    what: str
    is_of_rules: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def shown(value: bytes | memoryview) -> str:
    """A hash, RID or key as it is printed."""
    return bytes(value).hex().upper()
