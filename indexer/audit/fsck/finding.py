"""What a check finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stored that does not hold: where, and what was found instead."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def shown(value: bytes | memoryview) -> str:
    """A hash, RID or key as it is printed."""
    return bytes(value).hex().upper()
