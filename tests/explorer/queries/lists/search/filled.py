"""Chains whose tables are filled at once, with words that are planted, and what a query finds in them by
looking at each record.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any as Anything

from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from explorer.queries.chain import chains
from explorer.queries.chain.chains import ChainView
from explorer.search.tree import (
    All,
    Any,
    Clause,
    Digits,
    Named,
    Node,
    Not,
    Numbers,
    Said,
    Side,
    Text,
    Time,
    Word,
)
from indexer.dapp.replay import position_of
from indexer.store import names
from indexer.words.cutting import cut
from tests.explorer import shown

STRIDE = 8_192
"""From one record's id to the next: four records are one slice."""

BEGIN = 1_790_812_800_000  # 2026-10-01
HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Made:
    """A record. ``answers`` are those of its versions, oldest first; ``changed`` are its later revisions:
    their heights, and whether they deleted it.
    """

    number: int
    height: int
    prompt: str
    answers: tuple[str, ...]
    is_deleted: bool
    model: str
    provider: str
    scout: int
    seed: int
    changed: tuple[int, ...]

    @property
    def prompt_id(self) -> int:
        return self.number * STRIDE

    @property
    def position(self) -> int:
        return position_of(self.height, self.number % 3)

    @property
    def status(self) -> str:
        return "deleted" if self.is_deleted else "edited" if len(self.answers) > 1 else "live"

    def said(self, said: Said) -> tuple[str, ...]:
        return {Said.EVER: self.answers, Said.NOW: self.answers[-1:], Said.FIRST: self.answers[:1]}[said]


@dataclass(slots=True)
class Filled:
    """A chain in the tables: ``times`` are those of its blocks by height, in no order."""

    chain: ChainView
    records: Sequence[Made]
    times: dict[int, int]
    _cut: dict[str, list[str]] = field(default_factory=dict)

    def positions(self, tree: Node, said: Said) -> list[int]:
        """The positions of all that fit, oldest first."""
        return sorted(each.position for each in self.records if self._fits(each, tree, said))

    def _fits(self, record: Made, node: Node, said: Said) -> bool:
        if isinstance(node, All):
            return all(self._fits(record, each, said) for each in node.nodes)
        if isinstance(node, Any):
            return any(self._fits(record, each, said) for each in node.nodes)
        if isinstance(node, Not):
            return not self._fits(record, node.node, said)
        if isinstance(node, Text):
            texts = [record.prompt] if node.side is not Side.ANSWER else []
            texts += record.said(said) if node.side is not Side.PROMPT else ()
            return any(self._holds(text, node) for text in texts)
        return self._is_so(record, node)

    def _holds(self, text: str, sought: Text) -> bool:
        if text not in self._cut:
            self._cut[text] = [each.word for each in cut(text)]
        words, count = self._cut[text], len(sought.words)
        return any(
            tuple(words[at : at + count - 1]) == sought.words[:-1]
            and (
                words[at + count - 1].startswith(sought.words[-1])
                if sought.is_prefix
                else words[at + count - 1] == sought.words[-1]
            )
            for at in range(len(words) - count + 1)
        )

    def _is_so(self, record: Made, clause: Clause) -> bool:
        value = clause.value
        if isinstance(value, Named):
            name = record.model if clause.key == "model" else record.provider
            if value.is_exact:
                return name == value.pattern
            begin, *_, end = value.pattern.split("*")
            return name.startswith(begin) and name.endswith(end)
        if isinstance(value, Numbers):
            number = {"scout": record.scout, "seed": record.seed, "block": record.height}[clause.key]
            return (value.low is None or number >= value.low) and (value.high is None or number <= value.high)
        if isinstance(value, Time):
            heights = record.changed if clause.key == "changed" else (record.height,)
            return any(_is_within(self.times[each], value) for each in heights)
        if isinstance(value, Digits):
            return clause.key == "chain" and self.chain.rid.startswith(value.head)
        assert isinstance(value, Word)
        return {
            "said": True,
            "status": record.status == value.word,
            "has": len(record.answers) > 1 if value.word == "edit" else record.is_deleted,
        }[clause.key]


def _is_within(at: int, time: Time) -> bool:
    return (time.since is None or at >= time.since) and (time.until is None or at < time.until)


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let chains be filled that stay for all tests of a module, each of which is rolled back."""
    with blocker.unblock():
        shown.refuse_to_be_rolled_back()
        try:
            yield
        finally:
            shown.empty()


def filled(records: Sequence[Made], *, brid: bytes, chance: random.Random) -> Filled:
    """A chain of these records in the tables, as fold and derivation would leave them."""
    for kind in names.ALL:
        kind.forget()
    heights = sorted({height for each in records for height in (each.height, *each.changed)})
    # Blocks that state earlier times than those before them, as builders may.
    times = {height: BEGIN + height * HOUR + chance.choice([0, 0, 0, -20, 30]) * HOUR for height in heights}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indexer_chain (brid, name, network, generation) VALUES (%s, '', '', 1) RETURNING id",
            [brid],
        )
        chain = cursor.fetchone()[0]
        cursor.execute(_CHECKPOINT, [chain, heights[-1], records[-1].prompt_id])
        cursor.execute(_DERIVED, [chain, heights[-1]])
        cursor.executemany(
            "INSERT INTO indexer_block (chain_id, height, timestamp, transactions, header_end_id, rid)"
            " VALUES (%s, %s, %s, 1, 0, %s)",
            [
                (chain, height, at, sha256(b"%d %d" % (chain, height)).digest())
                for height, at in times.items()
            ],
        )
        models = names.MODELS.intern({each.model for each in records})
        providers = names.PROVIDERS.intern({each.provider for each in records})
        for each in records:
            ids = models[each.model], providers[each.provider]
            cursor.execute(_RECORD, _record_row(chain, each, *ids))
            cursor.executemany(_REVISION, list(_revision_rows(chain, each)))
            units = [_unit(chain, each, each.said(said), *ids) for said in (Said.EVER, Said.FIRST, Said.NOW)]
            cursor.executemany(_UNIT, units)
            ever, first, now = (unit[0] for unit in units)
            cursor.execute(
                _SEARCHED,
                [chain, each.position, ever, None if first == ever else first, None if now == ever else now],
            )
    return Filled(chains.chain_with(brid), records, times)


_CHECKPOINT = """INSERT INTO indexer_checkpoint (chain_id, generation, height, block_rid, timestamp, digest,
    last_prompt_id, live, owner, transactions, operations) VALUES (%s, 1, %s, '', 0, '', %s, 0, NULL, 0, 0)"""
_DERIVED = """INSERT INTO indexer_derivationcheckpoint (chain_id, generation, name, height, at)
    VALUES (%s, 1, 'search', %s, now())"""
_RECORD = """INSERT INTO indexer_record (chain_id, generation, position, prompt_id, scout, seed, created_at,
    revised_position, model_id, provider_id, revisions, status, prompt, answer)
    VALUES (%s, 1, %s, %s, %s, %s, 0, %s, %s, %s, %s, %s, %s, '')"""
_REVISION = """INSERT INTO indexer_revision (chain_id, generation, position, prompt_id, kind)
    VALUES (%s, 1, %s, %s, %s)"""
_UNIT = """INSERT INTO indexer_searchunit (id, chain_id, words, prompt_cut, answer_cut, private)
    VALUES (%s, %s, %s::tsvector, false, false, 0) ON CONFLICT DO NOTHING"""
_SEARCHED = """INSERT INTO indexer_searchrecord (chain_id, generation, position, ever, first, now)
    VALUES (%s, 1, %s, %s, %s, %s)"""


def _record_row(chain: int, record: Made, model: int, provider: int) -> Sequence[Anything]:
    status = {"live": 1, "edited": 2, "deleted": 3}[record.status]
    revised = position_of(max(record.changed, default=record.height), 9)
    return (
        *(chain, record.position, record.prompt_id, record.scout, record.seed, revised, model, provider),
        *(len(record.changed) + 1, status, sha256(record.prompt.encode()).digest()),
    )


def _revision_rows(chain: int, record: Made) -> Iterator[Sequence[Anything]]:
    yield chain, record.position, record.prompt_id, 1
    for number, height in enumerate(record.changed):
        is_last = number == len(record.changed) - 1
        kind = 3 if record.is_deleted and is_last else 2
        yield chain, position_of(height, 10 + record.number), record.prompt_id, kind


def _unit(chain: int, record: Made, answers: Sequence[str], model: int, provider: int) -> Sequence[Anything]:
    """The id of a unit and its words, as its derivation makes them."""
    number = record.prompt_id >> 15
    said = repr((chain, number, model, provider, record.prompt, answers))
    words = {
        f"{letter}{word}": places
        for letter, texts in (("p", [record.prompt]), ("a", answers))
        for word, places in _places(texts).items()
    }
    lexemes = [f"'{word}':{','.join(map(str, places))}" for word, places in words.items()]
    lexemes += [f"'c:{chain}'", f"'s:{chain}:{number}'", f"'m:{model}'", f"'v:{provider}'"]
    return sha256(said.encode()).hexdigest()[:32], chain, " ".join(lexemes)


def _places(texts: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    at = 0
    for text in texts:
        for each in cut(text):
            at += 1
            found.setdefault(each.word, []).append(at)
        at += 10
    return found


_COMMON = (
    "the",
    "of",
    "cat",
    "dog",
    "chain",
    "block",
    "Torch.nn",
    "silver",
    "anchor",
    "日本語",
    "ทดสอบ",
    "éclair",
)


def some(count: int, chance: random.Random) -> list[Made]:
    """So many records of chance, with words that are absent, rare, everywhere, or only in the oldest."""
    made = []
    height = 3
    for number in range(1, count + 1):
        height += chance.choice([0, 1, 1, 5]) if number % 3 else 1
        prompt = f"{chance.choice(['why', 'how', 'what'])} {_words(number, count, chance)}"
        answers = tuple(
            f"{_words(number, count, chance)} version{version}"
            for version in range(chance.choice([1, 1, 1, 1, 2, 3]))
        )
        is_deleted = chance.random() < 0.1
        made.append(
            Made(
                number=number,
                height=height,
                prompt=prompt,
                answers=answers,
                is_deleted=is_deleted,
                model=chance.choice(["gpt-4", "gpt-5", "llama 3", "100%_real", "\\odd*"]),
                provider=chance.choice(["groq", "openai", "a\0b"]),
                scout=chance.choice([-1, 7, 7, 7, 8]),
                seed=chance.choice([1, 2, 2**63 - 1]),
                changed=tuple(height + each + 1 for each in range(len(answers) - 1 + is_deleted)),
            )
        )
    return made


def _words(number: int, count: int, chance: random.Random) -> str:
    words = [*chance.choices(_COMMON, k=chance.randint(1, 6)), "everywhere"]
    if number <= count // 4:
        words.append("olden")
    if number in (2, count // 2):
        words.append("rare")
    if chance.random() < 0.3:
        words += ["silver", "anchor"]
    chance.shuffle(words)
    return " ".join(words)
