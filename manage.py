#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import signal
import sys
import traceback
from typing import NoReturn


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def fail(error: Exception) -> NoReturn:
    """End because of what no command saw to: a setting that cannot be meant, or a fault of ours."""
    from django.core.exceptions import ImproperlyConfigured

    if isinstance(error, ImproperlyConfigured):
        print(error, file=sys.stderr)
        end(2)
    traceback.print_exception(error)
    end(1)


def end(status: int) -> NoReturn:
    """End before the command did; ``sync`` owes a line of JSON however it ends."""
    if is_sync():
        from indexer.management import exit_status

        print(exit_status.line({}, seconds=0.0, exit=status))
    sys.exit(status)


def is_sync() -> bool:
    """Whether ``sync`` is asked for."""
    return sys.argv[1:2] == ["sync"]


def listen() -> None:
    """Until ``sync`` itself does: nothing has begun that would have to be ended. An exception could get lost,
    as where Python imports.
    """
    from indexer.management import exit_status

    line = f"{exit_status.line({}, seconds=0.0, exit=130)}\n".encode()

    def interrupted(number: int, frame: object) -> NoReturn:
        os.write(2, b"Interrupted.\n")
        os.write(1, line)
        os._exit(130)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, interrupted)


if __name__ == "__main__":
    try:
        if is_sync():
            listen()
        main()
    except KeyboardInterrupt:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        print("Interrupted.", file=sys.stderr)
        end(130)
    except Exception as error:
        fail(error)
