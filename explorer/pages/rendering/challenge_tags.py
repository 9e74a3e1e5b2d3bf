"""What the numbers of challenges are written with."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django import template

from explorer.pages.rendering.reading import ago
from explorer.queries.site.challenge_links import FileLink, Link, links_of
from explorer.rules.lifecycle import Resolution

register = template.Library()


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
