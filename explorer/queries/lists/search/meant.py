"""What a query line may have been meant to ask, where it asks something else or finds nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TypeGuard

from explorer.queries.chain.chains import ChainView
from explorer.queries.db import sql
from explorer.queries.db.kinds import exactly
from explorer.queries.lists.search.clauses import is_of
from explorer.queries.lists.search.deadline import Deadline, OutOfTime, bounded
from explorer.queries.lists.search.known import names_of
from explorer.search.faults import NotUnderstood
from explorer.search.keys import ALL_KEYS
from explorer.search.parsing import parse
from explorer.search.tree import Clause, Digits, Named, Node, Side, Source, Text, all_of, chips, leaves
from explorer.search.writing import canonical
from indexer.models import Name
from indexer.store.names import hash_of

SECONDS = 0.1
"""As long as names are looked up: who is not told of others by then is told of none."""

_KINDS = {Name.Kind.MODEL.value: "model", Name.Kind.PROVIDER.value: "provider"}
_OF_THIS_NAME = "SELECT kind FROM indexer_name WHERE hash = %(hash)s AND kind = ANY(%(kinds)s) ORDER BY kind"


class Why(Enum):
    """Why something else may have been meant."""

    KEY_APART = "a key apart from its value, which makes it a word"
    ALSO_A_NAME = "words that are a name too"
    NO_SUCH_NAME = "a name that nothing has, and that others begin with"
    NO_SUCH_CHAIN = "a chain that is not among these"


@dataclass(frozen=True, slots=True)
class Meant:
    """What it is about, as it stands in the line; its key, and the line that may have been meant, or None."""

    why: Why
    about: str
    key: str
    tree: Node | None = None

    @property
    def line(self) -> str:
        """The line that may have been meant; empty where none is known."""
        return "" if self.tree is None else canonical(self.tree)


def meant(tree: Node, chains: Sequence[ChainView], *, is_empty: bool) -> Sequence[Meant]:
    """All that may have been meant. ``is_empty`` is whether the line finds nothing in these chains: what else
    it may be is looked up then. A query for a single word, and two more for names.
    """
    found = [*_keys_apart(tree), *_names(tree)]
    if is_empty:
        found += [*_beginnings(tree), *_chains(tree, chains)]
    return found


def _keys_apart(tree: Node) -> Iterator[Meant]:
    """``scout: 5`` is two words."""
    parts = list(chips(tree))
    for at, (one, other) in enumerate(pairwise(parts)):
        if not (_is_plain(one) and one.text.endswith(":") and _is_plain(other)):
            continue
        key, doubled = one.text[:-1].casefold(), other.text.replace('"', '""')
        joined = _read(f'{key}:"{doubled}"') if key in ALL_KEYS else None
        if joined is not None:
            instead = all_of([*parts[:at], joined, *parts[at + 2 :]], Source())
            yield Meant(Why.KEY_APART, f"{one.text} {other.text}", key, instead)


def _is_plain(node: Node) -> TypeGuard[Text]:
    return isinstance(node, Text) and node.side is Side.BOTH and not node.is_prefix


def _names(tree: Node) -> Iterator[Meant]:
    """One word or phrase may be a model's or a provider's name as well."""
    if not _is_plain(tree):
        return
    asked = {"hash": hash_of(tree.text), "kinds": list(_KINDS)}
    for (kind,) in sql.rows(_OF_THIS_NAME, asked):
        key = _KINDS[kind]
        yield Meant(Why.ALSO_A_NAME, tree.text, key, Clause(key, Named(exactly(tree.text))))


def _beginnings(tree: Node) -> Iterator[Meant]:
    """``model:gemma`` is the whole name."""
    parts = list(chips(tree))
    opened = {
        each: Clause(each.key, Named(f"{each.value.pattern}*"))
        for each in parts
        if isinstance(each, Clause) and isinstance(each.value, Named) and each.value.is_exact
    }
    if not opened:
        return
    try:
        with bounded(Deadline.within(SECONDS)) as statements:
            found = names_of([*opened, *opened.values()], statements.rows)
    except OutOfTime:
        return
    for at, each in enumerate(parts):
        if isinstance(each, Clause) and each in opened and found[each] == [] and found[opened[each]] != []:
            assert isinstance(each.value, Named)
            instead = all_of([*parts[:at], opened[each], *parts[at + 1 :]], Source())
            yield Meant(Why.NO_SUCH_NAME, each.value.pattern, each.key, instead)


def _chains(tree: Node, chains: Sequence[ChainView]) -> Iterator[Meant]:
    asked = [each.value for each in leaves(tree) if isinstance(each, Clause) and each.key == "chain"]
    for each in asked:
        if isinstance(each, Digits) and not any(is_of(chain, each) for chain in chains):
            yield Meant(Why.NO_SUCH_CHAIN, each.head, "chain")


def _read(line: str) -> Node | None:
    try:
        return parse(line)
    except NotUnderstood:
        return None
