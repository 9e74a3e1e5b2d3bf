"""How a run tells of itself: a bar on a terminal, lines elsewhere, and one line of JSON at the end."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TextIO

from indexer.follow.sync import Progress
from indexer.management import exit_status
from indexer.management.exit_status import ExitStatus
from indexer.records.totals import Totals

_EVERY = 2.0  # seconds between lines
_BAR = 30  # characters


@dataclass(frozen=True, slots=True)
class Result:
    """What the JSON line says. Figures are null where the run ended before they were known."""

    chain: str | None
    totals: Totals | None
    seconds: float
    exit: ExitStatus

    def line(self) -> str:
        """One line of JSON."""
        known = asdict(self.totals) if self.totals else {}
        if self.totals:
            known["digest"] = self.totals.digest.hex().upper()
            at = self.totals.last_block_at
            known["last_block_at"] = None if at is None else at.isoformat()
        return exit_status.line({"chain": self.chain, **known}, seconds=self.seconds, exit=self.exit)


class ProgressReporter:
    """Shows progress on a stream."""

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._terminal = out.isatty()
        self._started = clock()
        self._told = -_EVERY
        self._open = False

    def __call__(self, progress: Progress) -> None:
        """Tell it, unless something was told just now."""
        now = self._clock() - self._started
        last = progress.folded == progress.blocks
        if now - self._told < (0.1 if self._terminal else _EVERY) and not last:
            return
        self._told = now
        text = self._text(progress, now)
        if self._terminal:
            self._out.write(f"\r\x1b[K{self._bar(progress)} {text}")
            self._open = True
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def say(self, sentence: str) -> None:
        """A sentence on a line of its own."""
        if self._open:
            self._out.write("\n")
            self._open = False
        self._out.write(sentence + "\n")
        self._out.flush()

    def _text(self, progress: Progress, now: float) -> str:
        rate = progress.transactions / now if now > 0 else 0.0
        return (
            f"{progress.filled} of {progress.blocks} blocks in, {progress.folded} folded, "
            f"{progress.transactions} transactions, {rate:.0f}/s"
        )

    def _bar(self, progress: Progress) -> str:
        done = _BAR * (progress.filled + progress.folded) // max(2 * progress.blocks, 1)
        return "[" + "#" * done + "." * (_BAR - done) + "]"
