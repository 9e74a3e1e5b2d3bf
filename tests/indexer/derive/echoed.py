"""A derivation of the tests alone, which keeps something made from texts: what each answer says, loudly."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from indexer.derive.derivation import Derivation, PositionRange, Withdrawn
from indexer.store import suppression


class Echo(models.Model):
    """An answer in capitals, by the position of the operation that says it."""

    pk = models.CompositePrimaryKey("chain_id", "generation", "position")
    chain_id = models.SmallIntegerField()
    generation = models.SmallIntegerField()
    position = models.BigIntegerField()
    prompt = models.BinaryField(null=True)
    answer = models.BinaryField()
    loud = models.TextField()

    class Meta:
        app_label = "tests"
        apps = Apps()  # of no installed app, so that nothing else sees the table


_STEP = """
    INSERT INTO tests_echo (chain_id, generation, position, prompt, answer, loud)
    SELECT o.chain_id, %(generation)s, o.position, o.prompt, o.answer, upper(a.text)
    FROM indexer_operation o JOIN indexer_answer a ON a.hash = o.answer JOIN indexer_transaction t
      ON t.chain_id = o.chain_id AND t.height = o.position >> 20 AND t.ordinal = o.transaction
    WHERE o.chain_id = %(chain)s AND o.position >= %(first)s AND o.position < %(end)s
      AND (%(positions)s::bigint[] IS NULL OR o.position = ANY(%(positions)s::bigint[]))
      AND a.text IS NOT NULL AND t."offset" IS NOT NULL
      AND NOT o.answer = ANY(%(contents)s) AND NOT t.rid = ANY(%(transactions)s)
"""
_FORGET = """
    DELETE FROM tests_echo
    WHERE chain_id = %(chain)s AND generation = %(generation)s AND position = ANY(%(positions)s)
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Echo what may be shown."""
    cursor.execute(_STEP, {**positions.named, **_hidden(), "positions": None})


def remake(cursor: CursorWrapper, withdrawn: Withdrawn) -> None:
    """Echo these operations anew."""
    cursor.execute(_FORGET, withdrawn.named)
    cursor.execute(_STEP, {**withdrawn.named, **_hidden()})


def _hidden() -> dict[str, list[bytes]]:
    hidden = suppression.whole_gate()
    return {"contents": list(hidden.contents), "transactions": list(hidden.transactions)}


ECHOES = Derivation(name="echoes", lock=99, tables=(Echo,), step=step, remake=remake)


@contextmanager
def table() -> Iterator[None]:
    """Has the table while the block runs."""
    with connection.schema_editor() as editor:
        editor.create_model(Echo)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE tests_echo")
