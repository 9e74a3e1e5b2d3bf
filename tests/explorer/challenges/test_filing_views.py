"""Filing by form, from the page of a record to the number, without scripts."""

import re
from html import unescape
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from explorer.challenges import drafts, filers, filing
from explorer.challenges.models import Challenge, Draft, Event, Party, Payload
from explorer.desk.quotas import Limit
from explorer.queries.chain.chains import ChainView
from explorer.rules import registry
from tests.explorer.challenges import filed
from tests.explorer.challenges.filed import BROKEN, DAY, EDITED, UNTOUCHED, WHY
from tests.explorer.challenges.filing_forms import SignIn, begun, drafted, send
from tests.explorer.challenges.test_views import words
from tests.explorer.pages.asking import faults_of

pytestmark = [pytest.mark.django_db(databases=["default", "desk"]), pytest.mark.usefixtures("taking")]


def test_what_was_found_already_stands_first_and_open(visitor: Client, chain: ChainView) -> None:
    page = visitor.get(f"{begun(visitor, chain, BROKEN)}/ground").content.decode()
    grounds = re.findall(r'name="ground" value="([^"]+)"', page)
    opened = re.findall(r"<details( open)?><summary>(?:Found|Looked|What)", page)
    assert opened.count(" open") == 1
    assert (grounds[0], opened[0]) == ("malformed", " open")
    assert sorted(grounds) == sorted(each.name for each in registry.public())


def test_a_visitor_goes_from_a_record_to_a_number(visitor: Client, chain: ChainView, sign_in: SignIn) -> None:
    record = visitor.get(f"/chains/{chain.rid}/records/{EDITED}").content.decode()
    (found, *_) = re.findall(r'href="(/my/challenges/new[^"]*)"[^>]*>Question this record', record)
    assert f'value="{chain.rid}:{EDITED}"' in visitor.get(found).content.decode()
    at = begun(visitor, chain)
    ground = visitor.get(f"{at}/ground")
    assert "What is said last is not what was said first." in words(ground)
    evidence = send(visitor, f"{at}/ground", ground="result-altered")
    assert evidence.headers["Location"] == f"{at}/evidence"
    page = words(visitor.get(f"{at}/evidence"))
    assert page.index("The site looked for this already") < page.index("What do you want to say?")
    assert page.index("It may be innocent") < page.index("What do you want to say?")
    assert page.index("The best that can come of it") < page.index("What do you want to say?")
    assert send(visitor, f"{at}/evidence", statement=WHY).headers["Location"] == f"{at}/check"
    check = visitor.get(f"{at}/check")
    assert "/my/sign-in?next=%2Fmy%2Fchallenges%2F" in check.content.decode()
    assert "File the challenge" not in words(check)
    sign_in(filed.person("mallow"))
    answer = send(visitor, f"{at}/check")
    assert answer.headers["Location"] == f"{at}/filed"
    done = words(visitor.get(f"{at}/filed"))
    assert "Challenge C-2" in done
    assert "Whoever wrote the record may respond, by" in done
    challenge = Challenge.objects.get()
    assert challenge.status == "open"
    assert Party.objects.get().name == "mallow"
    assert Payload.objects.get().words == {"statement": WHY}


def test_whoever_comes_from_a_comparison_has_it_among_what_is_to_be_looked_at(
    visitor: Client, chain: ChainView
) -> None:
    compared = f"/compare?a={chain.rid}:{EDITED}.1&b={chain.rid}:{EDITED}.2"
    led = re.findall(r'href="(/my/challenges/new[^"]*)"', visitor.get(compared).content.decode())
    assert len(led) == 2
    form = visitor.get(unescape(led[1]))
    given = {name: form.context["form"][name].value() for name in ("record", "links")}
    assert given == {"record": f"{chain.rid}:{EDITED}.2", "links": compared}
    at = send(visitor, "/my/challenges/new", **given).headers["Location"].removesuffix("/ground")
    send(visitor, f"{at}/ground", ground="result-altered")
    typed = visitor.get(f"{at}/evidence").context["form"]["links"].value()
    assert typed == compared
    assert send(visitor, f"{at}/evidence", statement=WHY, links=typed).headers["Location"] == f"{at}/check"


def test_a_site_that_takes_none_has_no_form_for_it(chain: ChainView, settings: Settings) -> None:
    settings.CHALLENGES = False
    for path in ("/my/challenges/new", "/my/challenges", f"/my/challenges/{uuid4()}/check"):
        assert Client().get(path).status_code == HTTPStatus.NOT_FOUND
    assert "/my/challenges" not in Client().get(f"/chains/{chain.rid}/records/{EDITED}").content.decode()


def test_the_steps_of_a_draft_that_is_filed_lead_to_its_number(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    at = drafted(visitor, chain)
    sign_in(filed.person())
    form = visitor.get(f"{at}/check")
    token = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
    places = [visitor.post(f"{at}/check", token).headers["Location"] for _ in range(3)]
    assert places == [f"{at}/filed"] * 3
    assert Challenge.objects.count() == Event.objects.count() == 1
    for step in ("ground", "evidence", "check"):
        assert visitor.get(f"{at}/{step}").headers["Location"] == f"{at}/filed"


def test_a_draft_is_gone_on_with_in_another_browser_by_its_link(visitor: Client, chain: ChainView) -> None:
    at = drafted(visitor, chain)
    assert WHY in Client().get(f"{at}/evidence").content.decode()
    assert WHY in Client().get(f"{at}/check").content.decode()


def test_nobody_sees_a_draft_that_is_not_his(visitor: Client, chain: ChainView, sign_in: SignIn) -> None:
    at = drafted(visitor, chain)
    sign_in(filed.person("one"))
    assert visitor.get(f"{at}/check").status_code == HTTPStatus.OK
    for somebody in (None, filed.person("other")):
        sign_in(somebody)
        for step in ("ground", "evidence", "check", "filed"):
            answer = Client().get(f"{at}/{step}")
            assert answer.status_code == HTTPStatus.NOT_FOUND
            assert WHY not in answer.content.decode()
            assert ("sign in to go on with it" in words(answer)) is (somebody is None)
            assert Client().post(f"{at}/{step}", {"statement": "mine"}).status_code == HTTPStatus.NOT_FOUND
    assert Draft.objects.get().statement == WHY
    assert visitor.get(f"/my/challenges/{uuid4()}/ground").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Give the address of the record's page."),
        ("4711", "This record is not indexed here"),
        ("{rid}:1.3", "look at its chain, its number and its revision"),
        ("{rid}:1.999999999", "not indexed here"),
        ("AB" * 32 + ":1", "not indexed here"),
        ("javascript:alert(1)", "This is no record"),
        ("x" * 3_000, "too long for one"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_what_is_no_record_is_said(visitor: Client, chain: ChainView, given: str, said: str) -> None:
    answer = send(visitor, "/my/challenges/new", record=given.replace("{rid}", chain.rid))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert unescape(words(answer)).count(said) == 2  # in the summary and beside the field
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "form", ["{rid}:{id}", "/chains/{rid}/records/{id}", "http://x/chains/{rid}/records/{id}?revision=1"]
)
def test_a_record_is_named_or_its_address_is_pasted(visitor: Client, chain: ChainView, form: str) -> None:
    assert (
        send(visitor, "/my/challenges/new", record=form.format(rid=chain.rid.lower(), id=EDITED)).status_code
        == HTTPStatus.FOUND
    )
    draft = Draft.objects.get()
    assert (bytes(draft.brid), draft.prompt_id) == (chain.brid, EDITED)
    assert draft.revision == (1 if "revision" in form else None)


def test_what_is_missing_is_said_twice_in_the_same_words_and_kept(visitor: Client, chain: ChainView) -> None:
    at = begun(visitor, chain)
    nothing = send(visitor, f"{at}/ground")
    assert nothing.status_code == HTTPStatus.BAD_REQUEST
    assert words(nothing).count("Choose what you question.") == 2
    send(visitor, f"{at}/ground", ground="not-reproducible")
    given = {"runs": "2", "conditions": "", "control": str(EDITED), "statement": ""}
    answer = send(visitor, f"{at}/evidence", **given)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    text = words(answer)
    for said in (
        "Give a number that is 3 or more.",
        "Where and how did you run it? This is needed on this ground.",
        "This is the record itself: name another one.",
        "Say it in a sentence or two.",
    ):
        assert text.count(said) == 2, said
    assert 'href="#id_runs"' in answer.content.decode()
    assert "autofocus" in answer.content.decode()
    again = visitor.get(f"{at}/evidence")
    assert 'value="2"' in again.content.decode()
    # A browser would cut what is pasted, and nobody would be told.
    assert not [each.name for each in again.context["form"] if "maxlength" in str(each)]
    assert words(visitor.get(f"{at}/check")).count("Say it in a sentence or two.") == 2


@pytest.mark.parametrize(
    ("ground", "fields", "said"),
    [
        ("writer-changed", {"transaction": "AB"}, "A transaction RID has 64 hex digits"),
        ("field-contradiction", {"fields": "colour"}, "This is none of these"),
        ("replayed-text", {"other": "99"}, "not indexed here"),
        ("replayed-text", {"other": "x"}, "number, as 4711"),
        ("replayed-text", {"other": "9" * 40}, "number, as 4711"),
        ("replayed-text", {"other": "CD" * 32 + ":1"}, "not indexed here"),
        ("truncated", {"ending": "x" * 201}, "At most 200 characters fit"),
        ("result-altered", {"colour": "red"}, "More was sent than this form has"),
        ("result-altered", {"statement": "x" * 4_001}, "At most 4,000 characters fit, not 4001"),
        ("result-altered", {"statement": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_a_ground_does_not_take_is_said(
    visitor: Client, chain: ChainView, ground: str, fields: dict[str, str], said: str
) -> None:
    at = begun(visitor, chain)
    send(visitor, f"{at}/ground", ground=ground)
    answer = send(visitor, f"{at}/evidence", **({"statement": WHY} | fields))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in words(answer)


@pytest.mark.parametrize("ground", [each.name for each in registry.public()])
def test_each_ground_has_a_form_and_an_answer_that_is_filed(
    ground: str, visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    answers = {
        "text": "so it was", "number": "20", "record": str(BROKEN), "transaction": "ab" * 32,
        "choice": None,
    }  # fmt: skip
    at = begun(visitor, chain)
    send(visitor, f"{at}/ground", ground=ground)
    given = {
        each.name: answers[each.kind.value] or next(iter(each.choices or {}))
        for each in registry.by_name()[ground].fields
    }
    assert send(visitor, f"{at}/evidence", statement=WHY, **given).headers["Location"] == f"{at}/check"
    sign_in(filed.person())
    assert send(visitor, f"{at}/check").headers["Location"] == f"{at}/filed"
    assert set(Payload.objects.get().words or {}) == {"statement", *given}


def test_another_ground_takes_what_it_asks_for_of_what_was_typed(visitor: Client, chain: ChainView) -> None:
    at = begun(visitor, chain)
    send(visitor, f"{at}/ground", ground="truncated")
    send(visitor, f"{at}/evidence", ending="is flat", statement=WHY)
    send(visitor, f"{at}/ground", ground="result-altered")
    check = words(visitor.get(f"{at}/check"))
    assert "Check your answers" in check
    assert "is flat" not in check
    send(visitor, f"{at}/ground", ground="truncated")
    assert "is flat" in words(visitor.get(f"{at}/check"))


@pytest.mark.parametrize("ground", ["personal-data", "quality", "", "\0", "x" * 500])
def test_a_ground_that_is_private_or_none_cannot_be_chosen(
    ground: str, visitor: Client, chain: ChainView
) -> None:
    at = begun(visitor, chain)
    answer = send(visitor, f"{at}/ground", ground=ground)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert Draft.objects.get().ground == ""


def test_what_is_private_is_told_to_the_operator_and_opinion_is_refused_kindly(
    visitor: Client, chain: ChainView
) -> None:
    page = visitor.get(f"{begun(visitor, chain)}/ground")
    record = f"%2Fchains%2F{chain.rid}%2Frecords%2F{EDITED}"
    assert f'href="/my/report?page={record}&amp;kind=personal-data"' in page.content.decode()
    assert "is an opinion, and no ground" in words(page)


def test_whoever_wants_the_same_is_offered_to_join(
    visitor: Client, chain: ChainView, sign_in: SignIn
) -> None:
    at = drafted(visitor, chain, UNTOUCHED)
    first = filed.file(chain, UNTOUCHED, by=filed.person("first"))
    sign_in(filed.person("second"))
    answer = send(visitor, f"{at}/check")
    assert answer.status_code == HTTPStatus.CONFLICT
    join = f"/my/challenges/{first.name}/join"
    assert join in answer.content.decode()
    assert join in visitor.get(f"{at}/ground").content.decode()
    assert join in visitor.get(f"{at}/evidence").content.decode()
    assert Draft.objects.filter(challenge=None).exists()


def test_one_too_many_is_told_what_to_do(visitor: Client, chain: ChainView, sign_in: SignIn) -> None:
    own = filed.person()
    for ground in ("malformed", "truncated", "time-inconsistent"):
        filed.file(chain, UNTOUCHED, ground, by=own)
    at = drafted(visitor, chain)
    sign_in(own)
    answer = send(visitor, f"{at}/check")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Your draft stays" in words(answer)
    assert Challenge.objects.count() == 3


def test_a_database_that_takes_nothing_just_now_loses_nothing(
    visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = drafted(visitor, chain)
    sign_in(filed.person())

    def away(*_: object, **__: object) -> int:
        raise OperationalError("the server is away")

    monkeypatch.setattr(filing, "file", away)
    answer = send(visitor, f"{at}/check")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert WHY in words(answer)


def test_hostile_words_are_words(visitor: Client, chain: ChainView) -> None:
    hostile = "</textarea><script>alert(1)</script>![x](http://evil.example/x.png)\u202e<img src=x onerror=y>"
    at = begun(visitor, chain)
    send(visitor, f"{at}/ground", ground="truncated")
    send(visitor, f"{at}/evidence", statement=hostile, ending='"><b onclick=x>')
    for step in ("evidence", "check"):
        page = visitor.get(f"{at}/{step}").content.decode()
        assert set(faults_of(page)) <= {"a href=http://evil.example/x.png"}
        assert "<script>alert" not in page
        assert "<img" not in page


def test_no_browser_stores_a_draft(visitor: Client, chain: ChainView) -> None:
    at = drafted(visitor, chain)
    for step in ("ground", "evidence", "check", "filed"):
        stored = visitor.get(f"{at}/{step}").headers["Cache-Control"]
        assert {"no-store", "private"} <= set(stored.split(", ")), step


def test_forms_come_from_here_alone(chain: ChainView) -> None:
    stranger = Client(enforce_csrf_checks=True)
    for path in (
        "/my/challenges/new",
        f"/my/challenges/{uuid4()}/check",
        "/my/challenges/C-2026-000001/join",
    ):
        answer = stranger.post(path, {"record": f"{chain.rid}:1"})
        assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not Draft.objects.exists()


def test_too_many_drafts_from_one_address_are_refused(visitor: Client, chain: ChainView) -> None:
    for _ in range(drafts.LIMITS[0].most):
        begun(visitor, chain)
    answer = send(visitor, "/my/challenges/new", record=f"{chain.rid}:1")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "begin again after" in words(answer)


def test_whoever_may_file_no_more_is_told_before_he_types(
    visitor: Client, chain: ChainView, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = filed.person("own")
    sign_in(own)
    at = begun(visitor, chain)
    assert "cannot file it yet" not in words(visitor.get(f"{at}/ground"))
    monkeypatch.setattr(filers, "_PENDING_AT_FIRST", 0)
    for step in ("ground", "evidence"):
        assert "You can write this, and cannot file it yet. 0 challenges" in words(
            visitor.get(f"{at}/{step}")
        )
        send(visitor, f"{at}/ground", ground="truncated")


def test_a_record_is_named_by_its_number_where_there_is_one_chain(visitor: Client, chain: ChainView) -> None:
    for text in (f"#{EDITED}", f" {EDITED} "):
        answer = send(visitor, "/my/challenges/new", record=text)
        assert answer.status_code == HTTPStatus.FOUND
    assert {each.prompt_id for each in Draft.objects.all()} == {EDITED}
    for text in ("#99", "#0", "9" * 30, "1 2"):
        assert send(visitor, "/my/challenges/new", record=text).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("is_of_everybody", [False, True])
def test_what_is_too_much_to_be_kept_stands_in_the_form(
    visitor: Client, chain: ChainView, monkeypatch: pytest.MonkeyPatch, is_of_everybody: bool
) -> None:
    limit = Limit("KiB", most=3, period=DAY, of_everybody=is_of_everybody)
    monkeypatch.setattr(drafts, "WORDS", (limit,))
    at = begun(visitor, chain)
    send(visitor, f"{at}/ground", ground="truncated")
    send(visitor, f"{at}/evidence", statement="the first words", ending="x" * 2_500)
    answer = send(visitor, f"{at}/evidence", statement="some other words", ending="y")
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "send them again after" in words(answer)
    assert "some other words" in answer.content.decode()
    assert Draft.objects.get().statement == "the first words"


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_nothing_below_my_is_kept_by_others(visitor: Client) -> None:
    for path in ("/my/challenges", "/my/challenges/new"):
        assert "private" in visitor.get(path).headers["Cache-Control"]
