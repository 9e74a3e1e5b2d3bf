"""The dapp's state: its inferences, its owner, its notes. An attempt that fails leaves no trace."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Inference:
    """A row of `prompt_history`; `messages` and `result` as a query returns them, `created_at` in ms."""

    prompt_id: int
    uid: int
    messages: str
    result: str
    seed: int
    model: str
    provider: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Note:
    """A row of `prompt_note`, as far as a query tells."""

    prompt_id: int
    note: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class _Before:
    """What an attempt began with; `replaced` are rows as they stood, oldest change first."""

    owner: bytes
    last_prompt_id: int
    notes: int
    replaced: list[tuple[int, Inference | None]]


@dataclass(slots=True)
class State:
    """What queries see. Rows change through `put` and `remove` alone."""

    owner: bytes
    last_prompt_id: int = 0
    notes: list[Note] = field(default_factory=list)
    _rows: dict[int, Inference] = field(default_factory=dict)
    _order: list[tuple[int, int]] = field(default_factory=list)
    _before: _Before | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, prompt_id: int) -> Inference | None:
        """The inference with this id."""
        return self._rows.get(prompt_id)

    def newest_first(self) -> Iterator[Inference]:
        """Every inference by `created_at` descending, then id ascending."""
        return (self._rows[-negative] for _, negative in reversed(self._order))

    def between(self, start: int, end: int, *, offset: int, limit: int) -> Sequence[Inference]:
        """Inferences with start < created_at < end, newest first, at most `limit` after `offset`."""
        first = bisect_left(self._order, (start + 1,))
        last = bisect_left(self._order, (end,)) - offset
        taken = self._order[max(first, last - limit) : max(first, last)]
        return [self._rows[-negative] for _, negative in reversed(taken)]

    def put(self, row: Inference) -> None:
        """Add an inference, or replace the one with its id."""
        self.remove(row.prompt_id)
        self._rows[row.prompt_id] = row
        insort(self._order, _key(row))

    def remove(self, prompt_id: int) -> None:
        """Remove the inference with this id, if there is one."""
        row = self._rows.pop(prompt_id, None)
        if self._before is not None:
            self._before.replaced.append((prompt_id, row))
        if row is not None:
            del self._order[bisect_left(self._order, _key(row))]

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo every change of the block when it raises."""
        before = self._before = _Before(self.owner, self.last_prompt_id, len(self.notes), [])
        try:
            yield
        except BaseException:
            self._before = None
            self._restore(before)
            raise
        finally:
            self._before = None

    def _restore(self, before: _Before) -> None:
        self.owner, self.last_prompt_id = before.owner, before.last_prompt_id
        del self.notes[before.notes :]
        for prompt_id, row in reversed(before.replaced):
            self.remove(prompt_id)
            if row is not None:
                self.put(row)


def _key(row: Inference) -> tuple[int, int]:
    return row.created_at, -row.prompt_id
