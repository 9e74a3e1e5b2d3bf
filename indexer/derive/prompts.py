"""Prompts: the records that answer the same messages, whatever the seed, and how far their answers agree.

A cohort are those with the same seed, model and provider too. Groups count by prompt and seed for the lists
of records, and the finer counts here cannot be read from those; how a revision changes them is read in the
same way (``revised``). Answers are told apart by the key of all that they say, as there.

An answer that was ever given keeps its row, for a reader is shown all that the chain saw. Records only ever
give more first answers, and an answer's number is the position that gave it first: so the commonest of a
cohort is that of before, or one that a range adds to. Only what a range touches is read or written.

A record agrees with its peers, the others of its cohort, where one of them first gave the same answer. So the
second record of a cohort makes the first one compared, the second of an answer the first one agreeing, and a
later one changes no other: unlike those that give the commonest answer, which may change all at once.
"""

from django.db.backends.utils import CursorWrapper

from indexer.derive.derivation import Derivation, PositionRange
from indexer.derive.revised import DAY_OF, PLACED, SAID
from indexer.models import (
    Agreement,
    AgreementDay,
    AnswerScout,
    Asked,
    AskedAnswer,
    Cohort,
    CohortAnswer,
    DerivationCheckpoint,
    Presence,
)

_STAGED = """
    chain_id int2, generation int2, prompt bytea, seed int8, model_id int8, provider_id int8, scout int8,
    prompt_id int8, added int8, at int8, answer bytea, said int, first int, now int, edited int, deleted int
"""
_STAGE = f"""
    CREATE TEMP TABLE IF NOT EXISTS staged_said ({_STAGED}) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS staged_numbered ({_STAGED}, asked int8, number int8, cohort int8)
    ON COMMIT DELETE ROWS;
    TRUNCATE staged_said, staged_numbered
"""
# What each revision says, and what it takes back: the answer of the revision before it. That a record was
# edited or deleted is counted beside the answer that it gave first.
_CHANGED = f"""
    INSERT INTO staged_said
    WITH {PLACED}, said AS MATERIALIZED (
        SELECT *, position AS at, 1 AS said, (kind = 1)::int AS first, 1 AS now, 0 AS edited, 0 AS deleted
        FROM placed WHERE kind < 3
        UNION ALL
        SELECT *, coalesce(edited_at, added), 0, 0, -1, 0, 0 FROM placed WHERE kind > 1
        UNION ALL
        SELECT *, added, 0, 0, 0,
               CASE WHEN kind = 2 THEN (edited_at IS NULL)::int ELSE - (edited_at IS NOT NULL)::int END,
               (kind > 2)::int
        FROM placed WHERE kind > 1
    )
    SELECT s.chain_id, s.generation, s.prompt, s.seed, s.model_id, s.provider_id, s.scout, s.prompt_id,
           s.added, s.at, {SAID}, s.said, s.first, s.now, s.edited, s.deleted
    FROM said s JOIN indexer_operation o ON o.chain_id = s.chain_id AND o.position = s.at
    JOIN indexer_generation g ON g.chain_id = s.chain_id AND g.generation = s.generation
"""
_BEGIN_ASKED = """
    INSERT INTO indexer_asked (chain_id, generation, prompt, number, newest, records, live, edited, answers,
                               answers_now, answers_ever, cohorts, paired, differing)
    SELECT chain_id, generation, prompt, min(prompt_id), max(added), 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM staged_said GROUP BY 1, 2, 3 ORDER BY 4
    ON CONFLICT (chain_id, generation, prompt)
    DO UPDATE SET newest = greatest(indexer_asked.newest, excluded.newest)
"""
_BEGIN_ANSWERS = """
    INSERT INTO indexer_askedanswer
        (chain_id, generation, asked, answer, number, said, first, now, edited, deleted, scouts)
    SELECT s.chain_id, s.generation, a.number, s.answer, min(s.at), 0, 0, 0, 0, 0, 0
    FROM staged_said s JOIN indexer_asked a USING (chain_id, generation, prompt)
    WHERE s.said > 0 GROUP BY 1, 2, 3, 4 ORDER BY 5
    ON CONFLICT (chain_id, generation, asked, answer) DO NOTHING
"""
_BEGIN_COHORTS = """
    INSERT INTO indexer_cohort (chain_id, generation, asked, seed, model_id, provider_id, number, commonest,
                                records, live, answers, most)
    SELECT s.chain_id, s.generation, a.number, s.seed, s.model_id, s.provider_id, min(s.prompt_id),
           0, 0, 0, 0, 0
    FROM staged_said s JOIN indexer_asked a USING (chain_id, generation, prompt)
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7
    ON CONFLICT (chain_id, generation, asked, seed, model_id, provider_id) DO NOTHING
"""
_NUMBER = """
    INSERT INTO staged_numbered
    SELECT s.*, a.number, n.number, c.number
    FROM staged_said s
    JOIN indexer_asked a
      ON a.chain_id = s.chain_id AND a.generation = s.generation AND a.prompt = s.prompt
    JOIN indexer_askedanswer n
      ON n.chain_id = s.chain_id AND n.generation = s.generation AND n.asked = a.number
     AND n.answer = s.answer
    JOIN indexer_cohort c
      ON c.chain_id = s.chain_id AND c.generation = s.generation AND c.asked = a.number
     AND c.seed = s.seed AND c.model_id = s.model_id AND c.provider_id = s.provider_id
"""
# What is staged is joined with itself: without statistics row by row.
_LOOK = "ANALYZE staged_numbered"
# In these, everything is read from one snapshot, in which the tables still hold what was before.
_ANSWERS = """
    WITH changed AS MATERIALIZED (
        SELECT chain_id, generation, prompt, asked, answer, sum(said) AS said, sum(first) AS first,
               sum(now) AS now, sum(edited) AS edited, sum(deleted) AS deleted
        FROM staged_numbered GROUP BY 1, 2, 3, 4, 5
    ), before AS MATERIALIZED (
        SELECT c.*, n.said AS was_said, n.first AS was_first, n.now AS was_now
        FROM changed c JOIN indexer_askedanswer n USING (chain_id, generation, asked, answer)
    ), counted AS (
        UPDATE indexer_askedanswer n
        SET said = n.said + b.said, first = n.first + b.first, now = n.now + b.now,
            edited = n.edited + b.edited, deleted = n.deleted + b.deleted
        FROM before b
        WHERE n.chain_id = b.chain_id AND n.generation = b.generation AND n.asked = b.asked
          AND n.answer = b.answer
    ), moved AS MATERIALIZED (
        SELECT chain_id, generation, prompt, sum(first) AS records, sum(now) AS live, sum(edited) AS edited,
               sum((was_first + first > 0)::int - (was_first > 0)::int) AS answers,
               sum((was_now + now > 0)::int - (was_now > 0)::int) AS answers_now,
               sum((was_said + said > 0)::int - (was_said > 0)::int) AS answers_ever
        FROM before GROUP BY 1, 2, 3
    )
    UPDATE indexer_asked a
    SET records = a.records + m.records, live = a.live + m.live, edited = a.edited + m.edited,
        answers = a.answers + m.answers, answers_now = a.answers_now + m.answers_now,
        answers_ever = a.answers_ever + m.answers_ever
    FROM moved m
    WHERE a.chain_id = m.chain_id AND a.generation = m.generation AND a.prompt = m.prompt
"""
_SCOUTS = """
    WITH given AS MATERIALIZED (
        SELECT DISTINCT chain_id, generation, asked, answer, number, scout
        FROM staged_numbered WHERE said > 0
    ), added AS (
        INSERT INTO indexer_answerscout (chain_id, generation, number, scout)
        SELECT chain_id, generation, number, scout FROM given ORDER BY number, scout
        ON CONFLICT (chain_id, generation, number, scout) DO NOTHING
        RETURNING chain_id, generation, number, scout
    ), counted AS MATERIALIZED (
        SELECT chain_id, generation, asked, answer, count(*) AS scouts
        FROM added JOIN given USING (chain_id, generation, number, scout) GROUP BY 1, 2, 3, 4
    )
    UPDATE indexer_askedanswer n SET scouts = n.scouts + c.scouts
    FROM counted c
    WHERE n.chain_id = c.chain_id AND n.generation = c.generation AND n.asked = c.asked
      AND n.answer = c.answer
"""
# Before cohorts and their answers are counted: how many there were says who is compared or agrees only now.
_AGREEMENT = f"""
    WITH given AS MATERIALIZED (
        SELECT chain_id, generation, asked, seed, model_id, provider_id, cohort, number, scout, added
        FROM staged_numbered WHERE first > 0
    ), cohorts AS MATERIALIZED (
        SELECT g.chain_id, g.generation, g.cohort, g.model_id, g.provider_id, h.records AS was,
               count(*) AS more
        FROM given g JOIN indexer_cohort h USING (chain_id, generation, asked, seed, model_id, provider_id)
        GROUP BY 1, 2, 3, 4, 5, 6
    ), answers AS MATERIALIZED (
        SELECT g.chain_id, g.generation, g.cohort, g.number, g.model_id, g.provider_id,
               coalesce(a.first, 0) AS was, a.position, count(*) AS more
        FROM given g LEFT JOIN indexer_cohortanswer a USING (chain_id, generation, number, cohort)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ), changed AS MATERIALIZED (
        SELECT g.chain_id, g.generation, g.model_id, g.provider_id, g.scout, g.added AS position,
               (c.was + c.more > 1)::int AS compared, (a.was + a.more > 1)::int AS agreeing
        FROM given g JOIN cohorts c USING (chain_id, generation, cohort)
        JOIN answers a USING (chain_id, generation, cohort, number)
        UNION ALL
        SELECT c.chain_id, c.generation, c.model_id, c.provider_id, r.scout, r.position, 1, 0
        FROM cohorts c JOIN indexer_record r
          ON r.chain_id = c.chain_id AND r.generation = c.generation AND r.prompt_id = c.cohort
        WHERE c.was = 1
        UNION ALL
        SELECT a.chain_id, a.generation, a.model_id, a.provider_id, r.scout, r.position, 0, 1
        FROM answers a JOIN indexer_record r
          ON r.chain_id = a.chain_id AND r.generation = a.generation AND r.position = a.position
        WHERE a.was = 1
    ), named AS MATERIALIZED (
        SELECT c.chain_id, c.generation, n.of, n.key, {DAY_OF} AS day, sum(c.compared) AS compared,
               sum(c.agreeing) AS agreeing
        FROM changed c JOIN indexer_block b ON b.chain_id = c.chain_id AND b.height = c.position >> 20
        CROSS JOIN LATERAL (VALUES
            ({Agreement.ALL}, 0::bigint),
            ({Presence.Of.MODEL.value}, c.model_id::bigint),
            ({Presence.Of.PROVIDER.value}, c.provider_id::bigint),
            ({Presence.Of.SCOUT.value}, c.scout)) AS n (of, key)
        WHERE c.compared + c.agreeing > 0
        GROUP BY 1, 2, 3, 4, 5
    ), counted AS (
        INSERT INTO indexer_agreement AS t (chain_id, generation, of, key, compared, agreeing)
        SELECT chain_id, generation, of, key, sum(compared), sum(agreeing)
        FROM named GROUP BY 1, 2, 3, 4 ORDER BY 3, 4
        ON CONFLICT (chain_id, generation, of, key) DO UPDATE SET
            compared = t.compared + excluded.compared, agreeing = t.agreeing + excluded.agreeing
    )
    INSERT INTO indexer_agreementday AS t (chain_id, generation, of, key, day, compared, agreeing)
    SELECT chain_id, generation, of, key, day, compared, agreeing
    FROM named ORDER BY of, key, day
    ON CONFLICT (chain_id, generation, of, key, day) DO UPDATE SET
        compared = t.compared + excluded.compared, agreeing = t.agreeing + excluded.agreeing
"""
_COHORT_ANSWERS = """
    INSERT INTO indexer_cohortanswer AS a
        (chain_id, generation, number, cohort, model_id, provider_id, first, now, position)
    SELECT chain_id, generation, number, cohort, model_id, provider_id, sum(first), sum(now),
           min(added) FILTER (WHERE first > 0)
    FROM staged_numbered GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 3, 4
    ON CONFLICT (chain_id, generation, number, cohort) DO UPDATE SET
        first = a.first + excluded.first, now = a.now + excluded.now,
        position = least(a.position, excluded.position)
"""
_COHORTS = """
    WITH changed AS MATERIALIZED (
        SELECT chain_id, generation, prompt, asked, seed, model_id, provider_id, cohort,
               sum(first) AS more, sum(now) AS live
        FROM staged_numbered GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ), before AS MATERIALIZED (
        SELECT c.*, h.records AS was, h.most AS was_most, h.commonest
        FROM changed c
        JOIN indexer_cohort h USING (chain_id, generation, asked, seed, model_id, provider_id)
    ), given AS MATERIALIZED (
        SELECT chain_id, generation, cohort, number, sum(first) AS first
        FROM staged_numbered WHERE first > 0 GROUP BY 1, 2, 3, 4
    ), rivals AS MATERIALIZED (
        SELECT chain_id, generation, cohort, number, first FROM given
        UNION ALL
        SELECT chain_id, generation, cohort, commonest, 0 FROM before WHERE was > 0
    ), best AS MATERIALIZED (
        SELECT DISTINCT ON (chain_id, generation, cohort)
               chain_id, generation, cohort, r.number, a.first AS most,
               sum((r.first = a.first)::int) OVER (PARTITION BY chain_id, generation, cohort) AS answers
        FROM rivals r JOIN indexer_cohortanswer a USING (chain_id, generation, cohort, number)
        ORDER BY chain_id, generation, cohort, a.first DESC, a.position
    ), now AS MATERIALIZED (
        SELECT b.*, n.number, n.most, n.answers
        FROM before b JOIN best n USING (chain_id, generation, cohort)
    ), counted AS (
        UPDATE indexer_cohort h
        SET records = h.records + n.more, live = h.live + n.live, answers = h.answers + n.answers,
            most = n.most, commonest = n.number
        FROM now n
        WHERE h.chain_id = n.chain_id AND h.generation = n.generation AND h.asked = n.asked
          AND h.seed = n.seed AND h.model_id = n.model_id AND h.provider_id = n.provider_id
    ), moved AS MATERIALIZED (
        SELECT chain_id, generation, prompt, sum((was = 0)::int) AS cohorts,
               sum(CASE WHEN was + more > 1 THEN was + more ELSE 0 END
                   - CASE WHEN was > 1 THEN was ELSE 0 END) AS paired,
               sum(was + more - most - (was - was_most)) AS differing
        FROM now GROUP BY 1, 2, 3
    )
    UPDATE indexer_asked a
    SET cohorts = a.cohorts + m.cohorts, paired = a.paired + m.paired, differing = a.differing + m.differing
    FROM moved m
    WHERE a.chain_id = m.chain_id AND a.generation = m.generation AND a.prompt = m.prompt
"""


def step(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Add what a range holds to the prompts."""
    if positions.first >= positions.end:
        return
    cursor.execute(_STAGE)
    cursor.execute(_CHANGED, positions.named)
    for statement in (
        _BEGIN_ASKED, _BEGIN_ANSWERS, _BEGIN_COHORTS, _NUMBER, _LOOK, _ANSWERS, _SCOUTS, _AGREEMENT,
        _COHORT_ANSWERS, _COHORTS,
    ):  # fmt: skip
        cursor.execute(statement)


DERIVATION = Derivation(
    name=DerivationCheckpoint.Of.PROMPTS.value,
    lock=4,
    tables=(Asked, AskedAnswer, AnswerScout, Cohort, CohortAnswer, Agreement, AgreementDay),
    step=step,
    remake=None,
)
