"""What is done to tables, and what a check says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ZEROS = "'\\x" + "00" * 32 + "'"
"""Another hash, as SQL. In what follows @HASH stands for it."""


@dataclass(frozen=True, slots=True)
class Case:
    """Statements that each change at least one row, and how a finding begins (a regular expression)."""

    statements: tuple[str, ...]
    told: str

    @property
    def name(self) -> str:
        """The test's."""
        return "; ".join(self.statements).replace("indexer_", "").replace(ZEROS, "0")


Changes = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""By table and condition: what is set (GONE: the rows are removed), and how a finding begins."""


def changed(table: str, condition: str, change: str, told: str) -> Case:
    """The case of one change."""
    where = f" WHERE {condition}" if condition else ""
    if change == "GONE":
        return Case((f"DELETE FROM indexer_{table}{where}",), told)
    return Case((f"UPDATE indexer_{table} SET {change}{where}".replace("@HASH", ZEROS),), told)
