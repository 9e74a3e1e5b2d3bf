"""Chains in the database: ingested once a run, kept aside, and put back for each test that wants one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import connection

from indexer.follow import sync
from indexer.follow.sync import Options
from indexer.models import Chain
from indexer.postchain.gtx import Operation
from indexer.store import names
from tests import databases
from tests.indexer import earlier
from tests.indexer.made import (
    OWNER,
    SECOND_OWNER,
    VALIDATORS,
    MadeChain,
    add,
    batch_delete,
    call,
    change_owner,
    completion,
    delete,
    update,
)
from tests.indexer.serving import CHAINS, AlteredNode, pool_of, recorded
from tests.once import once, run_folder

VARIED = "varied"
"""A short chain that has a bit of everything: see `varied`."""

EARLIER = "earlier"
"""The chain of an index that an earlier version made, in tables of today, its records as then."""

BY_SINGLE_STEPS = "by_single_steps"
"""The database of that index, whose tables no squashed migration made."""

HERE = Options(processes=1)

_NUMBERED = frozenset(
    {"indexer_chain", "indexer_name", "indexer_node", "indexer_incident", "indexer_suppression"}
)
_EMPTY = 21  # bytes of a copy without a row


def tables() -> list[str]:
    """Every table of the indexer."""
    models = apps.get_app_config("indexer").get_models()
    return [model._meta.db_table for model in models if model._meta.managed]  # the others are views


@cache
def varied() -> MadeChain:
    """Every kind of operation and block, two configurations, a text with NUL, a long answer, a model name of
    12 kB.
    """
    made = MadeChain(validators=VALIDATORS[:4])
    made.block()
    made.block()
    made.block(
        add(uid=1),
        add(uid=2),
        add(
            completion("another answer, long enough. " * 8, id="a-response", system_fingerprint="fp_1"),
            uid=3,
            provider="openrouter",
        ),
    )
    made.block(header_tail=[1])
    made.block(
        call(
            add("no JSON", messages="neither, and with \0 in it", uid=4),
            add('{"choices": []}', uid=5, model="long " * 2400),
        )
    )
    made.block(add(completion("with \0 in it"), messages='[{"content": "and \\u0000 here"}]', uid=6))
    made.configure(VALIDATORS[:3])
    made.block()
    made.block(update(1, completion("edited")), update(2, completion("edited too")))
    made.block(update(1, completion("edited")), delete(3))
    made.block(
        Operation("note_prompt", (1, "a note")),
        call(add(uid=8), change_owner(SECOND_OWNER), keys=(OWNER, SECOND_OWNER)),
    )
    made.block(call(batch_delete(made.blocks[3].timestamp, made.blocks[5].timestamp), keys=(SECOND_OWNER,)))
    made.block()
    return made


def keep_all() -> None:
    """Have the recorded chains and the varied one ingested, folded and kept by the first who asks."""
    once("kept chains", _keep_all)


def _keep_all() -> None:
    for name in (*CHAINS, VARIED):
        with keeping(name):
            _ingest(name)


def keep_earlier() -> None:
    """Have the index of an earlier version brought up to date and kept by the first who asks."""
    once("kept earlier", _keep_earlier)


def _keep_earlier() -> None:
    databases.made_empty(BY_SINGLE_STEPS)
    with databases.connected_to(BY_SINGLE_STEPS):
        earlier.make()
        keep(EARLIER)


@contextmanager
def keeping(name: str) -> Iterator[None]:
    """Keep what is indexed meanwhile, into empty tables; they are empty again afterwards. Nothing is
    remembered from before: a test may have left names known whose rows went away with it.
    """
    empty()
    yield
    keep(name)
    empty()


def put_back(name: str) -> Chain:
    """Have a kept chain in the tables, which are empty, and nothing else."""
    fill(name)
    return Chain.objects.get()


def keep(name: str) -> None:
    """Keep all that is in the tables aside: a file for each that is not empty, in the run's folder."""
    folder = _folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        for table in tables():
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                rows = b"".join(copy)
            if len(rows) > _EMPTY:
                (folder / table).write_bytes(rows)


def fill(name: str, *, within: bool = False) -> None:
    """Put what was kept into the tables, which are empty. New rows get ids after those; ``within`` a
    transaction that is rolled back, after all that were given out besides: others may come back with that.
    """
    kept = _folder(name)
    filled = [each for each in tables() if (kept / each).exists()]
    with connection.cursor() as cursor:
        for table in filled:
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write((kept / table).read_bytes())
        for table in _NUMBERED.intersection(filled):
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            least = f"coalesce(pg_sequence_last_value({sequence}), 1)" if within else "1"
            cursor.execute(f"SELECT setval({sequence}, greatest(max(id), {least})) FROM {table}")


def _folder(name: str) -> Path:
    return run_folder() / "kept" / name


def _ingest(name: str) -> None:
    node = AlteredNode(varied().recording()) if name == VARIED else recorded(name)
    with pool_of(node) as pool:
        sync.sync(sync.chain_of(pool, None), pool, options=HERE)


def empty() -> None:
    """Nothing is in the tables any more, and nothing of them is remembered."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables())} RESTART IDENTITY CASCADE")
    _forget()


def clear() -> None:
    """As ``empty``, but ids go on: many times quicker where there are few rows."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables()))
    _forget()


def _forget() -> None:
    for each in names.ALL:
        each.forget()
