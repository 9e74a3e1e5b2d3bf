"""How one record is read: which revision, in which view, and what is said of it in a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from explorer.pages.rendering import truncation
from explorer.pages.rendering.layout import laid_out
from explorer.pages.rendering.since import Edits
from explorer.pages.rendering.truncation import Turn
from explorer.pages.rendering.trust import Sampling, Trust, sampling_of, trust_of
from explorer.queries.db.errors import NotHere
from explorer.queries.db.texts import Text
from explorer.queries.records.edit import Edit
from explorer.queries.records.record import Record
from explorer.queries.records.revisions import STRETCH, Revision
from explorer.queries.records.said import Choice, Fact, changed_beside
from explorer.queries.records.states import Status
from explorer.queries.site.status import Reconciliation

VIEWS = {each: each for each in ("text", "rendered", "json", "raw")}
_LARGEST_JSON = 200_000
MOST_CHOICES = 20
"""Choices of a result that are shown."""
_MOST_NAMES = 6
FOLDED = 2_000
"""Characters of a prompt, or of an answer, above which it is folded."""
_LINKS = 5  # record, operation, transaction, block and signers
_FIRST, _OTHER, _SPACED = "as first written", "answer replaced", "only white space changed"
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Layer:
    """A revision among the others, and in ``words`` what it did. ``is_read`` is whether it is the one that
    the page shows above, ``repeats`` whether its answer is the same as that one's, ``is_new`` whether it is
    another than that and than the one before it; ``limit`` characters of what it ``said`` are then shown.
    ``same_as`` is the oldest revision that says the same in words, where that is another one.
    """

    revision: Revision
    words: str
    said: str
    is_read: bool
    repeats: bool
    is_new: bool
    limit: int
    left_out: range  # of revisions that are not listed, between this one and the one before it
    same_as: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page of a record shows. ``revision`` is the one that is read, ``stands`` whether it is the
    newest that says anything. ``pretty`` is its result laid out, None where it is too large for a page or no
    JSON. ``layers`` are newest first, ``turns`` None where the messages are no conversation.
    """

    revision: Revision
    stands: bool
    view: str
    pretty: str | None
    sentence: str
    deletion: Revision | None
    layers: Sequence[Layer]
    turns: Sequence[Turn] | None
    model: str  # that the record names
    said: str  # all that the revision says in words, choice by choice
    older: int | None  # a revision at which more of them are listed, below those that are
    newer: int | None  # and above
    limit: int  # characters of the answer that are shown
    messages_limit: int  # and of messages that are no conversation
    sampling: Sampling
    trust: Trust
    prompt_length: int  # characters of all messages
    has_favourite: bool  # whether the records of the prompt first gave answer A more often than any other

    @property
    def links(self) -> int:
        """How many of record, operation, transaction, block and signers hold without reserve."""
        holds = (
            not self.sampling.state,
            not self.revision.is_by_another,
            self.revision.evidence.is_plain,
        )
        return _LINKS - holds.count(False)

    @property
    def folds_prompt(self) -> bool:
        """Whether the prompt is so long that it is folded."""
        return self.prompt_length > FOLDED

    @property
    def folds_answer(self) -> bool:
        """Whether the answer is so long that it is folded behind its beginning."""
        return len(self.said) > FOLDED

    @property
    def glimpse(self) -> int:
        """Characters of the answer that stand before it where it is folded."""
        return truncation.glimpse(self.said)

    @property
    def choices(self) -> Sequence[Choice]:
        """What the result says, choice by choice; none where all of it is shown as it is."""
        read = self.revision.completion
        return [] if read is None else [_shown(each) for each in read.choices[:MOST_CHOICES]]

    @property
    def words(self) -> str:
        """The text of the first choice, or what is shown in its place; empty where that is withheld."""
        return _first(self.revision)

    @property
    def choice_count(self) -> int:
        """How many choices there are."""
        return 0 if self.revision.completion is None else len(self.revision.completion.choices)

    @property
    def reported(self) -> Sequence[Fact]:
        """What the provider reports beside the answer."""
        read = self.revision.completion
        if read is None:
            return []
        return [*(fact for each in self.choices for fact in each.facts), *read.reported]

    @property
    def named_model(self) -> str:
        """The model that the result itself names, where it is another name than the record's."""
        read = self.revision.completion
        return "" if read is None or read.model == self.model else read.model

    @property
    def is_compared_otherwise(self) -> bool:
        """Whether it is compared with others by another key than that of its answer."""
        read = self.revision
        return read.said is not None and read.answer is not None and read.said != read.answer.hash

    @property
    def why_all(self) -> str:
        """Why all of the result is shown and not the answer in it, in words; empty where it is not so."""
        return self.revision.reason.replace("-", " ")


def reading_of(
    record: Record, edits: Edits, *, number: int | None, view: str, compared: Sequence[Reconciliation] = ()
) -> Reading:
    """How to read a record; ``compared`` is what nodes answered last. Raises ``NotHere`` for a revision that
    there is not, or that says nothing.
    """
    revision = record.current if number is None else _numbered(record, number)
    last = record.revisions[-1]
    sampling = sampling_of(record.row.prompt_id, compared)
    return Reading(
        revision=revision,
        stands=revision == record.current,
        view=view,
        pretty=_pretty(revision.result) if view == "json" else None,
        sentence=_sentence(record, edits.all),
        deletion=last if last.result is None else None,
        layers=list(_layers(record.revisions, edits.by_revision, read=revision))[::-1],
        older=_older(record.revisions),
        newer=_newer(record.revisions),
        model=record.row.model,
        said=_said(revision),
        turns=truncation.turns(record.conversation) if record.conversation else None,
        limit=truncation.room(_first(revision)),
        messages_limit=truncation.room(_value(record.messages)),
        sampling=sampling,
        trust=trust_of(record, revision, edits, sampling),
        prompt_length=_prompt_length(record),
        has_favourite=_has_favourite(record),
    )


def _prompt_length(record: Record) -> int:
    if record.conversation is None:
        return len(_value(record.messages))
    return sum(len(each.content) for each in record.conversation)


def _has_favourite(record: Record) -> bool:
    if record.tallies is None:
        counts = Counter(each.first for each in record.peers)
    else:
        counts = Counter({each.letter: each.count for each in record.tallies[0].clusters})
    return all(counts["A"] > count for letter, count in counts.items() if letter != "A")


def _older(revisions: Sequence[Revision]) -> int | None:
    """The newest revision between the first one and those that follow one another."""
    below = revisions[1].number - 1 if len(revisions) > 1 else 1
    return below if below > 1 else None


def _newer(revisions: Sequence[Revision]) -> int | None:
    """A revision up to which the next stretch is listed, between this one and the newest."""
    for last, following in pairwise(revisions[1:]):
        if following.number != last.number + 1:
            return min(last.number + STRETCH, following.number - 1)
    return None


def _layers(revisions: Sequence[Revision], told: Mapping[int, Edit], *, read: Revision) -> Iterator[Layer]:
    before = None
    for each in revisions:
        edit = told.get(each.number)
        is_spaced = edit is not None and edit.is_white_space
        words = _SPACED if is_spaced else _words(each, before)
        repeats = each.says_as(read)
        is_new = each.answer is not None and not repeats and words.startswith((_FIRST, _OTHER))
        yield Layer(
            each,
            words,
            said=_said(each),
            is_read=each == read,
            repeats=repeats,
            is_new=is_new,
            limit=truncation.glimpse(_said(each)),
            left_out=range(before.number + 1 if before else 1, each.number),
            same_as=next((one.number for one in revisions if one != each and one.says_as(each)), None),
        )
        before = each


def _value(text: Text | None) -> str:
    return "" if text is None or text.value is None else text.value


def _first(revision: Revision) -> str:
    """The text of the first choice, or what is shown in its place."""
    read = revision.completion
    return _value(revision.answer) if read is None else _shown(read.choices[0]).text


def _said(revision: Revision) -> str:
    """What a revision says, in words."""
    read = revision.completion
    if read is None:
        return _value(revision.answer)
    return "\n".join(filter(None, (_shown(each).words for each in read.choices[:MOST_CHOICES])))


def _shown(choice: Choice) -> Choice:
    """A choice without what would fill the page with base64."""
    text, extra = truncation.without_data(choice.text), truncation.extra_without_data(choice.extra)
    return choice if (text, extra) == (choice.text, choice.extra) else replace(choice, text=text, extra=extra)


def _words(revision: Revision, before: Revision | None) -> str:
    if before is None:
        return _FIRST
    if revision.result is None:
        return "deleted"
    if not revision.says_as(before):
        return _OTHER
    if before.number + 1 != revision.number:
        return "result replaced"
    if _is_same(revision.result, before.result):
        return "written again, the same bytes"
    return "result replaced, the same answer" + _only(before, revision)


def _only(before: Revision, after: Revision) -> str:
    """What changed beside the answer, as far as results are read."""
    old, new = _value(before.result), _value(after.result)
    if not old or not new:
        return ""
    names = [each[:40] for each in changed_beside(old, new)]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"; only {', '.join(names[:_MOST_NAMES])}{more} changed"


def _is_same(one: Text | None, other: Text | None) -> bool:
    return one is not None and other is not None and one.hash == other.hash


def _numbered(record: Record, number: int) -> Revision:
    for each in record.revisions:
        if each.number == number and each.result is not None:
            return each
    raise NotHere(
        f"Record {record.row.prompt_id} has no revision {number} with an answer: it has "
        f"{record.row.revisions:,} in all, and a deletion has none."
    )


def _pretty(result: Text | None) -> str | None:
    if result is None or result.value is None:
        return None
    return laid_out(result.value, most=_LARGEST_JSON)


def _sentence(record: Record, edit: Edit | None) -> str:
    """The answer to a page's first question: what is this, as it stands?"""
    first, last = record.revisions[0], record.revisions[-1]
    later = ago(last.at - first.at)
    if record.row.status is Status.LIVE:
        return (
            "The answer stands as it was first written: nothing on this chain has changed it, up to block "
            f"{record.chain.freshness.height:,}."
        )
    if record.row.status is Status.EDITED:
        return _edited(record, edit, later)
    return (
        f"This record was deleted from the table of the chain {later} after it was written. Nodes no longer "
        "return it. What follows is read from the transactions that wrote it."
    )


def _edited(record: Record, edit: Edit | None, later: str) -> str:
    edits = record.row.revisions - 1
    times = "once," if edits == 1 else f"{edits:,} times, the last time"
    when = f"{times} {later} after it was written"
    if record.row.same_words:
        return f"The result was replaced {when}; the answer in it is the one that it had at first."
    if record.between is not None:
        return f"The answer was replaced {when}. It says now what it said at first; in between it did not."
    if edit is not None and edit.came_back:
        return (
            f"The answer was replaced {when}. But for white space it says now what it said at first; in "
            "between it did not."
        )
    if edit is not None and edit.is_white_space:
        alone = "only white space in it differs from what was first written"
        return f"The answer was replaced {when}; {alone}."
    return (
        f"The answer was replaced {when}. What was said before is on the chain too, in signed blocks, and "
        "below."
    )


def ago(span: timedelta) -> str:
    """A span of time in its largest unit: “9 minutes”."""
    seconds = max(0, round(span.total_seconds()))
    for name, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "less than a second"
