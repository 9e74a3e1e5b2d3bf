"""Who is to be compared anew since a text stands for another record, or for none (``check_likeness``): those
who share a band with it, which may be very many, a few in each step.

Of each band it is kept how far that is: its texts in the order of the records that they stand for, and of
each text the records that give it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from indexer.derive import check_likeness, check_tallies
from indexer.derive.check_kin import IN_ORDER, Member
from indexer.derive.check_likeness import Texts, with_among
from indexer.derive.check_tallies import Moves
from indexer.derive.derivation import PositionRange
from indexer.store import suppression

AT_ONCE = 250
"""Records that a step compares."""

_BANDS_AT_ONCE = 64

_LEFT = "SELECT chain_id, generation FROM indexer_checkunsettled ORDER BY chain_id, generation LIMIT 1"
_OF = "chain_id = %(chain)s AND generation = %(generation)s"
_BANDS = f"""
    SELECT band FROM indexer_checkunsettled WHERE {_OF} ORDER BY text_of, after, band LIMIT {_BANDS_AT_ONCE}
"""
_TEXTS = f"""
    SELECT t.prompt_id, min(CASE WHEN t.prompt_id = l.text_of THEN l.after ELSE 0 END) FROM (
        SELECT * FROM indexer_checkunsettled WHERE {_OF} AND band = ANY(%(bands)s::bigint[])) l
    CROSS JOIN LATERAL (
        SELECT prompt_id FROM indexer_checkband
        WHERE {_OF} AND band = l.band AND prompt_id >= l.text_of ORDER BY prompt_id LIMIT %(most)s) t
    GROUP BY 1 ORDER BY 1 LIMIT %(most)s
"""
# By the index of keys alone: see check_kin.of_key.
_KEY = "(key, number, chain_id, generation)"
_GIVING = f"""
    SELECT k.*, w.text_of FROM unnest(%(keys)s::bytea[], %(texts_of)s::bigint[], %(afters)s::bigint[])
        AS w (key, text_of, after)
    CROSS JOIN LATERAL (
        SELECT number, prompt_id, position, key, value FROM indexer_checkkin
        WHERE {_KEY[:-1]}, prompt_id) > (w.key, %(among)s, %(chain)s, %(generation)s, w.after)
          AND {_KEY} <= (w.key, %(among)s, %(chain)s, %(generation)s)
        {IN_ORDER} LIMIT %(most)s) k
    ORDER BY w.text_of, k.prompt_id LIMIT %(most)s
"""
_MOVE = f"""
    UPDATE indexer_checkunsettled SET text_of = %(text_of)s, after = %(after)s
    WHERE {_OF} AND band = ANY(%(bands)s::bigint[]) AND (text_of, after) < (%(text_of)s, %(after)s)
"""
_SETTLED = f"DELETE FROM indexer_checkunsettled WHERE {_OF} AND band = ANY(%(bands)s::bigint[])"


@dataclass(frozen=True, slots=True)
class _Giving:
    """A record, and the one for which the text that it gives stands."""

    record: Member
    text_of: int


def left(cursor: CursorWrapper) -> tuple[int, int] | None:
    """A chain and generation of which somebody is to be compared anew."""
    cursor.execute(_LEFT)
    found: tuple[int, int] | None = cursor.fetchone()
    return found


def settle(cursor: CursorWrapper, positions: PositionRange) -> None:
    """Compare the next ones anew."""
    cursor.execute(_BANDS, positions.named)
    bands = [band for (band,) in cursor.fetchall()]
    cursor.execute(_TEXTS, {**positions.named, "bands": bands, "most": AT_ONCE})
    afters: dict[int, int] = dict(cursor.fetchall())
    standing = check_likeness.kin_of(cursor, positions, list(afters))
    giving = _giving(cursor, positions, standing, afters)
    _compare(cursor, positions, standing, giving)
    reached = _reached(list(afters), giving)
    if reached is None:
        cursor.execute(_SETTLED, {**positions.named, "bands": bands})
    else:
        text_of, after = reached
        cursor.execute(_MOVE, {**positions.named, "bands": bands, "text_of": text_of, "after": after})


def _reached(texts_of: Sequence[int], giving: Sequence[_Giving]) -> tuple[int, int] | None:
    """Up to which text and which record that gives it all is done; None where nothing follows."""
    if len(giving) == AT_ONCE:
        return giving[-1].text_of, giving[-1].record.prompt_id
    return (texts_of[-1] + 1, 0) if len(texts_of) == AT_ONCE else None


def _giving(
    cursor: CursorWrapper, positions: PositionRange, standing: Sequence[Member], afters: Mapping[int, int]
) -> Sequence[_Giving]:
    """The next records that give these texts, each by the record that it stands for, after those that
    are done.
    """
    asked: dict[str, Any] = {
        "keys": [each.key for each in standing],
        "texts_of": [each.prompt_id for each in standing],
        "afters": [afters[each.prompt_id] for each in standing],
        "most": AT_ONCE,
    }
    cursor.execute(_GIVING, {**with_among(positions), **asked})
    return [_Giving(check_likeness.member(row), text_of) for *row, text_of in cursor.fetchall()]


def _compare(
    cursor: CursorWrapper, positions: PositionRange, standing: Sequence[Member], giving: Sequence[_Giving]
) -> None:
    """Find anew what these are nearly the same as; of what cannot be read nothing is found."""
    gate, moves, texts = suppression.whole_gate(), Moves(), Texts({})
    wanted = {each.text_of for each in giving}
    read = [each for each in standing if each.prompt_id in wanted]
    check_likeness.read_texts(cursor, gate, positions, texts, read)
    here = [each.record for each in giving if each.record.key in texts.by_key]
    outcomes = check_likeness.outcomes_of(cursor, gate, positions, texts, here)
    check_likeness.say(cursor, positions, here, outcomes, moves)
    check_tallies.write(cursor, positions, moves)
