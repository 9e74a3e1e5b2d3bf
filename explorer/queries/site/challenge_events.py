"""What happened to a challenge, as everybody may read it, with the words and files of those who did it.

Both are there once somebody has looked them through; and they are left out as long as words of the record
itself, or of one that is named beside it, are withheld, which they may repeat.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from explorer.queries.db import sql
from explorer.queries.records.checks import Result
from explorer.queries.site.challenge_files import FileRow, files_of
from explorer.queries.site.challenge_links import withheld
from explorer.rules.lifecycle import FILED, Action, AppealGround, Resolution
from indexer.checks.registry import by_name

_EVENTS = """
    SELECT seq, ordinal, type, actor_ref, at, prev_event_sha256, sha256, payload_sha256, role, name,
           facts::text, words::text, salt, published_at, suppressed_at
    FROM desk_public.challenge_event WHERE number = %(number)s ORDER BY ordinal
"""


UNTOLD = "untold"
"""The reason of what a check says by words that are withheld."""


class Silence(Enum):
    """Why words of an event are not shown."""

    WAITING = "waiting"  # to be looked through
    SUPPRESSED = "suppressed"
    WITH_RECORD = "with-record"  # words of the record are withheld, which they may repeat


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened. ``words`` are those of whoever did it, by what they are; ``silence`` is why
    there are none where there are some.
    """

    seq: int
    ordinal: int
    type: str
    actor_ref: str
    at: datetime
    prev_sha256: bytes
    sha256: bytes
    payload_sha256: bytes
    role: str
    name: str  # of whoever did it; empty of the system, and of an account that was deleted
    facts: Mapping[str, Any]
    words: Mapping[str, str]
    salt: bytes | None
    silence: Silence | None
    files: Sequence[FileRow] = ()  # that go with the words

    @property
    def size(self) -> int | None:
        """Bytes of all words, as UTF-8; None where none are shown."""
        return sum(len(each.encode()) for each in self.words.values()) or None

    @property
    def sentence(self) -> str:
        """What was done, in words of ours."""
        if self.type == FILED:
            return "Filed."
        if self.type == Action.DECIDE.value:
            early = " That was before the time to add evidence was over."
            told = f"Decided. {Resolution(self.facts['resolution']).words}"
            return f"{told}{early}" if "evidence_until" in self.facts else told
        if self.type == Action.APPEAL.value:
            return f"The decision was appealed. The ground that is given: {self._appealed_for}"
        return Action(self.type).words

    @property
    def _appealed_for(self) -> str:
        words = AppealGround(self.facts["ground"]).words
        return f"{words[0].lower()}{words[1:]}"


def events(number: int, *, is_withheld: bool) -> Sequence[EventRow]:
    """The history of a challenge; ``is_withheld`` is whether words of its record are."""
    told = [_event(each, is_withheld=is_withheld) for each in sql.rows(_EVENTS, {"number": number})]
    told = _without_withheld(told)
    if not any("files" in each.facts for each in told):
        return told
    found = files_of(number)
    return [replace(each, files=_files(each, found)) for each in told]


def _without_withheld(told: list[EventRow]) -> list[EventRow]:
    """The same, without the words of those that point at a record of which words are withheld."""
    held = withheld(each.words["links"] for each in told if "links" in each.words)
    if not held:
        return told
    silent: dict[str, Any] = {"words": {}, "salt": None, "silence": Silence.WITH_RECORD}
    return [replace(each, **silent) if each.words.get("links") in held else each for each in told]


def _files(event: EventRow, found: Sequence[FileRow]) -> Sequence[FileRow]:
    own = [each for each in found if each.event == event.ordinal]
    return own if event.silence is None else [each.withheld() for each in own]


def _event(columns: Sequence[Any], *, is_withheld: bool) -> EventRow:
    (
        seq, ordinal, kind, actor_ref, at, prev_sha256, sha256, payload_sha256, role, name, facts, words,
        salt, published_at, suppressed_at,
    ) = columns  # fmt: skip
    said = json.loads(words) if words is not None else {}
    silence = _silence(published_at, suppressed_at, is_withheld=is_withheld and bool(said))
    told = json.loads(facts)
    return EventRow(
        seq=seq,
        ordinal=ordinal,
        type=kind,
        actor_ref=actor_ref,
        at=at,
        prev_sha256=prev_sha256,
        sha256=sha256,
        payload_sha256=payload_sha256,
        role=role or "system",
        name=name or "",
        facts=_without_texts(told) if is_withheld else told,
        words={} if silence is not None else said,
        salt=None if silence is not None else salt,
        silence=silence,
    )


def _silence(
    published_at: datetime | None, suppressed_at: datetime | None, *, is_withheld: bool
) -> Silence | None:
    if suppressed_at is not None:
        return Silence.SUPPRESSED
    if published_at is None:
        return Silence.WAITING
    return Silence.WITH_RECORD if is_withheld else None


def _without_texts(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what checks say by words of the record, which a decision names: so they are withheld too."""
    if "checks" not in facts:
        return facts
    return {**facts, "checks": [_without_text(each) for each in facts["checks"]]}


def _without_text(said: Mapping[str, Any]) -> Mapping[str, Any]:
    check = by_name().get(said["check"])
    if check is not None and not check.reads_texts:
        return said
    return {**said, "result": Result.UNKNOWN.value, "reason": UNTOLD}
