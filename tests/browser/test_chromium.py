"""Where the tests' Chromium comes from when none is named."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import chromium


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry that has the package, with other contents."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == f"/npm/{chromium.TARBALL}" else 404)
        self.end_headers()
        self.wfile.write(b"something else")

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def registry() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/npm/"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def test_npm_s_variable_names_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "https://npm.example/")
    assert chromium.registry() == "https://npm.example/"


def test_without_npm_it_is_the_public_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert chromium.registry() == chromium.REGISTRY


def test_a_package_with_other_contents_is_refused(
    registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", registry)
    with pytest.raises(chromium.NoBrowser, match=r"not the package that it should be.*apt-get install"):
        chromium.fetched(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["chromium.lock"]


@pytest.mark.parametrize("path", ["", "nothing/here"])
def test_a_registry_without_it_is_told_with_what_to_do(
    path: str, registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", f"{registry}{path}" if path else "http://127.0.0.1:1/")
    with pytest.raises(chromium.NoBrowser, match=r"none comes from.*apt-get install.*CHROMIUM"):
        chromium.fetched(tmp_path)


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
