"""Groups: the records that answer the same messages with the same seed, and how far their answers agree.

Answers are told apart by the key of all that they say, which is that of their text where they say no more.

Each revision changes how many records of its group gave an answer first, and give it now. Only what a range
touches is read or written, however large a group is.
"""

from django.db.backends.utils import CursorWrapper

from indexer.derive import checkpoints
from indexer.derive.derivation import Derivation, PositionRange
from indexer.derive.revised import PLACED, SAID
from indexer.models import Count, DerivationCheckpoint, Group, GroupAnswer

_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS staged_change
    (chain_id int2, generation int2, prompt bytea, seed int8, answer bytea, prompt_id int8, first int,
     now int) ON COMMIT DELETE ROWS
"""
# What each revision says, and what it takes back: the answer of the revision before it.
_CHANGED = f"""
    INSERT INTO staged_change (chain_id, generation, prompt, seed, prompt_id, first, now, answer)
    WITH {PLACED}, said AS MATERIALIZED (
        SELECT *, position AS at, (kind = 1)::int AS first, 1 AS now FROM placed WHERE kind < 3
        UNION ALL
        SELECT *, coalesce(edited_at, added), 0, -1 FROM placed WHERE kind > 1
    )
    SELECT s.chain_id, s.generation, s.prompt, s.seed, min(s.prompt_id), sum(s.first), sum(s.now),
           {SAID}
    FROM said s JOIN indexer_operation o ON o.chain_id = s.chain_id AND o.position = s.at
    JOIN indexer_generation g ON g.chain_id = s.chain_id AND g.generation = s.generation
    GROUP BY 1, 2, 3, 4, 8
"""
_BEGIN_GROUPS = """
    INSERT INTO indexer_group
        (chain_id, generation, number, prompt, seed, records, live, answers, answers_now)
    SELECT chain_id, generation, min(prompt_id), prompt, seed, 0, 0, 0, 0
    FROM staged_change GROUP BY chain_id, generation, prompt, seed ORDER BY 3
    ON CONFLICT (chain_id, generation, prompt, seed) DO NOTHING
"""
# Everything is read from one snapshot, in which the tables still hold what was before.
_WRITE = """
    WITH numbered AS MATERIALIZED (
        SELECT c.*, g.number, g.records, g.answers
        FROM staged_change c JOIN indexer_group g USING (chain_id, generation, prompt, seed)
    ), before AS MATERIALIZED (
        SELECT n.*, coalesce(a.first, 0) AS was_first, coalesce(a.now, 0) AS was_now
        FROM numbered n LEFT JOIN indexer_groupanswer a USING (chain_id, generation, number, answer)
    ), forgotten AS (
        DELETE FROM indexer_groupanswer a USING before b
        WHERE a.chain_id = b.chain_id AND a.generation = b.generation AND a.number = b.number
          AND a.answer = b.answer AND b.was_first + b.first = 0 AND b.was_now + b.now = 0
    ), said AS (
        INSERT INTO indexer_groupanswer (chain_id, generation, number, answer, first, now)
        SELECT chain_id, generation, number, answer, was_first + first, was_now + now
        FROM before WHERE was_first + first > 0 OR was_now + now > 0 ORDER BY number, answer
        ON CONFLICT (chain_id, generation, number, answer)
        DO UPDATE SET first = excluded.first, now = excluded.now
    ), moved AS MATERIALIZED (
        SELECT chain_id, generation, prompt, seed, records, answers, sum(first) AS more, sum(now) AS live,
               sum((was_first + first > 0)::int - (was_first > 0)::int) AS first_said,
               sum((was_now + now > 0)::int - (was_now > 0)::int) AS now_said
        FROM before GROUP BY chain_id, generation, prompt, seed, records, answers
    ), counted AS (
        UPDATE indexer_group g SET records = g.records + m.more, live = g.live + m.live,
               answers = g.answers + m.first_said, answers_now = g.answers_now + m.now_said
        FROM moved m
        WHERE g.chain_id = m.chain_id AND g.generation = m.generation
          AND g.prompt = m.prompt AND g.seed = m.seed
    )
    SELECT count(*) FILTER (WHERE records = 0),
           count(*) FILTER (WHERE records + more > 1) - count(*) FILTER (WHERE records > 1),
           count(*) FILTER (WHERE records + more > 1 AND answers + first_said = 1)
           - count(*) FILTER (WHERE records > 1 AND answers = 1)
    FROM moved
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the groups."""
    if positions.first >= positions.end:
        return
    cursor.execute(_STAGE)
    cursor.execute("TRUNCATE staged_change")
    cursor.execute(_CHANGED, positions.named)
    cursor.execute(_BEGIN_GROUPS)
    cursor.execute(_WRITE)
    groups, shared, alike = cursor.fetchone()
    counts = {Count.Of.GROUPS: groups, Count.Of.SHARED: shared, Count.Of.ALIKE: alike}
    checkpoints.add(cursor, positions, {of.value: count for of, count in counts.items()})


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.GROUPS.value,
    lock=1,
    tables=(Group, GroupAnswer),
    counts=(Count.Of.GROUPS, Count.Of.SHARED, Count.Of.ALIKE),
    step=step,
    remake=None,
)
