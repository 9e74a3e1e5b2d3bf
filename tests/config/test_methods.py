"""What may be sent to which address: one list, in Django and in the proxy's file; and where cookies are."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from config import methods
from explorer.api import problems

ROOT = Path(__file__).resolve().parents[2]
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
KIB = 1024
LISTED = [path.replace("/*/", "/C-2026-000001/").replace("*", "new") for path in methods.LARGEST]
"""Each of them; of those that a star stands for, one."""


def sizes() -> dict[str, int]:
    """By matcher of the proxy's file: the largest body, in bytes."""
    found = re.findall(r"request_body @(\w+) \{\s*max_size (\d+)KiB\s*\}", CADDYFILE)
    return {name: int(size) * KIB for name, size in found}


def paths() -> dict[str, list[str]]:
    """By matcher of the proxy's file: the paths that it names."""
    found = re.findall(r"^\t@(\w+)(?: \{\n\t)? ?\t?path (.+)$", CADDYFILE, re.MULTILINE)
    return {name: given.split() for name, given in found}


def test_the_proxy_s_file_lists_the_same_addresses_with_the_same_sizes() -> None:
    listed = {path: sizes()[name] for name, named in paths().items() for path in named}
    assert listed == dict(methods.LARGEST)


def test_what_it_does_not_list_takes_what_django_takes_there() -> None:
    (others,) = re.findall(r"^\t@elsewhere not path (.+)$", CADDYFILE, re.MULTILINE)
    assert sorted(others.split()) == sorted(methods.LARGEST)
    assert sizes()["elsewhere"] == methods.LARGEST_UNASKED


def test_it_leaves_methods_to_the_web_server_and_answers_none_of_them_itself() -> None:
    assert "405" not in CADDYFILE
    assert "Allow" not in CADDYFILE
    assert not re.search(r"\bmethod\b", re.sub(r"#.*", "", CADDYFILE))


def test_what_it_refuses_itself_it_tells_programs_as_the_api_does() -> None:
    """With Caddy's own variables filled in."""
    bodies = re.findall(r"respond `(.+)`", CADDYFILE)
    *refusals, away = [json.loads(re.sub(r"\{err\.status_code\}", "502", each)) for each in bodies]
    names = ("too-large", "bad-request", "address-too-long", "headers-too-large")
    kinds = [each for name in names if (each := problems.kind(name)) is not None]
    assert refusals == [
        {"type": each.type, "title": each.title, "status": each.status, "detail": each.meaning}
        for each in kinds
    ]
    assert re.findall(r"err\.status_code\} == (\d+)", CADDYFILE) == [str(int(each.status)) for each in kinds]
    assert away.keys() == refusals[0].keys()
    assert f"header @program Content-Type {problems.MEDIA_TYPE}" in CADDYFILE


def test_it_holds_back_as_much_as_the_largest_that_may_be_sent() -> None:
    (buffered,) = re.findall(r"request_buffers (\d+)KiB", CADDYFILE)
    assert int(buffered) * KIB == max(methods.LARGEST.values())
    assert max(methods.LARGEST.values()) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_what_is_kept_of_what_is_sent_lies_below_the_path_of_the_cookies() -> None:
    kept = set(methods.LARGEST) - methods.KEEPING_NOTHING - methods.OF_PROGRAMS
    assert kept
    assert all(path.startswith(methods.PERSONAL) for path in kept)
    assert settings.CSRF_COOKIE_PATH == settings.SESSION_COOKIE_PATH == methods.PERSONAL
    for path in LISTED:
        resolve(path)


@pytest.mark.parametrize("path", LISTED)
def test_an_address_says_that_it_takes_more(path: str) -> None:
    """Of the API, what its view takes."""
    view = getattr(resolve(path).func, "cls", None)
    may_be_read = view is None or hasattr(view, "get")
    taken = "GET, HEAD, OPTIONS, POST" if may_be_read else "POST, OPTIONS"
    assert Client().options(path).headers["Allow"] == taken
    refused = Client().put(path)
    assert (refused.status_code, refused.headers["Allow"]) == (405, taken)


@pytest.mark.parametrize(
    "address",
    [
        "/my/report/",
        "/MY/report",
        "/my/report/x",
        "/my/",
        "/my/challenges",
        "/my/challengesnew",
        "/terms",
        "/compare/x",
    ],
)
def test_what_only_looks_like_it_takes_nothing(address: str) -> None:
    assert Client().post(address, {"text": "x"}).status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/terms", "/api/v1/problems", "/nothing"])
def test_a_body_that_nobody_asked_for_is_refused_where_it_is_large(address: str) -> None:
    small, large = (Client().generic("GET", address, b"x" * size) for size in (1024, 1025))
    assert small.status_code in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}
    assert large.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if address.startswith("/api/"):
        assert large.json()["type"] == "/api/v1/problems/too-large"


@pytest.mark.parametrize("length", ["x", "-1", "1" * 5_000, "\u0663"])
def test_a_length_that_is_none_breaks_nothing(length: str) -> None:
    status = Client().generic("GET", "/healthz", CONTENT_LENGTH=length).status_code
    assert status == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE if length.startswith("1") else HTTPStatus.OK)


def test_no_page_but_those_of_a_person_asks_for_his_cookies() -> None:
    """A form's token is a cookie, so a template with one may be shown below that path alone."""
    asking = {
        path.relative_to(ROOT / "templates").parts[0]
        for path in (ROOT / "templates").rglob("*.html")
        if "csrf_token" in path.read_text()
    }
    assert asking == {methods.PERSONAL.strip("/")}


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["broken!", "", "x" * 5, "y" * 5_000])
def test_whoever_comes_with_a_broken_token_is_given_none_where_no_form_is(token: str) -> None:
    visitor = Client()
    visitor.cookies["csrftoken"] = token
    for address in ("/", "/api/v1/problems", "/api/v1/chains", "/nothing", "/api/v1/nothing", "/healthz"):
        answer = visitor.get(address)
        assert not answer.cookies, address
        assert "Set-Cookie" not in answer.headers, address
    assert "csrftoken" in visitor.get("/my/report").cookies


@pytest.mark.django_db
def test_pages_that_know_nobody_set_no_cookie_and_may_be_kept() -> None:
    visitor = Client()
    visitor.cookies["csrftoken"] = "x" * 32
    visitor.cookies["sessionid"] = "y" * 32
    for address in ("/", "/terms", "/privacy", "/status", "/api", "/api/v1/problems", "/nothing", "/find"):
        answer = visitor.get(address)
        assert not answer.cookies, address
        assert "private" not in answer.headers["Cache-Control"], address


@pytest.mark.django_db
def test_what_was_typed_without_its_cookie_is_given_back_to_whoever_typed_it_here() -> None:
    visitor = Client(enforce_csrf_checks=True)
    sent = {"statement": "My <b>words</b>.", "code": "12345678", "csrfmiddlewaretoken": "x" * 64}
    for site, is_shown in (("same-origin", True), ("cross-site", False), ("same-site", False), ("", False)):
        answer = visitor.post("/my/report", sent, headers={"Sec-Fetch-Site": site} if site else {})
        shown = answer.content.decode()
        assert answer.status_code == 403
        assert ("My &lt;b&gt;words&lt;/b&gt;." in shown) is is_shown
        assert "12345678" not in shown
