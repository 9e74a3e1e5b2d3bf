"""One prompt over all chains that have it: its messages, every different answer, and how far these agree.

The cost is bounded whatever the number of answers: figures are kept (``indexer.models.Asked``), and of
answers, cohorts and records that differ the first ones are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from explorer.queries.chain.chains import ChainView, CountedTo
from explorer.queries.db import sql, stored_text
from explorer.queries.db.errors import NotHere
from explorer.queries.db.pagination import PageRequest
from explorer.queries.db.stored_text import NOTHING
from explorer.queries.db.texts import Message, Text, Withheld, text_of
from explorer.queries.prompts.asked import FIGURES, Figures, counted_to, figures_of
from explorer.queries.prompts.cohorts import Cohort, Differing, cohorts_of, differing_of
from explorer.queries.prompts.given import Answers, answers_of
from explorer.queries.records import challenged, check_counts, conversations, noted
from explorer.queries.records.challenged import Tally
from explorer.queries.records.check_counts import CheckCounts
from explorer.queries.records.noted import Signed
from indexer.postchain.times import moment
from indexer.store.suppression import gate

_TRIED = 20  # records whose messages may be shown, for those of one may be withheld

_HERE = f"""
    SELECT a.chain_id, {FIGURES}, coalesce(f.timestamp, 0), coalesce(b.timestamp, 0)
    FROM indexer_asked a JOIN indexer_chain h ON h.id = a.chain_id AND h.generation = a.generation
    JOIN indexer_record r
        ON r.chain_id = a.chain_id AND r.generation = a.generation AND r.prompt_id = a.number
    LEFT JOIN indexer_block f ON f.chain_id = a.chain_id AND f.height = r.position >> 20
    LEFT JOIN indexer_block b ON b.chain_id = a.chain_id AND b.height = a.newest >> 20
    WHERE a.prompt = %(key)s ORDER BY a.chain_id
"""
# By the index of the head of the prompt's key, in its order: "coalesce" keeps the planner from one by chain
# and generation, and from the belief that so few are left that all could be sorted.
_ASKED = f"""
    SELECT r.chain_id, r.prompt_id, r.position, o.transaction, {noted.index_of("o")}, t.rid
    FROM (
        SELECT r.* FROM indexer_record r JOIN indexer_chain h ON h.id = r.chain_id
        WHERE substr(r.prompt, 1, 6) = %(head)s AND r.prompt = %(key)s
          AND coalesce(r.generation = h.generation, false)
        ORDER BY r.seed, r.position LIMIT {_TRIED}
    ) r
    JOIN indexer_operation o ON o.chain_id = r.chain_id AND o.position = r.position
    JOIN indexer_transaction t
        ON t.chain_id = r.chain_id AND t.height = r.position >> 20 AND t.ordinal = o.transaction
    ORDER BY r.chain_id, r.position
"""


@dataclass(frozen=True, slots=True)
class OnChain:
    """The prompt on one chain that has it; ``first_at`` and ``newest_at`` are times of blocks."""

    chain: ChainView
    figures: Figures
    first_at: datetime
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of figures (``Figures``) that can be added up: not of answers, for chains may share some."""

    records: int
    live: int
    edited: int
    deleted: int
    cohorts: int
    paired: int
    differing: int
    agreeing: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt. ``messages`` are as signed by the record that is named, ``conversation`` the messages read,
    None where they are no list of such or must not be shown.

    ``counted_to`` is each chain of which newer records are not in the numbers yet.
    """

    key: bytes
    messages: Text
    conversation: Sequence[Message] | None
    chain: ChainView
    prompt_id: int
    on_chains: Sequence[OnChain]
    answers: Answers
    cohorts: Sequence[Cohort]
    differing: Sequence[Differing]
    challenged: Tally
    checks: CheckCounts
    counted_to: Sequence[CountedTo]

    @property
    def is_withheld(self) -> bool:
        """Whether the operator withholds its messages."""
        return self.messages.withheld not in (None, Withheld.UNREADABLE)

    @property
    def total(self) -> Total:
        """The figures of all chains together."""
        return Total(
            **{
                each.name: sum(getattr(of.figures, each.name) for of in self.on_chains)
                for each in fields(Total)
            }
        )

    @property
    def first_at(self) -> datetime:
        """When it was first answered; only where it is counted."""
        return min(each.first_at for each in self.on_chains)

    @property
    def newest_at(self) -> datetime:
        """When its newest record was written; only where it is counted."""
        return max(each.newest_at for each in self.on_chains)

    @property
    def differing_left_out(self) -> int:
        """How many records that differ are not among those that are listed."""
        return self.total.differing - sum(each.records for each in self.differing)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A record that signed the messages: where, and in which transaction."""

    chain_id: int
    prompt_id: int
    at: Signed
    transaction: bytes


def prompt(chains: Sequence[ChainView], key: bytes, request: PageRequest | None = None) -> Prompt:
    """The prompt with this content key, with a page of its answers. Raises ``NotHere``, and ``BadQuestion``
    for a page that is none of its. Eighteen queries at most.
    """
    views = {each.id: each for each in chains}
    signed = [
        _Signed(chain_id, prompt_id, Signed(position, ordinal, index), rid)
        for chain_id, prompt_id, position, ordinal, index, rid in sql.rows(
            _ASKED, {"head": key[:6], "key": key}
        )
        if chain_id in views
    ]
    if not signed:
        raise NotHere(f"No record that is indexed here answers a prompt with the key {key.hex().upper()}.")
    by, messages = _messages(key, signed)
    here = [_on_chain(views, row) for row in sql.rows(_HERE, {"key": key}) if row[0] in views]
    asked = [(each.chain, each.figures) for each in here]
    answers = answers_of(asked, request)
    return Prompt(
        key=key,
        messages=messages,
        conversation=None if messages.value is None else conversations.conversation(messages.value),
        chain=views[by.chain_id],
        prompt_id=by.prompt_id,
        on_chains=here,
        answers=answers,
        cohorts=cohorts_of(asked, answers.letters),
        differing=differing_of(asked, answers.letters),
        challenged=challenged.of_prompt(chains, key),
        checks=check_counts.of_prompt(chains, key),
        counted_to=counted_to(chains),
    )


def _on_chain(views: Mapping[int, ChainView], row: sql.Row) -> OnChain:
    chain_id, *figures, first, newest = row
    return OnChain(views[chain_id], figures_of(figures), moment(first), moment(newest))


def _messages(key: bytes, signed: Sequence[_Signed]) -> tuple[_Signed, Text]:
    """The messages as the first of these records signed them that may be shown; as they are kept where its
    bytes are not here.
    """
    held = gate(contents=[key], transactions=[each.transaction for each in signed])
    free = [each for each in signed if held.hold(key, transaction=each.transaction) is None]
    by = free[0] if free else signed[0]
    value = noted.messages(by.chain_id, [by.at]).get(by.at.position) if free else None
    kept = NOTHING if value is not None else stored_text.read([key]).get(key, NOTHING)
    hold = held.hold(key, transaction=by.transaction)
    return by, text_of(value or kept.value, hash=key, hold=hold, length=kept.length)
