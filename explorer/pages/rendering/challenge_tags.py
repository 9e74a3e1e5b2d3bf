"""What the numbers of challenges are written with."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django import template

from explorer.pages.rendering.reading import ago
from explorer.queries.records.check_words import title_of, words_of
from explorer.queries.site.challenge_links import FileLink, Link, links_of
from explorer.rules.lifecycle import AppealGround, Resolution
from explorer.rules.reasons import REASONS

register = template.Library()

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
