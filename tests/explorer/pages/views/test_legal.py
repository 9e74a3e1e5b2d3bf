"""The site's own words."""

import ast
import inspect
import re
import tomllib

import pytest
from django.conf import settings as settings_of
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from explorer.api import site_words
from explorer.pages.rendering import tags, trust
from explorer.queries.chain.evidence import ProofStatus
from indexer.checks.check import Result
from tests.explorer.pages.markup import read

WORDS = [f"/{each}" for each in site_words.PAGES]
pytestmark = pytest.mark.django_db


def words(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return " ".join(read(response.content.decode()).text.split())


@pytest.mark.parametrize("path", WORDS)
def test_each_page_is_there_and_takes_no_parameters(path: str) -> None:
    assert words(path)
    assert Client().get(path, {"page": "2"}).status_code == 400


def test_the_version_is_the_one_that_is_released(settings: Settings) -> None:
    released = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    assert released["project"]["version"] == settings.VERSION


@pytest.mark.parametrize("path", WORDS)
def test_each_page_is_there_without_a_database(path: str) -> None:
    def away(*_: object) -> None:
        raise DatabaseError("it is away")

    with connection.execute_wrapper(away):
        assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", WORDS)
def test_every_page_leads_to_each_of_them(path: str) -> None:
    links = {each.get("href") for each in read(Client().get(path).content.decode()).named("a")}
    assert set(WORDS) <= links


def test_an_operator_who_is_not_named_is_told_what_to_set() -> None:
    contact = words("/contact")
    assert "set OPERATOR to your name and CONTACT to" in contact
    assert "set DATA_LICENCE" in words("/data-licence")
    assert "have not said yet who they are" in words("/privacy")


def test_an_operator_who_is_named_is_named(settings: Settings) -> None:
    settings.OPERATOR, settings.CONTACT, settings.DATA_LICENCE = "Ada <b>", "ada@example.org", "CC0-1.0"
    contact = words("/contact")
    assert "Ada <b> runs this site. Write to ada@example.org." in contact
    assert "OPERATOR" not in contact
    assert "Ada <b>, who runs this site." in words("/privacy")
    licence = words("/data-licence")
    assert "Licence: CC0-1.0." in licence
    assert "DATA_LICENCE" not in licence
    assert 'href="mailto:ada@example.org"' in Client().get("/contact").content.decode()


@pytest.mark.parametrize(
    ("hides", "said"), [(True, "ask search engines not to list them"), (False, "lets search engines list")]
)
def test_privacy_says_whether_search_engines_may_list_records(
    hides: bool, said: str, settings: Settings
) -> None:
    settings.NOINDEX = hides
    assert said in words("/privacy")


def test_how_checks_are_made_explains_every_mark_of_a_record() -> None:
    shown = {*trusted(), *in_template("trust.html"), *(each.value for each in ProofStatus)}
    shown |= {"on chain, by one validator alone", "as first written", "edited", "deleted"}
    shown |= {tags.found(each.value) for each in Result}
    assert {"checked", "one validator", "edited, same words", "not on chain", "not found"} <= shown
    page = Client().get("/how-checks-are-made").content.decode()
    explained = re.findall("<dt>(.*?)</dt>", page)
    assert shown == {read(each).text.strip() for each in explained if "<code>" not in each}


def trusted() -> set[str]:
    """Every word of a mark that ``trust_of`` can give."""
    made = (each for each in ast.walk(ast.parse(inspect.getsource(trust))) if isinstance(each, ast.Call))
    words = [each.args[1] for each in made if isinstance(each.func, ast.Name) and each.func.id == "Trust"]
    return {
        each.value
        for word in words
        for each in ast.walk(word)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def in_template(part: str) -> set[str]:
    """Every word of a mark that stands in a part of pages itself."""
    text = (settings_of.BASE_DIR / "templates" / "parts" / part).read_text(encoding="utf-8")
    return set(re.findall(r'{% mark "\w*" "([^"]+)" %}', text))


def test_how_checks_are_made_says_on_a_phone_what_a_check_would_catch() -> None:
    cells = [
        each for each in read(Client().get("/how-checks-are-made").content.decode()).named("td")
        if each.get("data-label") == "would catch"
    ]  # fmt: skip
    assert len(cells) == 6


def test_robots_keep_out_of_what_is_not_for_reading() -> None:
    response = Client().get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert {"User-agent: *", "Disallow: /find?", "Disallow: /theme", "Disallow: /api/"} <= set(lines)
    assert "Disallow: /" not in lines


def test_the_icon_is_where_programs_look_for_it() -> None:
    response = Client().get("/favicon.svg")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/static/favicon")


def test_how_checks_are_made_keeps_its_places() -> None:
    anchors = {
        each.get("id") for _, each in read(Client().get("/how-checks-are-made").content.decode()).elements
    }
    assert {"words", "blocks", "signers", "records", "limits", "yourself"} <= anchors


@pytest.mark.parametrize("path", ["/", "/glossary", "/status", "/how-checks-are-made"])
def test_every_page_leads_to_the_source_or_to_how_it_is_had(path: str, settings: Settings) -> None:
    assert '<a href="/source">Source code</a>' in Client().get(path).content.decode()
    assert "has not said yet where its source is" in words("/source")
    assert f"<dt>Version</dt><dd>{settings.VERSION}</dd>" in Client().get("/source").content.decode()
    settings.SOURCE_URL = "https://example.org/source?a=1&b=2"
    shown = Client().get(path).content.decode()
    assert '<a href="https://example.org/source?a=1&amp;b=2" rel="noreferrer">Source code</a>' in shown
    assert 'rel="noreferrer">https://example.org/source?a=1&amp;b=2</a>' in (
        Client().get("/source").content.decode()
    )


def test_every_word_that_a_page_links_is_in_the_glossary() -> None:
    explained = {each.get("id") for _, each in read(Client().get("/glossary").content.decode()).elements}
    linked = set()
    for template in (settings_of.BASE_DIR / "templates").rglob("*.html"):
        text = template.read_text()
        linked |= set(re.findall(r'{% term "([^"]+)"', text)) | set(re.findall(r'"/glossary#([^"]+)"', text))
    assert {"scout", "chromia", "rid", "witness", "seed", "block", "signature"} <= linked <= explained


def test_pages_describe_themselves_each_in_its_own_words() -> None:
    found = {}
    for path in (*WORDS, "/", "/api", "/status", "/find", "/reference/get_record"):
        markup = read(Client().get(path).content.decode())
        (said,) = [each["content"] for each in markup.named("meta") if each.get("name") == "description"]
        (shared,) = [
            each["content"] for each in markup.named("meta") if each.get("property") == "og:description"
        ]
        (address,) = [each["content"] for each in markup.named("meta") if each.get("property") == "og:url"]
        assert (shared, address) == (said, f"http://testserver{path}")
        found[path] = said
    assert len(set(found.values())) == len(found)


def test_where_nobody_signs_in_nothing_is_said_of_accounts() -> None:
    assert "keeps no accounts" in words("/privacy")
    assert "At most two." in words("/privacy")
    for path in WORDS:
        assert "/my/account" not in Client().get(path).content.decode()


def test_where_people_sign_in_it_is_said_what_is_kept_of_them(settings: Settings) -> None:
    settings.CHALLENGES = True
    privacy = words("/privacy")
    assert "keeps no accounts" not in privacy
    assert "At most three." in privacy
    for said in ("sessionid", "deleted account", "The code itself is kept nowhere",
                 "what happens to challenges in which you take part"):  # fmt: skip
        assert said in privacy
    assert "No account is needed to read." in words("/terms")
    assert "Write about records, never about people" in words("/terms")
    for path in WORDS:
        assert 'href="/my/account"' in Client().get(path).content.decode()
