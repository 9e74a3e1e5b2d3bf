"""What the numbers of challenges are written with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import template
from django.urls import reverse

from explorer.pages.rendering.reading import ago
from explorer.queries.records.check_words import title_of, words_of
from explorer.queries.site.challenge_links import FileLink, Link, links_of
from explorer.queries.site.challenges import ChallengeRow
from explorer.rules.ground import Field, Kind, record_named
from explorer.rules.lifecycle import AppealGround, Resolution
from explorer.rules.reasons import REASONS

register = template.Library()

_STATEMENT = "What do you want to say?"

register.filter("reason_of", words_of)
register.filter("check_title", title_of)


@register.filter
def lasting(span: timedelta) -> str:
    """A span of time in its largest unit: “9 minutes”."""
    return ago(span)


@register.filter
def decided_so(decided: Mapping[Resolution, int], resolution: Resolution) -> int:
    """How many were decided so."""
    return decided.get(resolution, 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered to a question of a ground. ``address`` is that of the record that it names;
    ``is_words``: whether they are a stranger's.
    """

    question: str
    words: str
    address: str = ""
    is_words: bool = False


@register.filter
def answers(words: Mapping[str, str], row: ChallengeRow) -> Sequence[Answer]:
    """What was answered to the questions of a challenge's ground, in their order."""
    return [_answer(each, words[each.name], row) for each in row.ground.fields if each.name in words]


@register.filter
def free_words(words: Mapping[str, str], row: ChallengeRow) -> Sequence[str]:
    """What was written beside those answers: texts of somebody's own."""
    asked = {each.name for each in row.ground.fields} | {"links"}
    return [text for name, text in words.items() if name not in asked]


@register.filter
def asked_for(facts: Mapping[str, Any], row: ChallengeRow) -> Sequence[str]:
    """What was asked for of the challenger: questions of the ground, or what he wrote."""
    labels = {each.name: each.label for each in row.ground.fields}
    return [labels.get(each, _STATEMENT) for each in facts.get("missing", ())]


def _answer(field: Field, given: str, row: ChallengeRow) -> Answer:
    if field.kind is Kind.RECORD:
        brid, prompt_id = record_named(given, row.brid)
        rid = brid.hex().upper()
        elsewhere = "" if brid == row.brid else f" on chain {rid}"
        return Answer(
            field.label, f"record #{prompt_id}{elsewhere}", reverse("record", args=[rid, prompt_id])
        )
    if field.kind is Kind.CHOICE:
        return Answer(field.label, (field.choices or {}).get(given, given))
    return Answer(field.label, given, is_words=field.kind is Kind.TEXT)


@register.filter
def pointed_at(text: str) -> Sequence[Link | FileLink]:
    """The records, comparisons and files that somebody points at with what he says."""
    return links_of(text)


@register.filter
def reasoned(words: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The reasons of a decision in their order, each with what it is called."""
    return [(title, words[name]) for name, title in REASONS.items() if name in words]


@register.simple_tag
def appeal_grounds() -> str:
    """For what a decision can be appealed, in one sentence."""
    told = [f"{each.words[0].lower()}{each.words[1:].rstrip('.')}" for each in AppealGround]
    return f"{'; '.join(told[:-1])}; or {told[-1]}"
