"""Units of search: the words of a prompt and of answers to it, named by what they are made of.

A unit is of one model, one provider and one slice of a chain's records, so that lists find few of them. What
is withheld is not in it. Its name follows from the keys of its texts alone, so texts are read only where no
unit of that name is there yet, whoever needs it.

An answer's text is the one that is kept by its key; where it says more than that (``Operation.noted``), its
result as the chain has it, as long as its bytes are here.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from hashlib import sha256
from itertools import groupby
from operator import attrgetter, or_
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from indexer.dapp import rell_json, texts
from indexer.dapp.completion import Completion, completion_of, part_keys, said_key
from indexer.dapp.replay import height_of
from indexer.models import Operation, Revision
from indexer.models.content import Text
from indexer.postchain.gtv import Gtv
from indexer.store.read import BrokenBody, read_arguments
from indexer.store.suppression import Gate
from indexer.words import lexemes
from indexer.words.private import kinds_in, masked
from indexer.words.vector import Vector, vector

logger = logging.getLogger(__name__)

MOST_VERSIONS = 500
"""Versions of a record that are searched, the oldest ones; the present one always is."""

_FORM = 2  # of what a unit holds, and how it is cut: another one has other names
_MOST_KEYS = 1_000
_MOST_BLOCKS = 8  # that are kept unpacked
_RESULT = {Revision.Kind.ADD.value: 2, Revision.Kind.UPDATE.value: 1}  # which argument it is

# One by one, by their indexes, joined from what is wanted (see groups): so no table is walked. Of a young
# table, of which there are no statistics, PostgreSQL takes any index that begins alike for as good; so a
# record is the first one from its place on, in the order of the right one.
_VERSIONS = f"""
    WITH wanted AS MATERIALIZED (
        SELECT %(chain)s::int2 AS chain_id, %(generation)s::int2 AS generation, u.position
        FROM unnest(%(records)s::bigint[]) AS u (position)
    ), found AS MATERIALIZED (
        SELECT r.* FROM wanted w JOIN LATERAL (
            SELECT chain_id, generation, position, prompt_id, model_id, provider_id FROM indexer_record
            WHERE chain_id = w.chain_id AND generation = w.generation AND position >= w.position
            ORDER BY position LIMIT 1) r ON r.position = w.position
    ), said AS MATERIALIZED (
        SELECT *, position AS at, {Revision.Kind.ADD} AS kind FROM found
        UNION ALL
        SELECT f.*, v.position, {Revision.Kind.UPDATE} FROM found f CROSS JOIN LATERAL (
            (SELECT position FROM indexer_revision
             WHERE chain_id = f.chain_id AND generation = f.generation AND prompt_id = f.prompt_id
               AND kind > 1 AND kind = {Revision.Kind.UPDATE} AND position < %(end)s
             ORDER BY position + 0 LIMIT {MOST_VERSIONS})
            UNION
            (SELECT position FROM indexer_revision
             WHERE chain_id = f.chain_id AND generation = f.generation AND prompt_id = f.prompt_id
               AND kind > 1 AND kind = {Revision.Kind.UPDATE} AND position < %(end)s
             ORDER BY position + 0 DESC LIMIT 1)) v
    )
    SELECT s.position, s.prompt_id, s.model_id, s.provider_id, s.at, s.kind, o.prompt, c.hash IS NOT NULL,
           o.answer, a.hash IS NOT NULL, o.answer_reason, o.result_normal, o.said, o.noted IS NOT NULL,
           t.rid, t."offset" IS NOT NULL
    FROM said s
    CROSS JOIN LATERAL (
        SELECT * FROM indexer_operation WHERE chain_id = s.chain_id AND position = s.at OFFSET 0) o
    CROSS JOIN LATERAL (
        SELECT rid, "offset" FROM indexer_transaction
        WHERE chain_id = s.chain_id AND height = s.at >> 20 AND ordinal = o.transaction OFFSET 0) t
    LEFT JOIN LATERAL (
        SELECT hash FROM indexer_prompt WHERE hash = o.prompt AND reason <> {Text.Reason.ERASED} OFFSET 0
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT hash FROM indexer_answer WHERE hash = o.answer AND reason <> {Text.Reason.ERASED} OFFSET 0
    ) a ON true
    ORDER BY s.position, s.at
"""
# Records of which all that their units are made of is the same, whatever else differs. Where a result is
# read, or asked for the parts that it holds, it must be the same too.
_ALIKE = f"""
    WITH v (position, prompt_id, model_id, provider_id, at, kind, prompt, is_prompt_kept, answer,
            is_answer_kept, reason, result, said, is_more, rid, has_bytes) AS MATERIALIZED ({_VERSIONS}),
    r AS (
        SELECT position, prompt_id >> %(slice)s AS slice, model_id, provider_id,
               sha256(convert_to(string_agg(ROW(
                   kind, prompt, is_prompt_kept, answer, is_answer_kept, reason, is_more, has_bytes,
                   CASE WHEN is_more OR reason <> {Operation.AnswerReason.CONTENT} THEN result END,
                   rid = ANY(%(transactions)s::bytea[]), prompt = ANY(%(contents)s::bytea[]),
                   answer = ANY(%(contents)s::bytea[]), result = ANY(%(contents)s::bytea[]),
                   said = ANY(%(contents)s::bytea[])
               )::text, ',' ORDER BY at), 'UTF8')) AS said
        FROM v GROUP BY 1, 2, 3, 4)
    SELECT array_agg(position ORDER BY position) FROM r GROUP BY slice, model_id, provider_id, said
    ORDER BY min(position)
"""
_TEXTS = """
    SELECT hash, text, raw FROM indexer_{0} WHERE hash = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """What one operation gave a record: the keys of its texts, and which of them are here.

    ``is_more`` is whether its result says more than the answer's text, ``has_bytes`` whether it can be read.
    """

    record: int
    prompt_id: int
    model_id: int
    provider_id: int
    position: int
    kind: int
    prompt: bytes | None
    is_prompt_kept: bool
    answer: bytes
    is_answer_kept: bool
    reason: int
    result: bytes
    said: bytes | None
    is_more: bool
    rid: bytes
    has_bytes: bool

    @property
    def is_read(self) -> bool:
        """Whether its result is read from the chain's bytes."""
        return self.is_more and self.has_bytes

    @property
    def is_whole(self) -> bool:
        """Whether its answer's text is all of the result."""
        return self.reason != Operation.AnswerReason.CONTENT


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a unit has it: by what it is known, and where it is read. Of one that is ``held`` for a
    text within it, the keys alone are kept.
    """

    identity: bytes
    version: Version
    held: bool = False


@dataclass(frozen=True)
class Unit:
    """What a unit is made of. ``prompt`` is None where it is withheld; ``more`` is whether there are answers
    that are not in it.
    """

    chain_id: int
    slice: int
    model_id: int
    provider_id: int
    prompt: bytes | None
    answers: tuple[Answer, ...]
    more: bool

    @cached_property
    def id(self) -> UUID:
        """Its name."""
        of = (_FORM, self.chain_id, self.slice, self.model_id, self.provider_id, int(self.more))
        named = ":".join(map(str, of)).encode()
        asked = b"-" if self.prompt is None else b"p" + self.prompt
        return UUID(
            bytes=sha256(b"".join([named, asked, *(each.identity for each in self.answers)])).digest()[:16]
        )

    @property
    def filters(self) -> Iterator[str]:
        """The lexemes by which lists leave others out."""
        yield lexemes.of_chain(self.chain_id)
        yield lexemes.of_slice(self.chain_id, self.slice)
        yield lexemes.of_model(self.model_id)
        yield lexemes.of_provider(self.provider_id)


@dataclass(frozen=True, slots=True)
class Searched:
    """The units of a record: of all it said, and where they are others, of its first and present answer."""

    record: int
    ever: Unit
    first: Unit | None
    now: Unit | None

    @property
    def units(self) -> Sequence[Unit]:
        """All of them."""
        return [each for each in (self.ever, self.first, self.now) if each is not None]


@dataclass(frozen=True, slots=True)
class Made:
    """A unit as it is kept: its words, and the kinds of what is private in its texts, as bits."""

    unit: Unit
    vector: Vector
    private: int


class Reader:
    """Reads records of one generation, as of the block before position ``end``, past the gate."""

    def __init__(
        self, cursor: CursorWrapper, gate: Gate, *, chain_id: int, generation: int, end: int
    ) -> None:
        self._cursor = cursor
        self._gate = gate
        self._of = {"chain": chain_id, "generation": generation, "end": end}
        self._chain_id = chain_id
        self._blocks: dict[int, Mapping[int, tuple[Gtv, ...] | None]] = {}  # arguments by position

    def searched(self, records: Sequence[int]) -> list[Searched]:
        """The units of these records, named by their positions. Those that are not there are left out."""
        self._cursor.execute(_VERSIONS, {**self._of, "records": list(records)})
        versions = [Version(*row) for row in self._cursor.fetchall()]
        return [self._searched(list(each)) for _, each in groupby(versions, key=attrgetter("record"))]

    def alike(self, records: Sequence[int]) -> list[list[int]]:
        """These records, those together that have the same units: what is told of one is told of all."""
        self._cursor.execute(
            _ALIKE,
            {
                **self._of,
                "records": list(records),
                "slice": lexemes.SLICE,
                "contents": list(self._gate.contents),
                "transactions": list(self._gate.transactions),
            },
        )
        return [positions for (positions,) in self._cursor.fetchall()]

    def made(self, units: Sequence[Unit]) -> Iterator[Made]:
        """Units with their words. Their texts are read before it returns, and cut as they are asked for."""
        prompts = self._kept("prompt", (each.prompt for each in units if each.prompt is not None))
        answers = self._kept("answer", (each.version.answer for unit in units for each in unit.answers))
        said = [self._texts(unit, answers) for unit in units]
        return (
            _made(unit, prompts.get(unit.prompt or b"", ""), answered, keys)
            for unit, (answered, keys) in zip(units, said, strict=True)
        )

    def _texts(self, unit: Unit, kept: Mapping[bytes, str]) -> tuple[Sequence[str], set[bytes]]:
        """What is said in a unit, and the keys of the texts within its results."""
        read = [(each, self._completion(each.version, kept)) for each in unit.answers]
        keys = {key for _, one in read if one is not None for key in (said_key(one), *part_keys(one))}
        return [text for each, one in read if not each.held for text in self._said(each, one, kept)], keys

    def _searched(self, versions: Sequence[Version]) -> Searched:
        add = versions[0]
        answers = [self._answer(each) for each in versions]
        is_held = self._gate.hold(add.prompt, transaction=add.rid) is not None
        prompt = add.prompt if add.is_prompt_kept and not is_held else None
        more = len(versions) > MOST_VERSIONS + 1

        def unit(*said: Answer | None, more: bool = False) -> Unit:
            different: dict[bytes, Answer] = {}
            for each in said:
                if each is not None:
                    different.setdefault(each.identity, each)
            of = add.prompt_id >> lexemes.SLICE, add.model_id, add.provider_id
            return Unit(self._chain_id, *of, prompt, tuple(different.values()), more)

        ever, first, now = unit(*answers, more=more), unit(answers[0]), unit(answers[-1])
        return Searched(
            add.record,
            ever,
            None if first.id == ever.id else first,
            None if now.id == ever.id else now,
        )

    def _answer(self, version: Version) -> Answer | None:
        """An answer past the gate; None where it is withheld or not here."""
        keys = (version.answer, version.result, version.said)
        if self._gate.hold(*keys, transaction=version.rid) is not None:
            return None
        if self._gate.contents and (version.is_more or version.is_whole):
            kept = {} if version.is_read else self._kept("answer", [version.answer])
            read = self._completion(version, kept)
            if read is not None and self._gate.hold(said_key(read), *part_keys(read)) is not None:
                return Answer(b"h" + version.result, version, held=True)
        if version.is_read:
            return Answer(b"r" + version.result, version)
        return Answer(b"k" + version.answer, version) if version.is_answer_kept else None

    def _said(self, answer: Answer, read: Completion | None, kept: Mapping[bytes, str]) -> Iterator[str]:
        version = answer.version
        if read is not None:
            return texts.of_completion(read)
        if version.is_read and (result := self._result(version)) is not None:
            return iter([texts.of_json(rell_json.content_of(result).normal)])
        text = kept.get(version.answer, "")
        return texts.of_whole(text) if version.is_whole else iter([text])

    def _completion(self, version: Version, kept: Mapping[bytes, str]) -> Completion | None:
        """The result as it is read, where it may say more than the answer's text."""
        if version.is_read:
            result = self._result(version)
            return None if result is None else completion_of(result)
        text = kept.get(version.answer) if version.is_whole else None
        return None if text is None else completion_of(text)

    def _result(self, version: Version) -> str | None:
        """The result as it was signed; None where the block is damaged, of which fsck tells."""
        height = height_of(version.position)
        if height not in self._blocks:
            if len(self._blocks) == _MOST_BLOCKS:
                self._blocks.clear()
            self._blocks[height] = self._said_at(height)
        arguments = self._blocks[height].get(version.position)
        result = None if arguments is None else arguments[_RESULT[version.kind]]
        return result if isinstance(result, str) else None

    def _said_at(self, height: int) -> Mapping[int, tuple[Gtv, ...] | None]:
        try:
            return read_arguments(self._chain_id, height=height)
        except (BrokenBody, ValueError) as error:
            logger.warning("what block %d says is not searched: %s", height, error)
            return {}

    def _kept(self, table: str, keys: Iterable[bytes]) -> dict[bytes, str]:
        self._cursor.execute(_TEXTS.format(table), [list(set(keys))])
        return {
            bytes(key): text if text is not None else bytes(raw or b"").decode("utf-8", "replace")
            for key, text, raw in self._cursor.fetchall()
        }


def _made(unit: Unit, asked: str, answered: Sequence[str], keys: Iterable[bytes]) -> Made:
    """What is private in the texts is no word of the unit."""
    shown = list(texts.of_messages(asked))
    made = vector(
        prompt=map(masked, shown),
        answers=map(masked, answered),
        filters=[*unit.filters, *key_lexemes(keys)],
    )
    private = reduce(or_, map(kinds_in, (*shown, *answered)), 0)
    return Made(unit, replace(made, answer_cut=made.answer_cut or unit.more), private)


def key_lexemes(keys: Iterable[bytes]) -> Sequence[str]:
    """The lexemes by which units are found that hold a text with one of these keys."""
    found = sorted(set(map(lexemes.of_key, keys)))
    return found if len(found) <= _MOST_KEYS else [lexemes.ANY_KEY]
