"""Comparing what records said with each other, and with texts that are sent for it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from string import ascii_lowercase
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt

from explorer.pages.frame.context import chains_of
from explorer.pages.frame.page import asking, led, show
from explorer.pages.rendering import compared
from explorer.pages.rendering.compared import VIEWS
from explorer.queries.compare.baseline import Peer, peer_of
from explorer.queries.compare.comparison import MOST_SIDES, Group, compare_all, compare_messages
from explorer.queries.compare.sides import Reference, Side, named_in
from explorer.queries.compare.sides import sides as read_sides
from explorer.queries.db.kinds import Misread
from explorer.query_parameters import BadParameters, Fault, QueryParameters

LETTERS = "abcde"
VIEWS_OF_TEXTS = ("words", "split")
_TOO_MANY = (
    f"At most {MOST_SIDES} records can be compared at a time, and are named {LETTERS[0]} to {LETTERS[-1]}: "
    "leave out {}, or put it in the place of another."
)
_FURTHER = 10  # letters that are read as sides, so that whoever names too many is told
_PLAIN = ":@."  # what stands in the name of a record as it is


@csrf_exempt  # nothing that is sent is kept, and no cookie is asked for
def compare(request: HttpRequest) -> HttpResponse:
    """Two to five records; those that a form sends, each as ``r``, have an address with a letter for each.
    Texts that are sent have no address.
    """
    if request.method == "POST":
        return _sent(request)
    ticked = _ticked(request)
    if 0 < len(ticked) <= MOST_SIDES:
        return HttpResponseRedirect(address(dict(zip(LETTERS, ticked, strict=False))))
    return _asked_for(request)


def _ticked(request: HttpRequest) -> Sequence[str]:
    return list(dict.fromkeys(filter(None, map(str.strip, request.GET.getlist("r")))))


@asking(*LETTERS, "baseline", "view", "r")
def _asked_for(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    if ticked := _ticked(request):
        raise BadParameters([_too_many(len(ticked))])
    given = [(each, asked.value(each, Reference.read)) for each in LETTERS]
    baseline = asked.choice("baseline", {each: each for each in LETTERS}) or LETTERS[0]
    view = asked.choice("view", VIEWS)
    asked.too_many(ascii_lowercase[:_FURTHER], _TOO_MANY)
    asked.check()
    named = [(letter, each) for letter, each in given if each is not None]
    place = next((at for at, (letter, _) in enumerate(named) if letter == baseline), 0)
    query = _query([each for _, each in named], place, view)
    if elsewhere := led(request, address(query)):
        return elsewhere
    chains = chains_of(request)
    return _shown(request, read_sides(chains, [each for _, each in named]), place=place, view=view)


@asking()
def _sent(request: HttpRequest, asked: QueryParameters) -> HttpResponse:
    """Two sides of a form, each a text or the name of a record. Files are not taken."""
    asked.check()
    request.upload_handlers = []
    faults: list[Fault] = []
    given = [_given(request.POST, letter, faults) for letter in LETTERS[:2]]
    view = request.POST.get("view", VIEWS_OF_TEXTS[0])
    if view not in VIEWS_OF_TEXTS:
        faults.append(Fault("view", "not-a-choice", f"view is one of {', '.join(VIEWS_OF_TEXTS)}."))
    if faults:
        raise BadParameters(faults)
    if all(isinstance(each, Reference) for each in given):
        named = [each for each in given if isinstance(each, Reference)]
        return HttpResponseRedirect(address(_query(named, 0, None)), status=HTTPStatus.SEE_OTHER)
    chains = chains_of(request)
    found = read_sides(chains, [each or "" for each in given])
    response = _shown(request, found, place=0, view=view)
    response.headers["Cache-Control"] = "no-store"
    return response


def _given(form: QueryDict, letter: str, faults: list[Fault]) -> Reference | str | None:
    """What a form sends for a side: the name of a record, else a text, with the ends of lines as outside of
    forms.
    """
    text = form.get(f"{letter}_text", "").replace("\r\n", "\n")
    try:
        named = named_in(form.get(letter, ""))
    except Misread as error:
        faults.append(Fault(letter, error.code, f"{letter} {error.rule}."))
        return None
    if named is not None and text:
        faults.append(
            Fault(letter, "not-together", f"Give a record or a text for {letter.upper()}, not both.")
        )
    return text if named is None else named


def _too_many(ticked: int) -> Fault:
    rule = f"{ticked:,} records are ticked, and at most {MOST_SIDES} can be compared at a time: go back, and"
    return Fault("r", "too-many", f"{rule} untick {ticked - MOST_SIDES:,}.")


def _query(named: Sequence[Reference], place: int, view: str | None) -> Mapping[str, str]:
    found = {letter: str(each) for letter, each in zip(LETTERS, named, strict=False)}
    if place:
        found["baseline"] = LETTERS[place]
    return found if view is None else found | {"view": view}


def address(query: Mapping[str, str]) -> str:
    """The one address of a comparison."""
    asked = urlencode(query, safe=_PLAIN)
    return f"{reverse('compare')}?{asked}" if asked else reverse("compare")


def _shown(request: HttpRequest, sides: Sequence[Side], *, place: int, view: str | None) -> HttpResponse:
    named = compared.named(sides)
    wanted, place = place, _baseline(sides, place)
    groups = compare_all(sides, baseline=place) if sides else []
    references = [each.reference for each in sides if each.reference is not None]
    pins = [each.pin for each in sides if each.reference is not None]
    peer = _peer(sides, groups, place)
    sections = compared.sections(named, groups, view=view or "words", is_chosen=view is not None, peer=peer)
    unsaid = compared.unsaid(named, place) if named else []
    messages = compare_messages([(ground.side, other.side) for ground, other in unsaid])
    return show(
        request, "pages/compare.html", section="compare", status=_status(sides),
        of=list({each.chain.id: each.chain for each in sides if each.chain is not None}.values()),
        sides=named, sections=sections, baseline=named[place] if named else None, view=view or "words",
        is_compared=any(each.comparison for each in sections),
        facts=compared.facts(named), others=[each for each in sections if each.is_other],
        absent=named[wanted] if wanted != place else None,
        silent=[each for each in named if each.side.parts is None],
        prompts=[compared.prompts(*pair, each) for pair, each in zip(unsaid, messages, strict=True)],
        views=[(each, address(_query(references, place, each))) for each in VIEWS],
        baselines=[(each.letter, address(_query(references, at, view))) for at, each in enumerate(named)],
        swapped=address(_query(references[::-1], 0, view)) if len(references) == 2 else "",
        pinned=address(_query([each for each in pins if each is not None], place, view)) if all(pins) else "",
        is_pinned=all(each.is_pinned for each in references), most=MOST_SIDES,
        is_sent=len(references) < len(sides),
        api_path=compared.json_of(*references) if len(references) == len(sides) else None,
    )  # fmt: skip


def _baseline(sides: Sequence[Side], wanted: int) -> int:
    """The place of the side that the others are compared with: that which is wanted, else the first that can
    be compared.
    """
    here = [place for place, each in enumerate(sides) if each.parts is not None]
    return wanted if wanted in here or len(here) < 2 else here[0]


def _peer(sides: Sequence[Side], groups: Sequence[Group], place: int) -> Peer | None:
    """One of the baseline, where something else is said."""
    if all(each.comparison is None or each.comparison.is_identical for each in groups):
        return None
    return peer_of(sides[place], but={each.facts.prompt_id for each in sides if each.facts is not None})


def _status(sides: Sequence[Side]) -> HTTPStatus:
    if any(each.withheld for each in sides):
        return HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
    here = sum(each.is_here for each in sides)
    is_too_little = len(sides) > here and here < 2
    return HTTPStatus.NOT_FOUND if is_too_little else HTTPStatus.OK


urlpatterns = [path("compare", compare, name="compare")]
