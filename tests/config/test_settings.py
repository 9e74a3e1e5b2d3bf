"""Settings that hang on each other."""

import runpy
from pathlib import Path
from typing import Any

import pytest

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"
WHOLE = {"OPERATOR": "An operator", "CONTACT": "op@example.org", "EMAIL_HOST": "mail.example"}


def settings_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    """The settings with this environment, as a new process has them."""
    for name in (*WHOLE, "CHALLENGES", "HTTPS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


def test_nobody_signs_in_unless_the_operator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (settings_of(monkeypatch, **WHOLE), settings_of(monkeypatch, CHALLENGES="0", **WHOLE)):
        assert (found["CHALLENGES"], found["CHALLENGES_LACK"]) == (False, [])


def test_on_a_server_people_sign_in_once_all_that_it_needs_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch, CHALLENGES="1", **WHOLE)
    assert (found["CHALLENGES"], found["CHALLENGES_LACK"]) == (True, [])
    assert found["EMAIL_FILE_PATH"] == ""
    assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


@pytest.mark.parametrize("missing", WHOLE)
def test_what_is_missing_is_named_and_nobody_signs_in(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in WHOLE.items() if name != missing}
    found = settings_of(monkeypatch, CHALLENGES="1", **given)
    assert (found["CHALLENGES"], found["CHALLENGES_LACK"]) == (False, [missing])


def test_on_one_machine_nothing_is_needed_and_mail_is_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = settings_of(monkeypatch, CHALLENGES="local", STATE=str(tmp_path))
    assert (found["CHALLENGES"], found["CHALLENGES_LACK"]) == (True, [])
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert found["EMAIL_BACKEND"].endswith("filebased.EmailBackend")


@pytest.mark.parametrize(("https", "is_secure"), [("1", True), ("0", False)])
def test_behind_tls_cookies_are_for_tls_alone(
    monkeypatch: pytest.MonkeyPatch, https: str, is_secure: bool
) -> None:
    found = settings_of(monkeypatch, HTTPS=https)
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is is_secure
    assert found["SESSION_COOKIE_PATH"] == found["CSRF_COOKIE_PATH"] == "/my/"
