"""The rows of a list of records.

Plain Python, since a list has a hundred of them: with a tag of a template for each part, writing them takes
longer than all else that is done for the page.
"""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from explorer.pages.rendering.edit_tags import edit
from explorer.pages.rendering.gathering import Entry, Gathering
from explorer.pages.rendering.name_tags import chain_link, model, record_link, scout
from explorer.pages.rendering.tags import moment, record_status, tick
from explorer.pages.rendering.text_tags import answer_lines, prompt_lines
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.pagination import CHANGED
from explorer.queries.records.row import RecordRow
from explorer.queries.records.states import Status

register = template.Library()

_ROW = (
    '<tr role="row"><th role="rowheader" scope="row">{}</th><td role="cell" class="when">{}</td>'
    '<td role="cell" class="whole snippet">{}{}{}</td><td role="cell" class="foot">{}</td>'
    '<td role="cell" class="n" data-label="scout">{}</td><td role="cell" class="state">{}</td></tr>\n        '
)
_BESIDE = "{} <small>{}</small>"


@register.simple_tag
def record_rows(
    gathering: Gathering,
    here: str,
    *,
    order: str,
    day: datetime | None,
    of: Sequence[ChainView],
    is_filtered: bool,
) -> SafeString:
    """The rows of one prompt in the list at the path ``here``, under the heading of a ``day`` or of none.

    ``of`` are the chains that it is of, where each row names its own. Where some are left out, it is told
    when each was changed.
    """
    is_changed = order == CHANGED
    answers = _Answers()
    return format_html_join(
        "",
        _ROW,
        (
            (
                _named(entry.row, of),
                _when(entry.row, day, is_changed=is_changed),
                prompt_lines(entry) if gathering.is_single else "",
                answers.of(entry),
                _changed(entry.row),
                model(entry.row.model, entry.row.provider, here),
                scout(entry.row.scout, entry.row.rid),
                _state(entry.row, tells_when=is_filtered and not is_changed),
            )
            for entry in gathering.entries
        ),
    )


class _Answers:
    """What is answered to one prompt: of peers who say the same it is written once."""

    def __init__(self) -> None:
        self._written: dict[tuple[object, ...], SafeString] = {}

    def of(self, entry: Entry) -> SafeString:
        """As ``answer_lines``."""
        found = [(each.place, id(each.line)) for each in entry.of_answers]
        said = (entry.row.answer, id(entry.answer), *found)
        if said not in self._written:
            self._written[said] = answer_lines(entry)
        return self._written[said]


def _changed(row: RecordRow) -> SafeString | str:
    return format_html('<div class="small">{}</div>', edit(row.edit)) if row.edit is not None else ""


def _named(row: RecordRow, of: Sequence[ChainView]) -> SafeString:
    link = format_html("{} {}", record_link(row), tick(row))
    return format_html(_BESIDE, link, chain_link(row.rid, of)) if of else link


def _when(row: RecordRow, day: datetime | None, *, is_changed: bool) -> SafeString | str:
    if is_changed:
        return moment(row.changed_at, "clock")
    return moment(row.block_at, "stacked" if day is None else "clock")


def _state(row: RecordRow, *, tells_when: bool) -> SafeString:
    state = record_status(row)
    if tells_when and row.status is not Status.LIVE:
        state = format_html(_BESIDE, state, moment(row.changed_at, "stacked"))
    if row.agreement is not None and row.agreement.same:
        said = f"said by {row.agreement.same:,} of {row.agreement.live:,}"
        state = format_html(_BESIDE, state, said)
    return format_html("{} {}", state, _challenged(row)) if row.challenges.every else state


def _challenged(row: RecordRow) -> SafeString:
    """How many challenges it has, and how these stand, in neutral words."""
    of, at = row.challenges, reverse("record", args=[row.rid, row.prompt_id])
    partly = " in whole or part" if of.upheld else ""
    told = f"{of.every} challenge{'' if of.every == 1 else 's'}, {of.open} open, {of.upheld} upheld{partly}"
    return format_html('<a class="small" href="{}#challenges">{}</a>', at, told)
