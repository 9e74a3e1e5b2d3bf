"""Ends programs whose supervisor was killed. As a script of its own it imports nothing of the project.

Each line of its input names the process groups that run; the last one counts. When the input ends, which it
does with the supervisor however that ended, those that are named are ended.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

PATIENCE = 10.0  # seconds between asking and killing
_GRACE = 2.0  # seconds for the kernel to be done with what was killed
_LOOK = 0.05


def main() -> None:
    """Wait for the end of the input, then see that nothing is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        groups = [int(word) for word in line.split()]
    end(groups)


def end(groups: Iterable[int]) -> list[int]:
    """Ask process groups to end, then make them; those of which something is left even so."""
    left = list(groups)
    for number, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, _GRACE)):
        left = [group for group in left if _signal(group, number)]
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            time.sleep(_LOOK)
            left = [group for group in left if _signal(group, 0)]
    return left


def _signal(group: int, number: int) -> bool:
    """Whether there is anything of the group."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # as macOS has it for a group of which only zombies are left
        return False
    return True


if __name__ == "__main__":
    main()
