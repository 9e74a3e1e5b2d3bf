"""Ends programs whose supervisor was killed. A script of its own: it imports nothing of the project.

Each line of its input names the process groups that run; the last one counts. When the input ends, which it
does with the supervisor however that ended, those that are named are ended.
"""

import os
import signal
import sys
import time

PATIENCE = 10.0  # seconds between asking and killing
LOOK = 0.1


def main() -> None:
    """Wait for the end of the input, then see that nothing is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        groups = [int(word) for word in line.split()]
    for number, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 1.0)):
        groups = [group for group in groups if _signal(group, number)]
        deadline = time.monotonic() + patience
        while groups and time.monotonic() < deadline:
            time.sleep(LOOK)
            groups = [group for group in groups if _signal(group, 0)]


def _signal(group: int, number: int) -> bool:
    """Whether there is anything left of the group."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
