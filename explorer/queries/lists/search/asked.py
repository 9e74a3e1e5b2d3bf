"""What a tree asks of the records of one chain, as SQL: exactly, and as what a unit must at least hold.

``r`` is the record in this SQL, ``t`` its unit, with a column ``q0``, ``q1``, … for each of ``words``:
whether the unit fits it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any as Anything

from explorer.queries.chain.chains import ChainView
from explorer.queries.db.errors import BadQuestion
from explorer.queries.db.filters import Condition
from explorer.queries.lists.search import clauses, decided, tsqueries
from explorer.queries.lists.search.indexed import behind
from explorer.queries.lists.search.known import Known, known_of
from explorer.queries.records import withdrawing
from explorer.queries.records.states import DELETED
from explorer.search.tree import (
    EVERYTHING,
    All,
    Any,
    Clause,
    Digits,
    Node,
    Not,
    Numbers,
    Said,
    Source,
    Text,
    all_of,
    any_of,
    chips,
    leaves,
    said_in,
)
from indexer.words import lexemes
from indexer.words.vector import quoted

NOTHING = Any(())
"""What no record fits."""

_STANDS = Condition(f"r.status <> {DELETED}")

_MOST_OF_NAMES = 50
"""Names that units are asked for; where a pattern fits more, the records are."""

_ONE_EACH = ("scout", "seed")
"""Keys of numbers of which a record has one."""

_LEXEMES = {"model": lexemes.of_model, "provider": lexemes.of_provider}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one chain. ``words`` are text-search queries; ``of_unit`` is what the unit alone must
    fit, ``of_record`` what the record alone, one by one, ``of_both`` what neither tells alone: SQL, and empty
    where nothing is asked.

    ``loose`` is a text-search query that every unit of a match fits, None where there is none; ``is_exact``
    is whether a unit that fits it fits ``of_unit``. ``beside`` is that part of ``of_record`` which a record
    of a unit that fits it may not fulfil. ``is_impossible`` is whether no record can fit.
    """

    chain: ChainView
    said: Said
    words: Sequence[str] = ()
    of_unit: str = ""
    of_record: Sequence[Condition] = ()
    of_both: str = ""
    loose: str | None = None
    is_exact: bool = False
    beside: Sequence[Condition] = ()
    is_impossible: bool = False
    parameters: Mapping[str, Anything] = field(default_factory=dict)

    @property
    def has_words(self) -> bool:
        """Whether units have to be looked at."""
        return bool(self.words)

    def only(self, lanes: Sequence[str]) -> str:
        """SQL: what a record of these lanes alone must fit; empty where nothing is asked."""
        return _beside(self.of_record, lanes)

    def untold(self, lanes: Sequence[str]) -> str:
        """SQL: the same where its unit fits ``loose``."""
        return _beside(self.beside, lanes)

    def bounded(self, column: str) -> str:
        """SQL that follows another condition: the bounds of a position in this column."""
        bounds = "".join(f" AND {each.bounds}" for each in self.of_record if each.bounds)
        return bounds.replace("r.position", column)

    @property
    def ids(self) -> str:
        """SQL: the prompt ids among which all that is asked for is (``Condition.ids``); empty where it may be
        any.
        """
        return next((each.ids for each in self.of_record if each.ids), "")

    @property
    def slices(self) -> str:
        """SQL: the same of slices of prompt ids (``Condition.slices``)."""
        return next((each.slices for each in self.of_record if each.slices), "")

    @property
    def condition(self) -> Condition:
        """What is asked of units, as a condition on the record alone: for who looks at few records."""
        unit = f"SELECT FROM indexer_searchrecord s CROSS JOIN LATERAL ({self.fitting(self.unit)}) t"
        same = "s.chain_id = r.chain_id AND s.generation = r.generation AND s.position = r.position"
        asked = " AND ".join(each for each in (self.of_unit, self.of_both) if each)
        return Condition(
            f"EXISTS ({unit} WHERE {same} AND {asked})" if self.words else "true", self.parameters
        )

    @property
    def unit(self) -> str:
        """SQL: the unit that counts, of ``s``."""
        return "s.ever" if self.said is Said.EVER else f"coalesce(s.{self.said.value}, s.ever)"

    def fitting(self, unit: str) -> str:
        """SQL: which of the words a unit fits."""
        columns = ", ".join(f"u.words @@ %(q{each})s::tsquery AS q{each}" for each in range(len(self.words)))
        return f"SELECT {columns} FROM indexer_searchunit u WHERE u.id = {unit} OFFSET 0"


def _beside(conditions: Sequence[Condition], lanes: Sequence[str]) -> str:
    """All that is not said by the lanes."""
    left = [
        each for each in conditions if not (each.is_whole and tuple(each.few or each.lanes) == tuple(lanes))
    ]
    return " AND ".join(each.sql for each in left)


def asked_of(
    chain: ChainView, tree: Node, only: Sequence[Condition] = (), known: Known | None = None
) -> Asked:
    """What the tree asks of this chain's records, and the fields beside the line: ``Filter.conditions``.
    ``known`` is what it names; where that is not given it is looked up.
    """
    reader = _Reader(chain, known_of(tree, [chain]) if known is None else known)
    said = said_of(tree)
    if any(isinstance(each, Text) for each in leaves(tree)):
        stands = () if decided.SEARCHES_DELETED else (_STANDS,)
        only = [*only, *stands, *withdrawing.settled(chain)]
    resolved = reader.resolved(tree)
    if resolved == NOTHING:
        return Asked(chain, said, is_impossible=True)
    parts: dict[str, list[Node]] = {"unit": [], "record": [], "both": []}
    for each in chips(resolved):
        parts[_about(each)].append(each)
    of_unit, of_both = (
        reader.sql(all_of(parts[name], Source())) if parts[name] else "" for name in ("unit", "both")
    )
    conditions = list(map(reader.condition, parts["record"]))
    told = map(reader.is_told, parts["record"])
    beside = [each for each, is_told in zip(conditions, told, strict=True) if not is_told]
    of_record = [*conditions, *only]
    loose = reader.loose(resolved)
    if loose is not None and not reader.words and behind([chain]):
        loose = None  # names lead to their records without units too
    return Asked(
        chain=chain,
        said=said,
        words=tuple(reader.words),
        of_unit=of_unit,
        of_record=of_record,
        of_both=of_both,
        loose=None if loose is None else tsqueries.both([loose, quoted(lexemes.of_chain(chain.id))]),
        is_exact=all(_is_plain(each) for each in parts["unit"]),
        beside=[*beside, *only],
        parameters={
            **reader.parameters,
            **{name: value for each in of_record for name, value in each.parameters.items()},
        },
    )


def said_of(tree: Node) -> Said:
    """Which versions of an answer are searched. Raises ``BadQuestion`` for those that are not, here."""
    if decided.SEARCHES_DELETED:
        return said_in(tree)
    if (
        any(isinstance(each, Clause) and each.key == "said" for each in chips(tree))
        and said_in(tree) != Said.NOW
    ):
        raise BadQuestion(
            "This site searches answers as they stand alone: leave said: out, or ask for said:now."
        )
    return Said.NOW


def _about(node: Node) -> str:
    """What it is asked of."""
    kinds = {isinstance(each, Text) for each in leaves(node)}
    return "both" if len(kinds) > 1 else "unit" if True in kinds else "record"


def _is_plain(node: Node) -> bool:
    """Whether it is single words, of which all or one are there: what units are asked for exactly."""
    if isinstance(node, Text):
        return tsqueries.is_exact(node)
    return isinstance(node, All | Any) and all(_is_plain(each) for each in node.nodes)


def _is_contradiction(nodes: Iterable[Node]) -> bool:
    """Whether these ask one record for two scouts, or two seeds."""
    asked: dict[str, int | None] = {}
    for each in nodes:
        if isinstance(each, Clause) and each.key in _ONE_EACH and isinstance(each.value, Numbers):
            numbers = each.value
            if numbers.low == numbers.high and asked.setdefault(each.key, numbers.low) != numbers.low:
                return True
    return False


class _Reader:
    """Reads a tree for one chain; ``words`` and ``parameters`` grow with what is read."""

    def __init__(self, chain: ChainView, known: Known) -> None:
        self.words: list[str] = []
        self.parameters: dict[str, Anything] = {}
        self._chain = chain
        self._known = known
        self._named = 0

    def resolved(self, node: Node) -> Node:
        """The tree without what is known of this chain beforehand: what it is called, which names there are,
        and what a transaction did.
        """
        if isinstance(node, Text):
            return node
        if isinstance(node, Clause):
            return self._resolved_clause(node)
        if isinstance(node, Not):
            inner = self.resolved(node.node)
            return NOTHING if inner == EVERYTHING else EVERYTHING if inner == NOTHING else Not(inner)
        nodes = [self.resolved(each) for each in node.nodes]
        if isinstance(node, All):
            return NOTHING if NOTHING in nodes or _is_contradiction(nodes) else all_of(nodes, Source())
        return EVERYTHING if EVERYTHING in nodes else any_of(nodes, Source())

    def _resolved_clause(self, clause: Clause) -> Node:
        if clause.key == "said":
            return EVERYTHING
        if clause.key == "chain" and isinstance(clause.value, Digits):
            return EVERYTHING if clauses.is_of(self._chain, clause.value) else NOTHING
        ids = self._known.ids(clause, self._chain)
        return clause if ids is None or ids else NOTHING

    def sql(self, node: Node) -> str:
        """The tree as a condition. Words that stand together are asked for together."""
        if all(isinstance(each, Text) for each in leaves(node)):
            return self._asked_for(tsqueries.strict(node))
        if isinstance(node, Clause):
            return self._clause(node).sql
        if isinstance(node, Not):
            return f"({self.sql(node.node)}) IS NOT TRUE"
        assert isinstance(node, All | Any)
        worded = tuple(each for each in node.nodes if _about(each) == "unit")
        others = [each for each in node.nodes if each not in worded]
        joined = [type(node)(worded)] if worded else []
        operator = " AND " if isinstance(node, All) else " OR "
        return f"({operator.join(self.sql(each) for each in (*others, *joined))})"

    def _asked_for(self, words: str) -> str:
        if words not in self.words:
            self.words.append(words)
        number = self.words.index(words)
        self.parameters[f"q{number}"] = words
        return f"t.q{number}"

    def condition(self, node: Node) -> Condition:
        """What is asked of the record alone."""
        return self._clause(node) if isinstance(node, Clause) else Condition(self.sql(node))

    def _clause(self, clause: Clause) -> Condition:
        self._named += 1
        name = f"clause_{self._named}"
        ids = self._known.ids(clause, self._chain)
        found = (
            clauses.condition(clause, name, self._chain)
            if ids is None
            else clauses.of_ids(clause.key, ids, name)
        )
        self.parameters.update(found.parameters)
        return found

    def is_told(self, node: Node) -> bool:
        """Whether a unit has lexemes for just this: it is of one model and one provider."""
        if isinstance(node, All | Any):
            return all(map(self.is_told, node.nodes))
        return isinstance(node, Clause) and self._lexemes(node) is not None

    def loose(self, node: Node, *, is_negated: bool = False) -> str | None:
        """What every unit of a match fits; None where any may."""
        if isinstance(node, Not):
            return self.loose(node.node, is_negated=not is_negated)
        if isinstance(node, All | Any):
            found = [self.loose(each, is_negated=is_negated) for each in node.nodes]
            known = [each for each in found if each is not None]
            if isinstance(node, All) is not is_negated:
                return tsqueries.both(known) if known else None
            return tsqueries.either(known) if known and len(known) == len(found) else None
        if is_negated:
            return None
        if isinstance(node, Text):
            return tsqueries.necessary(node)
        return self._lexemes(node)

    def _lexemes(self, clause: Clause) -> str | None:
        """The units of what the clause names; None where they have no lexemes for that."""
        ids = self._known.ids(clause, self._chain) or ()
        if clause.key not in _LEXEMES or not 0 < len(ids) <= _MOST_OF_NAMES:
            return None
        return tsqueries.either(quoted(_LEXEMES[clause.key](each)) for each in ids)
