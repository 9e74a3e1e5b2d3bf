"""Which records say what is withdrawn, or is so no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from indexer.derive import search_units
from indexer.derive.derivation import Withdrawn

_ALL = ("prompt", "answer", "result_normal", "said")  # of an operation, by which its texts are named
_SAYING = """
    SELECT o.chain_id, o.position FROM unnest(%(keys)s::bytea[]) AS w (key) CROSS JOIN LATERAL (
        SELECT chain_id, position FROM indexer_operation
        WHERE substr({0}, 1, 6) = substr(w.key, 1, 6) AND {0} = w.key OFFSET 0) o
"""
_WRITTEN = """
    SELECT o.chain_id, o.position
    FROM unnest(%(chains)s::int2[], %(heights)s::int8[], %(ordinals)s::int4[])
        AS w (chain_id, height, ordinal) CROSS JOIN LATERAL (
        SELECT chain_id, position FROM indexer_operation
        WHERE chain_id = w.chain_id AND position >= w.height << 20 AND position < (w.height + 1) << 20
          AND transaction = w.ordinal OFFSET 0) o
"""


def operations(keys: Sequence[str]) -> str:
    """A query for the chain and position of each operation of which one of these columns names something that
    is withdrawn, or whose transaction is. Its parameters are those of ``withdrawn_by_name``.
    """
    return " UNION ".join([*map(_SAYING.format, keys), _WRITTEN])


def withdrawn_by_name(withdrawn: Withdrawn) -> dict[str, list[Any]]:
    """What is withdrawn, as parameters of a statement."""
    return {
        "keys": [bytes(each) for each in withdrawn.contents],
        "chains": [each.chain_id for each in withdrawn.transactions],
        "heights": [each.height for each in withdrawn.transactions],
        "ordinals": [each.ordinal for each in withdrawn.transactions],
    }


# The records of which any version says so.
_AFFECTED = f"""
    WITH said AS MATERIALIZED ({operations(_ALL)})
    SELECT r.chain_id, r.generation, r.position, r.prompt_id FROM said s
    JOIN indexer_generation g ON g.chain_id = s.chain_id CROSS JOIN LATERAL (
        SELECT chain_id, generation, prompt_id FROM indexer_revision
        WHERE chain_id = s.chain_id AND generation = g.generation AND position = s.position AND kind < 3
        OFFSET 0) v JOIN LATERAL (
        SELECT chain_id, generation, position, prompt_id FROM indexer_record
        WHERE chain_id = v.chain_id AND generation = v.generation AND prompt_id >= v.prompt_id
        ORDER BY prompt_id LIMIT 1) r ON r.prompt_id = v.prompt_id
"""
# Those whose units hold a text within a result, which no operation's row names.
_HOLDING = """
    WITH holding AS MATERIALIZED (SELECT id FROM indexer_searchunit WHERE words @@ %(query)s::tsquery)
    SELECT r.chain_id, r.generation, r.position, n.prompt_id FROM holding u CROSS JOIN LATERAL (
        SELECT chain_id, generation, position FROM indexer_searchrecord WHERE ever = u.id
        UNION
        SELECT chain_id, generation, position FROM indexer_searchrecord
        WHERE first = u.id AND first IS NOT NULL
        UNION
        SELECT chain_id, generation, position FROM indexer_searchrecord
        WHERE now = u.id AND now IS NOT NULL
    ) r CROSS JOIN LATERAL (
        SELECT position, prompt_id FROM indexer_record
        WHERE chain_id = r.chain_id AND generation = r.generation AND position >= r.position
        ORDER BY position LIMIT 1) n WHERE n.position = r.position
"""


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """A record of a generation."""

    chain_id: int
    generation: int
    position: int
    prompt_id: int


def records(cursor: CursorWrapper, withdrawn: Withdrawn) -> list[Saying]:
    """The records of all generations that say one of these contents, by whichever of their versions, or that
    these transactions wrote.
    """
    cursor.execute(_AFFECTED, withdrawn_by_name(withdrawn))
    return sorted({Saying(*row) for row in cursor.fetchall()})


def records_in_any_part(cursor: CursorWrapper, withdrawn: Withdrawn) -> list[Saying]:
    """The same, and those that hold one of these contents within a result, as far as search has read them."""
    found = set(records(cursor, withdrawn))
    if keys := [bytes(each) for each in withdrawn.contents]:
        # Rows look cheap to walk, since their words lie apart: they are not.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_HOLDING, {"query": search_units.query_of_keys(keys)})
        found.update(Saying(*row) for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return sorted(found)
