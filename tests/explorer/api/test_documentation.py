"""docs/api.md says what the API does: its addresses, errors, limits, and commands that work as they stand."""

import ast
import re
from collections.abc import Mapping, Sequence
from difflib import ndiff
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib import request as urllib_request

import pytest
from django.test import Client

from explorer.api import problems
from explorer.api.schema import document
from explorer.queries.chain.block_filter import BlockFilter
from explorer.queries.chain.chains import ChainView
from explorer.queries.db.filters import Filter
from explorer.queries.db.kinds import Choice, Hex, Kind, Moment, Number, Range, Times
from explorer.queries.db.pagination import LARGEST_PAGE, PAGE
from explorer.queries.ledger.ledger_filter import LedgerFilter
from explorer.queries.lists.filter import RecordFilter
from explorer.queries.prompts.asked import PromptFilter
from explorer.queries.records import peers
from explorer.queries.records.revisions import STRETCH
from explorer.queries.site.challenge_filter import ChallengeFilter
from tests.explorer.api.asking import ask, record

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
SITE = "http://localhost:8000"
EXPLORER = Path(__file__).parents[3] / "explorer"
FILTERS: Mapping[str, type[Filter]] = {
    "records": RecordFilter,
    "prompts": PromptFilter,
    "blocks": BlockFilter,
    "ledger": LedgerFilter,
    "challenges": ChallengeFilter,
}


def fenced(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert isinstance(found, str)
    return found


def rows(section: str) -> list[list[str]]:
    """The cells of the table in a section."""
    body = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[1:]]


def to_mend(section: str, found: Sequence[str], expected: Sequence[str]) -> str:
    """What is to be done to a section: lines with + are missing, those with - are too many."""
    lines = [each.rstrip() for each in ndiff(found, expected) if each[0] in "+-"]
    return "\n".join([f"docs/api.md, “{section}”, has to be changed:", *lines])


def test_it_lists_every_address_and_no_other() -> None:
    found, expected = sorted(row[0].strip("`") for row in rows("Addresses")), sorted(document()["paths"])
    assert found == expected, to_mend("Addresses", found, expected)


def test_it_names_every_parameter() -> None:
    filters = {(path, name) for path, filtered in FILTERS.items() for name in filtered.declarations()}
    for address, about in rows("Addresses"):
        path = address.strip("`")
        asked = document()["paths"][path].get("get", {}).get("parameters", ())
        for name in (each["name"] for each in asked if each["in"] == "query"):
            if (path.removesuffix("/facets").rpartition("/")[2], name) in filters:
                assert "[filters](#filters)" in about, f"{address} has filters: say so"
            else:
                assert f"`{name}`" in about, f"{address} has the parameter {name}: say so"


def said(kind: Kind[Any]) -> str:
    if isinstance(kind, Choice):
        return ", ".join(f"`{word}`" for word in kind.words)
    if isinstance(kind, Number):
        return f"a whole number from {kind.least} to {kind.most}"
    if isinstance(kind, Hex):
        return kind.rule.removeprefix("is ")
    if isinstance(kind, Range):
        return f"a whole number from {kind.least} to {kind.most}, or `100..200`, `100..`, `..200`"
    if isinstance(kind, Moment):
        return "a day `2026-10-01` or a moment `2026-10-01T12:30:00Z`, in UTC"
    if isinstance(kind, Times):
        return "a day, or from one day or moment to before another, as `2026-10-01..2026-11-01`"
    return f"a text of at most {kind.most} characters"


def documented(path: str, filtered: type[Filter]) -> list[list[str]]:
    found = filtered.declarations().items()
    return [[f"`{path}`", f"`{name}`", said(each.kind), each.about] for name, each in found]


def test_it_has_a_row_for_each_filter_as_it_is_declared() -> None:
    declared = [row for path, filtered in FILTERS.items() for row in documented(path, filtered)]
    found, expected = ([f"| {' | '.join(row)} |" for row in each] for each in (rows("Filters"), declared))
    assert found == expected, to_mend("Filters", found, expected)


def test_it_lists_every_problem_and_no_other() -> None:
    found = {(row[0].strip("`"), int(row[1])) for row in rows("Errors")}
    assert found == {(each.type, int(each.status)) for each in problems.KINDS}


def test_its_codes_are_those_of_the_catalogue() -> None:
    named = problems.kind("bad-parameter")
    assert named is not None
    (listed,) = re.findall(r"a code \((.*?)\)", named.meaning)
    (documented,) = re.findall(r"^Codes of a query's errors: (.*)\.$", TEXT, re.MULTILINE)
    assert documented.replace("`", "") == listed


READERS_OF_QUERIES = (
    *sorted((EXPLORER / "search").glob("*.py")),
    *(EXPLORER / each for each in ("query_parameters.py", "queries/db/kinds.py", "queries/db/pagination.py")),
    *(EXPLORER / each for each in ("api/find.py", "api/compare.py", "queries/compare/sides.py")),
)


def codes_in(source: str) -> set[str]:
    """What is given as the code of a fault, or named ``code``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = node.args[:2] if called == "Fault" else node.args[:1] if "isread" in called else []
            given = node.args[:1] if called == "_fault" else given
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            given = [node.value]
        inner = (each for one in given for each in ast.walk(one) if isinstance(each, ast.Constant))
        found |= {str(each.value) for each in inner if re.fullmatch(r"[a-z]+(-[a-z]+)*", str(each.value))}
    return found


def test_its_codes_are_those_that_refusals_give() -> None:
    (documented,) = re.findall(r"^Codes of a query's errors: (.*)\.$", TEXT, re.MULTILINE)
    given = set().union(*(codes_in(each.read_text(encoding="utf-8")) for each in READERS_OF_QUERIES))
    # Names of parameters, which stand before their codes.
    assert set(documented.replace("`", "").split(", ")) == given - {"q", "order", "body"}


def test_its_limits_are_those_of_the_code() -> None:
    limits = dict(rows("Limits"))
    assert limits["rows of a page"].startswith(f"1 to {LARGEST_PAGE} ")
    assert f", {PAGE} unless given" in limits["rows of a page"]
    assert limits["revisions of a record"].startswith(f"{STRETCH + 1}: ")
    assert limits["peers of a record"].startswith(f"{peers.MOST}; ")
    assert f"or {peers.COUNTED:,} of more" in limits["peers of a record"]


def test_its_commands_work_as_they_stand(recorded_chain: ChainView) -> None:
    commands = fenced("sh").replace("$BRID", recorded_chain.rid).splitlines()
    assert len(commands) == 3
    for command in commands:
        address = command.removeprefix("curl ").strip('"').removeprefix(SITE)
        assert ask(address).status_code == HTTPStatus.OK


def test_its_loop_meets_every_record(recorded_chain: ChainView, monkeypatch: pytest.MonkeyPatch) -> None:
    def urlopen(address: str) -> BytesIO:
        return BytesIO(ask(re.sub(r"^http://[^/]+", "", address)).content)

    monkeypatch.setattr(urllib_request, "urlopen", urlopen)
    said: dict[str, Any] = {"brid": recorded_chain.rid}
    exec(fenced("python"), said)
    assert [each["prompt_id"] for each in said["records"]] == [*range(1, recorded_chain.records + 1)]


def test_the_addresses_of_bytes_are_there(recorded_chain: ChainView) -> None:
    said = record(recorded_chain, 225)
    names = {"brid": said["chain"], "prompt_id": 225, "revision": 1, "height": said["height"]}
    names["rid"] = said["revisions"][0]["transaction"]
    for address, _ in rows("The bytes"):
        path = address.split("`")[1].format(**names)
        assert Client().get(path).status_code == HTTPStatus.OK
