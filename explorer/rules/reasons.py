"""The statement of reasons, without which nothing is decided: its parts in their order, with their names."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "found": "Facts found",
    "relied_on": "What it relies on",
    "automated": "What programs did",
    "unknown": "What remains unknown",
    "effect": "What follows",
    "conflicts": "Conflicts of interest",
}
