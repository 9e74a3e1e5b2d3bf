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
        from indexer import outcome

        print(outcome.line({}, seconds=0.0, exit=status))
    sys.exit(status)


def is_sync() -> bool:
    """Whether ``sync`` is asked for."""
    return sys.argv[1:2] == ["sync"]


if __name__ == "__main__":
    try:
        if is_sync():
            # As a Ctrl-C, until the command itself listens: a line must be written then, too.
            for each in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(each) == signal.SIG_DFL:
                    signal.signal(each, signal.default_int_handler)
        main()
    except KeyboardInterrupt:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        print("Interrupted.", file=sys.stderr)
        end(130)
    except Exception as error:
        fail(error)
