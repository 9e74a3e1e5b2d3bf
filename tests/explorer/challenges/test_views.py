"""“Report a problem with this page”, from the first look to the operator's table."""

import re
from datetime import timedelta
from http import HTTPStatus
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone

from explorer.challenges import reports
from explorer.challenges.forms import LONGEST_TEXT
from explorer.challenges.models import Report
from explorer.desk.models import OutboxEntry, Quota, Sequence
from explorer.rules import registry
from explorer.rules.ground import Ground
from tests.explorer.challenges.conftest import ADDRESS, Send
from tests.explorer.pages.asking import page

pytestmark = pytest.mark.django_db(databases=["default", "desk"])
WORDS = "The digest differs from mine."


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


@pytest.mark.django_db(transaction=True, databases=["default", "desk"])
def test_a_report_goes_from_a_page_to_the_operator_as_the_roles_of_the_web(
    as_web: None, visitor: Client, send: Send, request: pytest.FixtureRequest
) -> None:
    (found,) = re.findall(r'href="(/my/report[^"]*)"', visitor.get("/terms").content.decode())
    assert found == "/my/report?page=%2Fterms"
    assert 'value="/terms"' in visitor.get(found).content.decode()
    sent = send(text=WORDS, contact="me@example.org")
    assert sent.status_code == HTTPStatus.FOUND
    thanks = visitor.get(sent.headers["Location"])
    assert thanks.status_code == HTTPStatus.OK
    assert "Your reference is report 1" in words(thanks)
    assert WORDS not in thanks.content.decode()
    with pytest.raises(Exception, match="permission denied"):
        Report.objects.get()


def test_what_is_kept_is_what_was_written_and_the_page_s_address(send: Send) -> None:
    send(page="/chains/AB?a=1", text=f"  {WORDS}\r\nAnd more.\r\n", contact="me@example.org")
    report = Report.objects.get()
    assert (report.number, report.kind, report.page) == (1, "page", "/chains/AB?a=1")
    assert (report.text, report.contact) == (f"{WORDS}\nAnd more.", "me@example.org")
    assert (report.done_at, report.erased_at) == (None, None)
    entry = OutboxEntry.objects.get()
    assert (entry.name, entry.arguments) == ("mail_report", {"number": 1})


@pytest.mark.parametrize("ground", [each for each in registry.grounds() if each.is_private])
def test_a_private_ground_is_reported_with_its_kind_and_record_and_an_answer_is_promised(
    ground: Ground, visitor: Client, send: Send
) -> None:
    record = f"/chains/{'AB' * 32}/records/1"
    form = visitor.get(ADDRESS, {"page": record, "kind": ground.name})
    assert ground.title.lower() in words(form)
    assert ground.asks in words(form)
    assert "within 72 hours" in words(form)
    assert f'value="{ground.name}"' in form.content.decode()
    assert "within 72 hours" in words(visitor.get(send(page=record, kind=ground.name).headers["Location"]))
    assert Report.objects.values_list("kind", "page").get() == (ground.name, record)
    out = StringIO()
    call_command("reports", stdout=out)
    assert Report.Kind(ground.name).label in out.getvalue()


@pytest.mark.parametrize("kind", ["page", "result-altered", "x\u202e<script>", "a" * 5_000])
def test_a_kind_that_is_none_is_a_problem_with_a_page(kind: str, send: Send) -> None:
    assert send(kind=kind).status_code == HTTPStatus.FOUND
    assert Report.objects.get().kind == "page"


def test_the_form_is_a_page_as_all_others_and_offers_no_link_to_itself() -> None:
    text = page(ADDRESS, status=200)
    assert "Report a problem with this page" not in text
    assert 'name="robots" content="noindex"' in text


def test_the_same_form_sent_twice_is_one_report(send: Send) -> None:
    token = str(uuid4())
    first, second = send(token=token), send(token=token)
    assert first.headers["Location"] == second.headers["Location"]
    assert Report.objects.count() == OutboxEntry.objects.count() == 1
    assert {each.used for each in Quota.objects.all()} == {1}


def test_what_is_changed_and_sent_again_is_another_report(send: Send) -> None:
    token = str(uuid4())
    first, second = send(token=token), send(token=token, text="Something else.")
    assert first.headers["Location"] != second.headers["Location"]
    assert Report.objects.count() == 2


def test_nobody_sees_a_report_whose_address_he_does_not_know(visitor: Client) -> None:
    assert visitor.get(f"{ADDRESS}/sent/{uuid4()}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Say what is wrong, in a few words."),
        ({"text": None}, "Say what is wrong, in a few words."),
        ({"text": "a\0b"}, "Null characters are not allowed."),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "At most 4,000 characters fit, this has 4001: shorten it."),
        ({"page": ""}, "Give the address of the page"),
        ({"page": "https://elsewhere.example/"}, "beginning with a slash"),
        ({"page": "//elsewhere.example/"}, "beginning with a slash"),
        ({"page": "javascript:alert(1)"}, "beginning with a slash"),
        ({"page": "http://[::1"}, "beginning with a slash"),
        ({"page": "/" + "x" * 2_000}, "leave out its end"),
        ({"contact": "nobody"}, "This is no e-mail address: mend it, or leave it empty."),
        ({"contact": "a@example.org\nBcc: b@example.org"}, "This is no e-mail address"),
        ({"colour": "red"}, "More was sent than this form has"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    send: Send, fields: dict[str, str | None], said: str
) -> None:
    answer = send(**({"text": WORDS, "contact": "me@example.org"} | fields))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in words(answer)
    assert "<title>Not sent yet: " in answer.content.decode()
    for name, value in {"text": WORDS, "contact": "me@example.org"}.items():
        if name not in fields:
            assert value in answer.content.decode()
    assert not Report.objects.exists()
    assert not Quota.objects.exists()


@pytest.mark.parametrize("token", [None, "", "a\0b", "x" * 999])
def test_a_form_whose_token_was_lost_is_taken_all_the_same(send: Send, token: str | None) -> None:
    assert send(token=token).status_code == HTTPStatus.FOUND


def test_hostile_words_are_words(send: Send) -> None:
    hostile = "</textarea><script>alert(1)</script>\u202e\u200b{{ 7*7 }}"
    answer = send(text=hostile, contact="no")
    assert "<script>alert" not in answer.content.decode()
    assert answer.context["form"]["text"].value() == hostile
    assert send(text=hostile).status_code == HTTPStatus.FOUND
    assert Report.objects.get().text == hostile


def test_bytes_that_are_no_text_become_signs(visitor: Client) -> None:
    form = visitor.get(ADDRESS)
    body = f"csrfmiddlewaretoken={form.context['csrf_token']}&page=/&contact=&text=%ED%A0%80%ff&token="
    answer = visitor.post(ADDRESS, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == HTTPStatus.FOUND
    assert set(Report.objects.get().text) == {"\ufffd"}


@override_settings(ALLOWED_HOSTS=["explorer.example"])
def test_an_address_of_this_site_may_be_pasted_whole() -> None:
    visitor = Client(headers={"host": "explorer.example"})
    given = {"page": "http://explorer.example/chains?a=1", "text": WORDS}
    assert visitor.post(ADDRESS, given).status_code == HTTPStatus.FOUND
    assert Report.objects.get().page == "/chains?a=1"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "x"])
def test_another_kind_of_body_is_refused(visitor: Client, kind: str) -> None:
    visitor.get(ADDRESS)
    answer = visitor.generic("POST", ADDRESS, b'{"text": "x"}', content_type=kind)
    assert answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
    assert "Go back" in words(answer) or "Start from the home page" in words(answer)
    assert not Report.objects.exists()


def test_what_comes_from_elsewhere_is_refused_with_what_to_do(visitor: Client) -> None:
    for answer in (
        visitor.post(ADDRESS, {"text": WORDS, "page": "/"}),
        visitor.post(ADDRESS, {"text": WORDS, "page": "/"}, headers={"origin": "https://evil.example"}),
    ):
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "Nothing was stored" in words(answer)
        assert "cookies allowed for this site" in words(answer)
    assert not Report.objects.exists()


@pytest.mark.parametrize("size", [64 * 1024 + 1, 5_000_000])
def test_too_much_is_refused_with_a_page_that_says_so(visitor: Client, size: int) -> None:
    answer = visitor.post(
        ADDRESS, b"text=" + b"x" * (size - 5), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "at most 65,536 bytes are taken here" in words(answer)


def test_the_longest_report_there_is_fits(send: Send) -> None:
    assert send(text="\U0001f4a1" * LONGEST_TEXT, page="/" + "é" * 999).status_code == HTTPStatus.FOUND


def test_after_as_many_as_may_be_the_next_is_told_when(send: Send) -> None:
    most = reports.LIMITS[0].most
    assert {send(text=str(each)).status_code for each in range(most)} == {HTTPStatus.FOUND}
    refused = send(text=WORDS)
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "came from your connection" in words(refused)
    assert WORDS in refused.content.decode()
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert Report.objects.count() == OutboxEntry.objects.count() == Sequence.objects.get().last == most


@override_settings(NUM_PROXIES=1)
def test_each_client_behind_the_proxy_has_a_quota_of_its_own() -> None:
    def status(address: str) -> int:
        headers = {"x-forwarded-for": f"198.51.100.9, {address}"}
        return Client(headers=headers).post(ADDRESS, {"page": "/", "text": WORDS}).status_code

    for _ in range(reports.LIMITS[0].most):
        assert status("192.0.2.1") == HTTPStatus.FOUND
    assert status("192.0.2.1") == HTTPStatus.TOO_MANY_REQUESTS
    assert status("192.0.2.2") == HTTPStatus.FOUND


def test_after_as_many_as_may_be_of_everybody_s_nobody_s_is_taken(send: Send) -> None:
    limit = reports.LIMITS[1]
    begun_at = limit.begun_at(timezone.now())
    until = begun_at + timedelta(days=1)
    Quota.objects.create(scope=limit.scope, subject=b"", begun_at=begun_at, expires_at=until, used=limit.most)
    refused = send()
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "this site has taken" in words(refused)
    assert Quota.objects.count() == 1


def test_a_database_that_takes_nothing_just_now_loses_nothing(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> int:
        raise OperationalError("the server is away")

    monkeypatch.setattr(reports, "file", away)
    answer = send(text=WORDS)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert WORDS in answer.content.decode()
    assert "send it again" in words(answer)


def test_the_form_s_cookie_is_for_these_pages_alone_and_no_script_reads_it(visitor: Client) -> None:
    answer = visitor.get(ADDRESS, secure=True)
    assert list(answer.cookies) == ["csrftoken"]
    assert answer.cookies["csrftoken"]["path"] == "/my/"
    assert answer.cookies["csrftoken"]["httponly"]
    assert answer.cookies["csrftoken"]["samesite"] == "Lax"


def test_nobody_in_between_keeps_what_is_below_my(visitor: Client, send: Send) -> None:
    sent = send()
    places = (ADDRESS, sent.headers["Location"], "/my/nothing")
    for answer in (sent, *(visitor.get(place) for place in places)):
        assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("query", ["?colour=red", "?page=/a&page=/b", "?page=" + "x" * 2001])
def test_what_cannot_be_asked_is_said(visitor: Client, query: str) -> None:
    assert visitor.get(f"{ADDRESS}{query}").status_code == HTTPStatus.BAD_REQUEST


def test_the_link_of_a_page_with_a_long_address_leads_somewhere(visitor: Client) -> None:
    text = visitor.get("/find", {"q": "\u00e9" * 300, "x": "y" * 2000}).content.decode()
    (found,) = re.findall(r'href="(/my/report[^"]*)"', text)
    assert visitor.get(found).status_code == HTTPStatus.OK
