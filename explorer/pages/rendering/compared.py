"""What the page of a comparison says of its sides: the verdict in words, facts side by side, measures."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from explorer.diff.likeness import Likeness, likeness
from explorer.diff.texts import Difference
from explorer.pages.rendering import comparing, name_tags, tags
from explorer.pages.rendering.comparing import Shown
from explorer.pages.rendering.layout import laid_out
from explorer.queries.compare.baseline import Peer
from explorer.queries.compare.comparison import Comparison, Group, PartDifference, compare_lines
from explorer.queries.compare.sides import Reference, Side
from indexer.words.tokens import each as tokens_of
from indexer.words.tokens import is_word

VIEWS = {each: each for each in ("words", "split", "json", "raw")}
_LARGEST_JSON = 200_000
_FEWEST_WORDS, _LONGEST = 12, 30_000  # words, and characters, of a text into which negations are put
_NOTHING, _UNTOLD = "no record", "not told"


@dataclass(frozen=True, slots=True)
class Named:
    """A side with its letter. ``title`` is what it is called, ``url`` its page, empty where it has none."""

    letter: str
    side: Side
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of each side. ``differs`` is None where it is known of fewer than two."""

    name: str
    cells: Sequence[tuple[str, SafeString | str]]
    differs: bool | None


@dataclass(frozen=True, slots=True)
class Measured:
    """How alike two texts are, and which these are."""

    what: str
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Prompts:
    """What two sides were asked. ``found`` is None where that cannot be compared, and ``silent`` are then
    those whose messages may not be shown; ``shown`` is how they differ, where they do.
    """

    baseline: Named
    other: Named
    found: Difference | None
    shown: Sequence[Shown]

    @property
    def letters(self) -> str:
        """That of the other side."""
        return self.other.letter

    @property
    def silent(self) -> Sequence[Named]:
        """Each of them that says why."""
        return [each for each in (self.baseline, self.other) if each.side.why_no_messages]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of sides that say the same. ``parts`` are how they differ from the baseline, ``prompts`` how
    what they were asked does, and ``is_plain`` is whether that is shown without marks, for too much does.
    """

    members: Sequence[Named]
    comparison: Comparison | None
    verdict: str
    parts: Sequence[Shown]
    prompts: Prompts | None
    measured: Sequence[Measured]
    is_plain: bool
    lines: Shown | None
    json_url: str

    @property
    def is_other(self) -> bool:
        """Whether it says something else than the baseline."""
        return self.comparison is not None and not self.comparison.is_identical

    @property
    def letters(self) -> str:
        """“B and C”, but for the baseline where it is compared with the other."""
        ground = None if self.comparison is None else self.comparison.a
        return _listed([each.letter for each in self.members if each.side is not ground])


def named(sides: Sequence[Side]) -> Sequence[Named]:
    """The sides with their letters."""
    return [
        Named(letter, each, _title(each, letter), _url(each))
        for letter, each in zip(ascii_uppercase, sides, strict=False)
    ]


def sections(
    sides: Sequence[Named], groups: Sequence[Group], *, view: str, is_chosen: bool, peer: Peer | None
) -> Sequence[Section]:
    """Each group, the baseline's first. ``is_chosen`` is whether the reader chose the view; ``peer`` is one
    of the baseline.
    """
    ground = next((each.comparison.a.text for each in groups if each.comparison is not None), "")
    beside = list(_beside(ground, peer))
    return [_section(sides, each, view, is_chosen, beside) for each in groups]


def unsaid(sides: Sequence[Named], baseline: int) -> Sequence[tuple[Named, Named]]:
    """The baseline and each other record of which what one says cannot be compared, but what both were asked
    may be.
    """
    ground, is_asked = sides[baseline], [each.side.messages is not None for each in sides]
    return [
        (ground, each)
        for at, each in enumerate(sides)
        if at != baseline
        and is_asked[at]
        and is_asked[baseline]
        and None in (ground.side.parts, each.side.parts)
    ]


def _section(
    sides: Sequence[Named], group: Group, view: str, is_chosen: bool, beside: Sequence[Measured]
) -> Section:
    members, found = [sides[at] for at in group.places], group.comparison
    if found is None:
        said = [comparing.whole(each.name, each.text) for each in members[0].side.parts or ()]
        return Section(members, None, "", said, None, (), is_plain=False, lines=None, json_url="")
    is_plain = found.is_mostly_different and not is_chosen
    is_split = view == "split" and not found.is_identical
    show = comparing.side_by_side if is_split else comparing.in_one_text
    if is_plain:
        show = comparing.plainly
    are_words = view in ("words", "split")
    return Section(
        members,
        found,
        verdict=verdict(found),
        parts=[show(each.name, each.difference) for each in found.parts] if are_words else (),
        prompts=prompts(_named_of(sides, found.a), _named_of(sides, found.b), found.messages),
        measured=[] if found.is_identical else [Measured("This pair", found.likeness), *beside],
        is_plain=is_plain and are_words,
        lines=_lines(found) if view == "raw" else None,
        json_url=json_of(found.a.pin, found.b.pin),
    )


def json_of(*sides: Reference | None) -> str:
    """The comparison of two records as JSON, or what can be compared where there is none; empty where the API
    does not compare these.
    """
    if not sides:
        return reverse("api:compare")
    a, b = sides if len(sides) == 2 else (None, None)
    return f"{reverse('api:compare')}?a={a}&b={b}" if a and b else ""


def prompts(baseline: Named, other: Named, found: Difference | None) -> Prompts:
    """What is told of what two sides were asked."""
    if found is None or found.is_identical:
        return Prompts(baseline, other, found, ())
    return Prompts(baseline, other, found, [comparing.in_one_text("prompt", found)])


def _named_of(sides: Sequence[Named], side: Side) -> Named:
    return next(each for each in sides if each.side is side)


def verdict(found: Comparison) -> str:
    """The first thing to know about two sides, in a sentence or two."""
    if found.is_identical:
        return f"Identical, character for character: {len(found.a.text):,} characters."
    what = "change of lines" if found.is_line_diff else "change"
    counted = f"{found.changes:,} {what if found.changes == 1 else what.replace('change', 'changes')}."
    told = ["Not identical.", counted, _beginning(found.first, found), _words(found.likeness)]
    return " ".join(filter(None, told))


def _beginning(first: PartDifference | None, found: Comparison) -> str:
    if first is None or first.difference.first_divergence is None:
        return ""
    of = f" of “{first.name}”" if len(found.parts) > 1 else ""
    characters = first.difference.first_divergence
    if not characters:
        return f"They differ from the first character{of} on."
    words = first.difference.first_word or 0
    told = (
        f"{words:,} word{'' if words == 1 else 's'}, {characters:,} character{'' if characters == 1 else 's'}"
    )
    return f"The beginning{of} agrees: {told}."


def _words(measured: Likeness) -> str:
    one, other = measured.words
    if measured.word_match is None or one is None or other is None:
        return ""
    same = round(measured.word_match * (one + other) / 2)
    of = f"Of the {one:,} word{'' if one == 1 else 's'} of the baseline"
    stand = f"{same:,} stand{'s' if same == 1 else ''} in the other in the same order"
    return f"{of}, {stand} (word match {measured.word_match:.3f})."


def _beside(ground: str, peer: Peer | None) -> Iterator[Measured]:
    """What measures are judged by: how alike those are that should be, and what is hardly seen."""
    if peer is not None and len(ground) <= _LONGEST:
        named = f"The baseline, and record #{peer.prompt_id}, which was asked the same of the same model"
        yield Measured(f"{named}, as first written", likeness(ground, peer.text))
    if (negated := _twice_negated(ground)) is not None:
        yield Measured("The baseline, and itself with “not” put in twice", likeness(ground, negated))


def _twice_negated(text: str) -> str | None:
    """The text with a negation behind the first and the second third of its words; None where it has few
    words, or very many.
    """
    if len(text) > _LONGEST:
        return None
    pieces = list(tokens_of(text))
    places = [at for at, each in enumerate(pieces) if is_word(each)]
    if len(places) < _FEWEST_WORDS:
        return None
    for part in (2, 1):
        pieces.insert(places[len(places) * part // 3], "not ")
    return "".join(pieces)


def _lines(found: Comparison) -> Shown | None:
    results = found.a.result, found.b.result
    a, b = (None if each is None else laid_out(each, most=_LARGEST_JSON) or each for each in results)
    return None if a is None or b is None else comparing.in_one_text("result", compare_lines(a, b))


def facts(sides: Sequence[Named]) -> Sequence[Fact]:
    """What is known of the records, what differs first; nothing where none of them is here."""
    if all(each.side.revision is None for each in sides):
        return []
    found = [_fact(name, sides, value, written) for name, value, written in _FACTS]
    return sorted(found, key=lambda each: not each.differs)


def _fact(
    name: str,
    sides: Sequence[Named],
    value: Callable[[Side], object],
    written: Callable[[Side], SafeString | str],
) -> Fact:
    here = [each.side for each in sides if each.side.revision is not None]
    cells = [(each.letter, written(each.side) if each.side in here else _absent(each.side)) for each in sides]
    told = [known for known in map(value, here) if known is not None]
    differs = len(set(told)) > 1 if len(told) > 1 else None
    return Fact(name, cells, differs=differs)


def _absent(side: Side) -> str:
    return "a text that was sent" if side.reference is None else _NOTHING


def _title(side: Side, letter: str) -> str:
    if side.reference is None:
        return f"text {letter}"
    number = side.revision.number if side.revision is not None and side.reference.is_pinned else None
    return f"#{side.reference.prompt_id}" + (f", revision {number:,}" if number is not None else "")


def _url(side: Side) -> str:
    if side.reference is None or side.chain is None or side.facts is None:
        return ""
    page = reverse("record", args=[side.chain.rid, side.reference.prompt_id])
    says = side.revision is not None and side.revision.result is not None
    return f"{page}?revision={side.revision.number}" if side.revision is not None and says else page


def _state(side: Side) -> SafeString | str:
    if side.facts is None or side.revision is None:
        return _NOTHING
    of = f"revision {side.revision.number:,} of {side.facts.revisions:,}"
    if side.is_deleted:
        return format_html("{} {}", tags.mark("deleted", "deleted since"), of)
    if side.facts.revisions == 1:
        return tags.mark("", "as first written")
    is_newest = side.revision.number == side.facts.revisions
    return format_html("{} {}", tags.mark("edited", "as it stands" if is_newest else "replaced since"), of)


def _key(side: Side) -> bytes | None:
    return None if side.revision is None or side.revision.answer is None else side.revision.answer.hash


def _fingerprint(side: Side) -> str | None:
    """Empty where the result reports none; None where the result may not be shown."""
    if side.result is None or side.revision is None:
        return None
    read = side.revision.completion
    reported = () if read is None else read.reported
    return next((each.value for each in reported if each.name == "system_fingerprint"), "")


def _hashed(key: bytes | None, of: str) -> SafeString | str:
    return _UNTOLD if key is None else tags.show_hash(key, of=of)


def _bdi(text: str | None) -> SafeString | str:
    if text is None:
        return _UNTOLD
    return format_html("<bdi>{}</bdi>", tags.oneline(text)) if text else "not reported"


def _rid(side: Side) -> str:
    return "" if side.chain is None else side.chain.rid


def _of(name: str) -> Callable[[Side], object]:
    return lambda each: None if each.facts is None else getattr(each.facts, name)


def _provider(side: Side) -> SafeString | str:
    return _NOTHING if side.facts is None else name_tags.provider_alone(side.facts.provider)


def _model(side: Side) -> SafeString | str:
    return _NOTHING if side.facts is None else name_tags.model(side.facts.model)


def _scout(side: Side) -> SafeString | str:
    return _NOTHING if side.facts is None else name_tags.scout(side.facts.scout, _rid(side))


def _seed(side: Side) -> SafeString | str:
    return _NOTHING if side.facts is None else name_tags.seed(side.facts.seed)


def _written(side: Side) -> SafeString | str:
    return _NOTHING if side.revision is None else tags.moment(side.revision.at)


def _prompt(side: Side) -> SafeString | str:
    return _NOTHING if side.facts is None else tags.show_hash(side.facts.prompt, of="prompt key")


_FACTS: Sequence[tuple[str, Callable[[Side], object], Callable[[Side], SafeString | str]]] = (
    ("Provider", _of("provider"), _provider),
    ("Model", _of("model"), _model),
    ("Scout", _of("scout"), _scout),
    ("Seed", _of("seed"), _seed),
    ("Written", _written, _written),
    ("State", _state, _state),
    ("system_fingerprint", _fingerprint, lambda each: _bdi(_fingerprint(each))),
    ("Answer key", _key, lambda each: _hashed(_key(each), "answer key")),
    ("Prompt key", _of("prompt"), _prompt),
    ("Chain", _rid, lambda each: f"{_rid(each)[:8]}…"),
)


def _listed(words: Iterable[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
