"""What many ask for at once is made once, and never given again when it would say something else."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config.kept_answers import FRESH, FRESH_COUNTS, Kept
from indexer.models import Suppression

pytestmark = pytest.mark.django_db
ASK = RequestFactory()


class Site:
    """A site that counts what it makes, and a clock of its own."""

    def __init__(self, **headers: str) -> None:
        self.made = 0
        self.seconds = 0.0
        self.size = 10
        self.is_late = False
        self._headers = headers
        self._kept = Kept(self._make, now=lambda: self.seconds)

    def get(self, address: str = "/records", **more: Any) -> HttpResponseBase:
        return self._kept(ASK.get(address, **more))

    def post(self) -> HttpResponseBase:
        return self._kept(ASK.post("/records"))

    def _make(self, request: HttpRequest) -> HttpResponse:
        self.made += 1
        body = f"{self.made} {'x' * self.size}"
        response = HttpResponse(body, headers={"ETag": f'"{self.made}"', **self._headers})
        response.is_late = self.is_late  # type: ignore[attr-defined]
        return response


@pytest.fixture(autouse=True)
def _room(settings: Settings) -> None:
    settings.KEPT_ANSWERS = 1


def test_an_answer_is_given_again_for_a_second() -> None:
    site = Site()
    assert site.get().content == site.get().content  # type: ignore[attr-defined]
    site.seconds = FRESH - 0.01
    site.get()
    assert site.made == 1
    site.seconds = FRESH
    site.get()
    assert site.made == 2


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/records/facets?q=cat", {"HX-Request": "true"}),
        ("/api/v1/records/facets", {}),
        ("/api/v1/chains/AB/records/facets", {}),
        ("/news/records?q=cat&seen=12", {"HX-Request": "true"}),
    ],
)
def test_numbers_that_follow_from_the_tables_alone_are_given_again_for_longer(
    address: str, headers: dict[str, str]
) -> None:
    site = Site()
    site.get(address, headers=headers)
    site.seconds = FRESH_COUNTS - 0.01
    site.get(address, headers=headers)
    assert site.made == 1
    site.seconds = FRESH_COUNTS
    site.get(address, headers=headers)
    assert site.made == 2


@pytest.mark.parametrize("status", [204, 286])
def test_that_nothing_is_new_or_more_than_is_counted_is_given_again(status: int) -> None:
    made: list[HttpRequest] = []

    def nothing(request: HttpRequest) -> HttpResponse:
        made.append(request)
        return HttpResponse(status=status)

    kept = Kept(nothing, now=lambda: 0.0)
    asked = [ASK.get("/news/records?seen=12", headers={"HX-Request": "true"}) for _ in range(2)]
    assert [kept(each).status_code for each in asked] == [status, status]
    assert len(made) == 1


def test_such_numbers_that_time_cut_short_are_not() -> None:
    site = Site()
    site.is_late = True
    site.get("/api/v1/records/facets")
    site.seconds = FRESH
    site.get("/api/v1/records/facets")
    assert site.made == 2


def test_a_whole_page_around_such_numbers_is_not() -> None:
    site = Site()
    site.get("/records/facets")
    site.seconds = FRESH
    site.get("/records/facets")
    assert site.made == 2


@pytest.mark.parametrize(
    "other",
    [
        {"address": "/records?status=edited"},
        {"address": "/blocks"},
        {"headers": {"HX-Request": "true"}},
        {"headers": {"Accept": "application/json"}},
        {"headers": {"Accept-Encoding": "gzip"}},
        {"headers": {"Host": "other.example"}},
        {"headers": {"Cookie": "theme=dark"}},
        {"secure": True},
    ],
)
def test_what_asks_for_something_else_is_given_something_else(other: dict[str, Any]) -> None:
    site = Site()
    site.get()
    site.get(**other)
    assert site.made == 2


def test_a_cookie_that_no_answer_depends_on_makes_none_anew() -> None:
    site = Site()
    site.get()
    site.get(headers={"Cookie": "other=1; theme=none-of-ours"})
    assert site.made == 1


def test_what_a_reader_has_already_is_not_sent_again() -> None:
    site = Site()
    etag = site.get()["ETag"]
    again = site.get(headers={"If-None-Match": etag})
    assert (again.status_code, again["ETag"], site.made) == (304, etag, 1)


@pytest.mark.parametrize(
    ("address", "form"), [("/terms", "text/html"), ("/api/v1/chains", "application/problem+json")]
)
def test_another_version_than_the_kept_one_is_refused_in_the_form_of_all_errors(
    address: str, form: str
) -> None:
    site = Site()
    site.get(address)
    refused = site.get(address, headers={"If-Match": '"another"'})
    assert (refused.status_code, refused.headers["Content-Type"].split(";")[0]) == (412, form)
    assert b"another version" in refused.content  # type: ignore[attr-defined]
    assert site.made == 1


def test_a_kept_answer_has_no_date_by_which_it_could_be_refused() -> None:
    site = Site()
    for _ in range(2):
        answer = site.get(headers={"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"})
        assert answer.status_code == 200
    assert site.made == 1


def test_after_something_was_hidden_and_shown_again_answers_are_made_anew() -> None:
    site = Site()
    site.get()
    row = Suppression.objects.create(subject="content", hash=b"x", mode="hide", reason="", by="")
    site.seconds += 0.5
    site.get()
    assert site.made == 2
    row.delete()
    site.seconds += 0.5
    site.get()
    assert site.made == 3


def test_after_a_block_answers_are_made_anew() -> None:
    site = Site()
    site.get()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO indexer_derivationcheckpoint (chain_id, generation, name, height, at)"
            " VALUES (1, 1, 'groups', 7, now())"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    site.seconds += 0.5
    site.get()
    assert site.made == 2


@pytest.mark.parametrize("headers", [{"Cache-Control": "no-store"}, {"Cache-Control": "private, max-age=9"}])
def test_what_must_not_be_stored_is_not_kept(headers: dict[str, str]) -> None:
    site = Site(**headers)
    site.get()
    site.get()
    assert site.made == 2


def test_what_knows_a_person_and_what_is_sent_is_not_kept() -> None:
    site = Site()
    for _ in range(2):
        site.get("/my/report")
        site.post()
    assert site.made == 4


def test_what_there_is_no_room_for_goes_the_longest_unasked_first() -> None:
    site = Site()
    site.size = 300_000
    for address in ("/a", "/b", "/c", "/a", "/d"):
        site.get(address)
    assert site.made == 4
    site.get("/a")
    assert site.made == 4
    site.get("/b")
    assert site.made == 5


def test_what_an_answer_is_known_by_takes_room_too() -> None:
    site = Site()
    for number in range(100):
        site.get("/records", headers={"Accept": f"{number} {'x' * 15_000}"})
    site.get("/records", headers={"Accept": f"0 {'x' * 15_000}"})
    assert site.made == 101


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_whether_it_runs_is_asked_each_time_and_of_no_database(address: str) -> None:
    site = Site()
    with CaptureQueriesContext(connection) as asked:
        site.get(address)
        site.get(address)
    assert (site.made, len(asked)) == (2, 0)


def test_an_answer_larger_than_the_room_is_not_kept() -> None:
    site = Site()
    site.size = 1 << 20
    site.get()
    site.get()
    assert site.made == 2


def test_without_room_nothing_is_kept(settings: Settings) -> None:
    settings.KEPT_ANSWERS = 0
    site = Site()
    site.get()
    site.get()
    assert site.made == 2


def test_where_the_database_is_away_the_answer_itself_says_so() -> None:
    def away(*_: object) -> None:
        raise OperationalError("away")

    site = Site()
    with connection.execute_wrapper(away):
        site.get()
        site.get()
    assert site.made == 2


def test_a_page_is_given_again_as_it_was_sent() -> None:
    with override_settings(KEPT_ANSWERS=1):
        visitor = Client(headers={"Accept-Encoding": "gzip"})
        first, second = visitor.get("/terms"), visitor.get("/terms")
    assert (first.content, first.headers) == (second.content, second.headers)
    assert second.headers["Content-Encoding"] == "gzip"
    assert "Content-Security-Policy" in second.headers
