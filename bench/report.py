"""Figures as JSON lines for programs and as tables for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

Figure = Mapping[str, Any]


def percentile(values: Sequence[float], part: float) -> float:
    """The least value that so large a part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]


class Report:
    """Takes figures as they come: each is one JSON line; what is a table is shown at once."""

    def __init__(self, shown: IO[str]) -> None:
        self._shown = shown
        self._figures: list[Figure] = []

    def say(self, sentence: str) -> None:
        """One line of text."""
        print(sentence, file=self._shown, flush=True)

    def add(self, figure: str, **values: Any) -> None:
        """Keep a figure."""
        self._figures.append({"figure": figure, **values})

    def table(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Show a table: the first column to the left, the others to the right."""
        cells = [list(heads), *([_cell(each) for each in row] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        self.say(f"\n{title}")
        for line in cells:
            first, *others = (
                cell.rjust(width) if at else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            self.say("  " + "  ".join([first, *others]).rstrip())

    def lines(self) -> str:
        """All figures, a JSON object a line."""
        return "".join(json.dumps(figure) + "\n" for figure in self._figures)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
