"""What the clauses of a line name: names by their ids, and records by transactions. Looked up for all clauses
and chains at once, since a line may have a hundred of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any as Anything

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import pieces
from explorer.queries.db.sql import Row
from explorer.search.tree import Clause, Digits, Named, Node, leaves
from indexer.models import Name
from indexer.store.names import hash_of

MOST_NAMES = 1_000
"""Names that a pattern may fit to be asked for by their ids."""

Rows = Callable[[str, Mapping[str, Anything]], Sequence[Row]]
"""The rows of a statement, as ``sql.rows`` gives them."""

_KINDS = {"model": Name.Kind.MODEL, "provider": Name.Kind.PROVIDER}
_DIGITS = 64

_EXACT = """
    SELECT w.number, ARRAY(SELECT id FROM indexer_name WHERE kind = w.kind AND hash = w.hash)
    FROM unnest(%(kinds)s::smallint[], %(hashes)s::bytea[]) WITH ORDINALITY AS w (kind, hash, number)
"""
# As bytes: PostgreSQL takes not all names as text.
_LIKE = """
    SELECT w.number, ARRAY(
        SELECT id FROM indexer_name
        WHERE kind = w.kind AND coalesce(convert_to(text, 'UTF8'), raw) LIKE w.pattern
        ORDER BY id LIMIT %(most)s)
    FROM unnest(%(kinds)s::smallint[], %(patterns)s::bytea[]) WITH ORDINALITY AS w (kind, pattern, number)
"""
# Each part is fenced: while tables are young, all revisions would be looked through for a transaction.
OF_TRANSACTIONS = """
    WITH t AS MATERIALIZED (
        SELECT w.number, t.* FROM unnest(%(lows)s::bytea[], %(highs)s::bytea[])
            WITH ORDINALITY AS w (low, high, number)
        CROSS JOIN LATERAL (
            SELECT chain_id, height, ordinal FROM indexer_transaction
            WHERE substr(rid, 1, 6) BETWEEN substr(w.low, 1, 6) AND substr(w.high, 1, 6)
              AND rid BETWEEN w.low AND w.high OFFSET 0) t),
    o AS MATERIALIZED (
        SELECT t.number, h.id AS chain_id, h.generation, o.position
        FROM t JOIN indexer_chain h ON h.id = t.chain_id AND h.id = ANY(%(chains)s)
        CROSS JOIN LATERAL (
            SELECT position FROM indexer_operation
            WHERE chain_id = t.chain_id AND position >= t.height << 20
              AND position < (t.height + 1) << 20 AND transaction = t.ordinal OFFSET 0) o)
    SELECT DISTINCT o.number, o.chain_id, v.prompt_id FROM o CROSS JOIN LATERAL (
        SELECT prompt_id FROM indexer_revision
        WHERE chain_id = o.chain_id AND generation = o.generation AND position = o.position OFFSET 0) v
    ORDER BY 1, 2, 3
"""
"""The records of transactions whose RIDs lie from ``lows`` to ``highs``."""


@dataclass(frozen=True, slots=True)
class Known:
    """``names`` are the ids of the names that ``model:`` or ``provider:`` means, in order; None where they
    are more than ``MOST_NAMES``. ``records`` are, by chain and clause, the ids of the records that
    transactions with such a RID wrote, changed or deleted.
    """

    names: Mapping[Clause, Sequence[int] | None] = field(default_factory=dict)
    records: Mapping[tuple[int, Clause], Sequence[int]] = field(default_factory=dict)

    def ids(self, clause: Clause, chain: ChainView) -> Sequence[int] | None:
        """What the clause means on this chain; empty where there is no such, None where it is not told by
        ids.
        """
        if isinstance(clause.value, Named):
            return self.names[clause]
        if clause.key == "tx":
            return self.records.get((chain.id, clause), ())
        return None


def known_of(tree: Node, chains: Sequence[ChainView], rows: Rows = sql.rows) -> Known:
    """What is named in a line. Three queries at most, none where nothing is."""
    clauses = list(dict.fromkeys(each for each in leaves(tree) if isinstance(each, Clause)))
    named = [each for each in clauses if isinstance(each.value, Named)]
    transactions = [each for each in clauses if each.key == "tx" and isinstance(each.value, Digits)]
    return Known(names_of(named, rows), _records_of(transactions, chains, rows))


def names_of(clauses: Iterable[Clause], rows: Rows = sql.rows) -> Mapping[Clause, Sequence[int] | None]:
    """The ids that ``Known.names`` has of these clauses. One query for names, one for patterns."""
    between = {each: _pieces(each) for each in clauses}
    exact = [each for each, parts in between.items() if len(parts) == 1]
    patterns = [each for each, parts in between.items() if len(parts) > 1]
    found: dict[Clause, Sequence[int] | None] = {}
    if exact:
        hashes = [hash_of(between[each][0]) for each in exact]
        named = rows(_EXACT, {"kinds": _kinds(exact), "hashes": hashes})
        found |= {exact[number - 1]: ids for number, ids in named}
    if patterns:
        likes = ["%".join(map(_unlike, between[each])).encode("utf-8", "surrogatepass") for each in patterns]
        asked = {"kinds": _kinds(patterns), "patterns": likes, "most": MOST_NAMES + 1}
        found |= {
            patterns[number - 1]: ids if len(ids) <= MOST_NAMES else None
            for number, ids in rows(_LIKE, asked)
        }
    return found


def _records_of(
    clauses: Sequence[Clause], chains: Sequence[ChainView], rows: Rows
) -> Mapping[tuple[int, Clause], Sequence[int]]:
    if not clauses:
        return {}
    heads = [each.value.head for each in clauses if isinstance(each.value, Digits)]
    asked = {
        "lows": [bytes.fromhex(each.ljust(_DIGITS, "0")) for each in heads],
        "highs": [bytes.fromhex(each.ljust(_DIGITS, "F")) for each in heads],
        "chains": [each.id for each in chains],
    }
    found: dict[tuple[int, Clause], list[int]] = defaultdict(list)
    for number, chain_id, prompt_id in rows(OF_TRANSACTIONS, asked):
        found[chain_id, clauses[number - 1]].append(prompt_id)
    return found


def _pieces(clause: Clause) -> Sequence[str]:
    assert isinstance(clause.value, Named)
    return pieces(clause.value.pattern)


def _kinds(clauses: Iterable[Clause]) -> list[int]:
    return [_KINDS[each.key].value for each in clauses]


def _unlike(text: str) -> str:
    """A text in which nothing means anything to LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
