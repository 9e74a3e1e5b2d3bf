"""What is done with every request, whatever page it asks for."""

import gzip
from http import HTTPStatus

import pytest
from django.conf import settings
from django.test import Client, RequestFactory, override_settings
from django.urls import get_callable

from config.middleware import LONGEST_ADDRESS

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
pytestmark = pytest.mark.urls("tests.config.routes")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def policy_of(headers: object) -> set[str]:
    return set(str(headers["Content-Security-Policy"]).split("; "))  # type: ignore[index]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fine", 200),
        ("/nothing", 404),
        ("/slow", 503),
        ("/broken", 500),
        ("/fine/", 301),
        ("/" + "a" * 19_999, 414),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_every_answer_has_the_security_headers(
    prefix: str, address: str, status: int, visitor: Client
) -> None:
    answer = visitor.get(prefix + address)
    assert answer.status_code == status
    assert policy_of(answer.headers) == POLICY
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if prefix else "same-origin",
    }.items():
        assert answer.headers[name] == value
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_a_name_that_is_not_ours_is_refused_with_them_too(visitor: Client) -> None:
    answer = visitor.get("/fine", HTTP_HOST="elsewhere.example")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert policy_of(answer.headers) == POLICY
    assert b"elsewhere.example" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "title"), [("slow", b"This takes too long"), ("away", b"The database does not answer")]
)
def test_a_database_that_is_slow_or_away_is_a_503_that_says_so(
    address: str, title: bytes, visitor: Client
) -> None:
    page, api = visitor.get(f"/{address}"), visitor.get(f"/api/v1/{address}")
    assert page.status_code == api.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert page.headers["Retry-After"] == api.headers["Retry-After"] == "5"
    assert page.headers["Content-Type"].startswith("text/html")
    assert title in page.content
    assert api.headers["Content-Type"] == "application/problem+json"
    assert api.json()["title"].encode() == title
    assert api.json()["status"] == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("address", ["/broken", "/api/v1/broken"])
def test_a_mistake_of_ours_shows_no_detail_and_asks_no_database(address: str, visitor: Client) -> None:
    answer = visitor.get(address)
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"a detail" not in answer.content
    assert b"ZeroDivisionError" not in answer.content


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("address", ["/fine", "/nothing", "/api/v1", "/api/v1/schema", "/api/v1/nothing"])
def test_no_address_takes_another_method(address: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, address, data=b"x" * 100)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    kind = "application/problem+json" if address.startswith("/api/") else "text/html; charset=utf-8"
    assert answer.headers["Content-Type"] == kind


def test_what_comes_from_another_site_is_refused_with_our_own_page(rf: RequestFactory) -> None:
    refuse = get_callable(settings.CSRF_FAILURE_VIEW)
    page, api = (refuse(rf.post(path), reason="a detail") for path in ("/fine", "/api/v1/fine"))
    assert page.status_code == api.status_code == HTTPStatus.FORBIDDEN
    assert b"This may not be done from here" in page.content
    assert api.headers["Content-Type"] == "application/problem+json"
    assert b"a detail" not in page.content + api.content


@pytest.mark.parametrize("address", ["/terms", "/status", "/api/v1/problems", "/api/v1/status"])
@pytest.mark.parametrize("host", ["testserver", "elsewhere.example"])
def test_a_query_of_too_many_parameters_is_refused_and_logged_by_nobody(
    address: str, host: str, caplog: pytest.LogCaptureFixture, visitor: Client
) -> None:
    query = "&".join(f"p{each}=1" for each in range(101))
    answer = visitor.get(f"{address}?{query}", headers={"host": host})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not caplog.records


def test_a_page_says_which_methods_it_takes(visitor: Client) -> None:
    answer = visitor.options("/fine")
    assert (answer.status_code, answer.content) == (HTTPStatus.NO_CONTENT, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_answers_as_get_does_without_a_body(visitor: Client) -> None:
    head, get = visitor.head("/fine"), visitor.get("/fine")
    assert (head.status_code, head.content) == (HTTPStatus.OK, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.content))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/fine/", "/fine"),
        ("/fine//", "/fine"),
        ("/fine/?a=1&b=%2F", "/fine?a=1&b=%2F"),
        ("/api/v1/fine/", "/api/v1/fine"),
    ],
)
def test_a_slash_too_many_leads_to_the_address_without(given: str, meant: str, visitor: Client) -> None:
    answer = visitor.get(given)
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.MOVED_PERMANENTLY, meant)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["//elsewhere.example/", "//elsewhere.example/%2e%2e/", "/\\elsewhere/", "//"]
)
def test_no_redirect_leads_to_another_site(address: str, visitor: Client) -> None:
    answer = visitor.get(address)
    assert answer.status_code in {200, 301, 404}
    assert "elsewhere" not in answer.headers.get("Location", "")


def test_an_address_has_an_end(visitor: Client) -> None:
    fits = "/fine?" + "a" * (LONGEST_ADDRESS - len("/fine?"))
    assert visitor.get(fits).status_code == HTTPStatus.OK
    answer = visitor.get(f"{fits}a")
    assert answer.status_code == HTTPStatus.REQUEST_URI_TOO_LONG
    assert b"This address is too long" in answer.content


def test_pages_are_sent_compressed(visitor: Client) -> None:
    answer = visitor.get("/fine", HTTP_ACCEPT_ENCODING="gzip")
    assert gzip.decompress(answer.content) == visitor.get("/fine").content


def test_a_page_that_did_not_change_is_not_sent_again(visitor: Client) -> None:
    etag = visitor.get("/fine").headers["ETag"]
    answer = visitor.get("/fine", HTTP_IF_NONE_MATCH=etag)
    assert (answer.status_code, answer.content) == (HTTPStatus.NOT_MODIFIED, b"")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/fine", "/terms", "/api/v1/problems"])
def test_what_did_not_change_is_told_to_head_as_to_get_with_what_it_depends_on(
    address: str, visitor: Client
) -> None:
    got = visitor.get(address, headers={"accept-encoding": "gzip"})
    asked = {"accept-encoding": "gzip", "if-none-match": got.headers["ETag"]}
    for again in (visitor.get(address, headers=asked), visitor.head(address, headers=asked)):
        assert (again.status_code, again.content) == (HTTPStatus.NOT_MODIFIED, b"")
        assert set(again.headers["Vary"].split(", ")) == set(got.headers["Vary"].split(", "))
        assert "Accept-Encoding" in again.headers["Vary"]
        assert again.headers["Cache-Control"] == got.headers["Cache-Control"]


def test_a_page_is_asked_for_again_and_differs_by_the_reader_s_theme(visitor: Client) -> None:
    answer = visitor.get("/fine")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Cookie" in answer.headers["Vary"]


@override_settings(
    SECURE_SSL_REDIRECT=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SECURE_HSTS_SECONDS=31_536_000,
)
def test_behind_a_proxy_that_ends_tls_browsers_are_kept_to_it() -> None:
    plain, secure = Client().get("/fine"), Client().get("/fine", HTTP_X_FORWARDED_PROTO="https")
    assert plain.headers["Location"] == "https://testserver/fine"
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert Client().get("/healthz").status_code == HTTPStatus.OK


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "form"), [("/terms", "text/html"), ("/api/v1/chains", "application/problem+json")]
)
def test_a_version_that_this_is_not_is_refused_in_the_form_of_all_errors(address: str, form: str) -> None:
    refused = Client().get(address, headers={"If-Match": '"another"'})
    assert (refused.status_code, refused.headers["Content-Type"].split(";")[0]) == (412, form)
    assert b"another version" in refused.content or b"This is another" in refused.content
    assert Client().get(address, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/terms", "/api/v1/chains"])
def test_what_has_no_date_is_not_refused_by_one(address: str) -> None:
    answer = Client().get(address, headers={"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert answer.status_code == 200
