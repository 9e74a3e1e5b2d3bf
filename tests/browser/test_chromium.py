"""Where the tests' Chromium comes from when none is named."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.browser import chromium

LOCKED = json.loads((chromium.PACKAGE / "package-lock.json").read_bytes())["packages"]


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry that has every package, with other contents."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        is_package = self.path == "/other.tgz"
        self.wfile.write(b"something else" if is_package else json.dumps(self._told()).encode())

    def _told(self) -> dict[str, Any]:
        version = LOCKED[f"node_modules{unquote(self.path)}"]["version"]
        tarball = f"http://{self.headers['Host']}/other.tgz"
        return {"versions": {version: {"version": version, "dist": {"tarball": tarball}}}}

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def registry() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _npm_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing in its cache, and without patience."""
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def test_a_package_with_other_contents_is_refused(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", registry)
    with pytest.raises(chromium.NoBrowser, match=r"EINTEGRITY.*apt-get install"):
        chromium.fetched(tmp_path / "kept")
    assert [each.name for each in (tmp_path / "kept").iterdir()] == [f"chromium-{chromium.VERSION}.lock"]


def test_a_registry_that_does_not_answer_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    with pytest.raises(chromium.NoBrowser, match=r"none comes.*ECONNREFUSED.*apt-get install.*CHROMIUM"):
        chromium.fetched(tmp_path / "kept")


def test_another_system_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(chromium.NoBrowser, match="There is no Chromium here"):
        chromium.fetched(tmp_path)


def test_what_was_fetched_once_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1/")
    home = tmp_path / f"chromium-{chromium.VERSION}"
    home.mkdir()
    assert chromium.fetched(tmp_path).program == home / "chromium"


def test_a_program_that_is_named_and_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(chromium.NoBrowser, match="CHROMIUM=/nowhere/chromium"):
        chromium.named()
