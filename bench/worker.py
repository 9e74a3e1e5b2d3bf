"""A measured process: it makes itself ready, says so, waits for a line, works, and says what it did.

    python -m bench.worker migrate | sync | plain | stages | client | checks …

`bench.workplace` starts it with `DATABASE_URL` set, so that starting an interpreter, loading Django and
checking tables lie before the clock.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import django

from bench import client_loop, fillers, plain
from bench.stages import Stopwatch, watched_stages

Work = Callable[[], dict[str, Any]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Get ready, work once, wait to be ended."""
    parser = argparse.ArgumentParser(prog="python -m bench.worker", description="Do one measured job.")
    parser.add_argument("job", choices=sorted(_JOBS))
    parser.add_argument("--node", default="")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--records", type=int, default=0, help="of the client's loop: stop after so many")
    given = parser.parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    said = sys.stdout
    sys.stdout = sys.stderr
    work = _JOBS[given.job](given)
    print("{}", file=said, flush=True)
    if sys.stdin.readline():
        started = time.monotonic()
        done = work() | {"seconds": time.monotonic() - started}
        done["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps(done), file=said, flush=True)
    sys.stdin.read()


def _migrate(given: argparse.Namespace) -> Work:
    def work() -> dict[str, Any]:
        from local.supervision.command import migrate

        migrate()
        return {}

    return work


def _sync(given: argparse.Namespace) -> Work:
    """The product's own sync, as `manage.py sync` does it; the start of its fillers is told apart."""
    from django.db import connection

    from indexer.follow import sync
    from indexer.node.pool import NodePool

    connection.ensure_connection()
    pool = NodePool([given.node])
    chain = sync.chain_of(pool, None)
    options = sync.Options(processes=given.processes)
    start = fillers.told_apart()

    def work() -> dict[str, Any]:
        totals = sync.sync(chain, pool, options=options)
        return {
            "records": totals.records,
            "digest": totals.digest.hex().upper(),
            "filler_start": asdict(start),
        }

    return work


def _plain(given: argparse.Namespace) -> Work:
    """The same in one process, with nothing verified."""
    plain.verify_nothing()
    return _sync(given)


def _stages(given: argparse.Namespace) -> Work:
    """The same in one process, with the seconds of each stage."""
    work = _sync(given)

    def watched() -> dict[str, Any]:
        stopwatch = Stopwatch()
        with watched_stages(stopwatch):
            done = work()
        return done | {"stages": stopwatch.seconds()}

    return watched


def _client(given: argparse.Namespace) -> Work:
    """The plain loop over the public client's decoder."""
    loop = client_loop.prepared(given.node)

    def work() -> dict[str, Any]:
        return {"records": loop(given.records)}

    return work


def _checks(given: argparse.Namespace) -> Work:
    """All checks of the one chain that is indexed, from nothing."""
    from indexer import derive
    from indexer.derive.checks import DERIVATION
    from indexer.models import Chain, Checked

    chain = Chain.objects.get()
    derive.start_anew(DERIVATION, chain, chain.generation)

    def work() -> dict[str, Any]:
        derive.catch_up(chain, only=[DERIVATION])
        return {"records": Checked.objects.count()}

    return work


_JOBS = {
    "migrate": _migrate,
    "sync": _sync,
    "plain": _plain,
    "stages": _stages,
    "client": _client,
    "checks": _checks,
}

if __name__ == "__main__":
    main()
