"""Between which shares the true one may lie, by how few it is told: Wilson's score interval (1927)."""

import math
from dataclasses import dataclass

_Z = 1.959963984540054  # of 95 %
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and the ends of its interval of 95 %, from 0 to 1."""

    share: float
    low: float
    high: float

    @property
    def bar(self) -> float:
        """How long the bar of a meter is that is 120 wide."""
        return round(_WIDTH * self.share, 1)

    @property
    def ends(self) -> tuple[float, float]:
        """Where on the meter the interval begins and ends."""
        return round(_WIDTH * self.low, 1), round(_WIDTH * self.high, 1)


def wilson(part: int, whole: int) -> Interval | None:
    """The interval of 95 % of ``part`` in ``whole``, as if these were drawn by chance, one by one; None where
    there are none, or more than of the whole.
    """
    if not 0 <= part <= whole or not whole:
        return None
    share = part / whole
    weight = 1 + _Z**2 / whole
    middle = (share + _Z**2 / (2 * whole)) / weight
    half = _Z * math.sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2)) / weight
    low = 0.0 if part == 0 else max(0.0, middle - half)
    high = 1.0 if part == whole else min(1.0, middle + half)
    return Interval(share, low, high)
