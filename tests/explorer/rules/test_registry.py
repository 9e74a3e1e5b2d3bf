"""The grounds: one source, whole, versioned, and in words that accuse nobody."""

import json
import re
from hashlib import sha256

import pytest
import rfc8785

from explorer.rules import naming, registry
from explorer.rules.ground import Assurance, Ground, Kind
from indexer.checks.registry import by_name
from tests.test_wording import BANNED

KNOWN = "544B32C0"
"""How the hash of the rules of this version begins. Who changes a ground raises VERSION, and this."""


def test_the_rules_of_a_version_do_not_change_unseen() -> None:
    assert registry.VERSION == 1
    assert registry.sha256_hex().startswith(KNOWN)
    assert registry.sha256_hex() == sha256(rfc8785.dumps(dict(registry.document()))).hexdigest().upper()


@pytest.mark.parametrize("ground", registry.grounds(), ids=lambda each: each.name)
def test_each_ground_says_all_that_its_form_shows(ground: Ground) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", ground.name)
    assert ground.title
    assert ground.meaning.endswith(".")
    assert ground.asks.endswith(".")
    assert ground.best.endswith(".")
    assert ground.causes or ground.is_private
    assert set(ground.checks) <= by_name().keys()
    assert all(each.label and each.hint for each in ground.fields)
    assert all(bool(each.choices) is (each.kind is Kind.CHOICE) for each in ground.fields)


@pytest.mark.parametrize("ground", registry.grounds(), ids=lambda each: each.name)
def test_no_text_of_a_ground_accuses_anybody(ground: Ground) -> None:
    assert BANNED.findall(json.dumps(registry.document())) == []


def test_names_and_fields_are_given_once() -> None:
    assert len(registry.by_name()) == len(registry.grounds())
    for each in registry.grounds():
        names = [field.name for field in each.fields]
        assert len({*names, "statement"}) == len(names) + 1


def test_what_is_private_is_judged_by_people_and_published_by_nobody() -> None:
    private = {each.name for each in registry.grounds() if each.is_private}
    assert private == {"personal-data", "secret-exposed", "unlawful-or-harmful"}
    assert private.isdisjoint(each.name for each in registry.public())


def test_only_what_the_chain_settles_opens_at_once_and_takes_one_arbiter() -> None:
    for each in registry.grounds():
        assert each.opens_at_once <= (each.assurance is Assurance.CHAIN)
        assert each.deciders == (1 if each.assurance is Assurance.CHAIN else 2)


def test_the_schema_of_a_ground_says_which_fields_it_needs() -> None:
    schema = registry.by_name()["not-reproducible"].schema()
    assert schema["required"] == ["runs", "conditions", "control"]
    assert schema["properties"]["runs"]["minimum"] == 3
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("year", "count", "name"),
    [(2026, 123, "C-2026-000123"), (2026, 1, "C-2026-000001"), (2030, 1_000_000, "C-2030-1000000")],
)
def test_a_name_is_the_year_and_the_count(year: int, count: int, name: str) -> None:
    key = naming.key_of(year, count)
    assert naming.name_of(key) == name
    assert re.fullmatch(naming.PATTERN, name)
    assert naming.key_named(name) == key


@pytest.mark.parametrize("name", ["C-2026-123", "C-2026-000000", "C-0026-000001", "C-2026-0000001", "c-1"])
def test_what_is_no_name_fits_no_pattern(name: str) -> None:
    assert not re.fullmatch(naming.PATTERN, name)
