"""Settings from the environment."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_a_database_url_gives_djangos_entry() -> None:
    assert environment.database("postgres://me:p%40ss@db.example:5433/chasm?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "chasm",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "url", ["postgresql:///chasm?host=/run/postgresql", "host=/run/postgresql dbname=chasm"]
)
def test_a_socket_s_folder_is_a_host(url: str) -> None:
    entry = environment.database(url)
    assert (entry["HOST"], entry["NAME"]) == ("/run/postgresql", "chasm")
    assert "PASSWORD" not in entry


@pytest.mark.parametrize("url", ["mysql://me:secret@db/chasm", "postgres://me:secret@db:port:x/", "secret"])
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
        environment.database(url)
    assert "secret" not in str(refused.value)


def test_a_url_without_a_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="names no database"):
        environment.database("postgres://me@db")


@pytest.mark.parametrize(
    ("value", "means"),
    [("1", True), ("Yes", True), ("on", True), ("0", False), ("false", False), ("", False)],
)
def test_a_flag_is_yes_or_no(value: str, means: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", value)
    assert environment.flag("DEBUG") is means


def test_an_address_of_the_web_is_one_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.web_address("SOURCE_URL") == ""
    monkeypatch.setenv("SOURCE_URL", "https://example.org/source")
    assert environment.web_address("SOURCE_URL") == "https://example.org/source"
    monkeypatch.setenv("SOURCE_URL", "javascript:alert(1)")
    with pytest.raises(ImproperlyConfigured, match="SOURCE_URL"):
        environment.web_address("SOURCE_URL")


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEBUG='maybe'"):
        environment.flag("DEBUG")


def test_words_are_set_apart_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example, b.example,")
    assert environment.words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(environment.secret_key, [tmp_path] * 16))
    assert len(keys) == 1
    assert len(keys.pop()) >= environment.KEY_BYTES
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["django"]
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "django").stat().st_mode) == 0o600


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.secret_key(tmp_path)


def test_a_choice_is_one_of_its_options_and_the_first_where_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert environment.choice("DATABASE_ROLE", ("owner", "reader")) == "owner"
    monkeypatch.setenv("DATABASE_ROLE", "reader")
    assert environment.choice("DATABASE_ROLE", ("owner", "reader")) == "reader"
    monkeypatch.setenv("DATABASE_ROLE", "guest")
    with pytest.raises(ImproperlyConfigured, match="'guest' is none of owner, reader"):
        environment.choice("DATABASE_ROLE", ("owner", "reader"))


def test_a_choice_is_one_of_its_options_in_letters_of_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert environment.choice("LOG_LEVEL", ("WARNING", "DEBUG")) == "DEBUG"
    monkeypatch.setenv("LOG_LEVEL", "verbose")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL='verbose' is none of WARNING, DEBUG"):
        environment.choice("LOG_LEVEL", ("WARNING", "DEBUG"))


def test_members_are_a_json_object_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.members("FILES_OPTIONS") == {}
    monkeypatch.setenv("FILES_OPTIONS", '{"bucket_name": "evidence"}')
    assert environment.members("FILES_OPTIONS") == {"bucket_name": "evidence"}
    for given in ("[1]", "bucket", "{"):
        monkeypatch.setenv("FILES_OPTIONS", given)
        with pytest.raises(ImproperlyConfigured, match="FILES_OPTIONS is no JSON object"):
            environment.members("FILES_OPTIONS")
