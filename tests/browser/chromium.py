"""A Chromium for the tests: one that is there, else one fetched into the cache folder, without root.

The first of `$CHROMIUM`, a Chromium or Chrome on the PATH, the one that Playwright installed, and a headless
build from the npm package `@sparticuz/chromium`, fetched once. Each sees the tests' own fonts alone.
"""

import json
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests import javascript
from tests.browser import cache, fonts
from tests.browser.fonts import DEJAVU, Fonts

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = Path(__file__).parent / "npm" / "chromium"
VERSION = json.loads((PACKAGE / "package.json").read_bytes())["dependencies"]["@sparticuz/chromium"]
ARGUMENTS = [
    # No name is looked up: what a page should not fetch fetches nothing from the network either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # A window keeps its process from page to page: a new one would compile axe-core and the rest anew.
    "--renderer-process-limit=1",
]
ADVICE = (
    "Install one (on Debian: apt-get install --no-install-recommends chromium), or name it in CHROMIUM, or "
    "let `.venv/bin/playwright install chromium-headless-shell` fetch one."
)

_UNPACK = """
const { createReadStream, createWriteStream } = require("fs");
const { createBrotliDecompress } = require("zlib");
const [from, to] = process.argv.slice(1);
const steps = [createReadStream(from), createBrotliDecompress(), createWriteStream(to)];
require("stream").pipeline(...steps, (error) => {
  if (error) { console.error(error.message); process.exit(1); }
});
"""


class NoBrowser(Exception):
    """No Chromium is here and none can be fetched; says what to do."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A program, by default the one that Playwright installed, and what its environment needs."""

    program: Path | None
    environment: dict[str, str] = field(default_factory=dict)


@contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright, driven by the Node.js of the tests."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = javascript.NODE
    with sync_playwright() as found:
        yield found


def launch(driver: Playwright, *, using: Fonts = DEJAVU) -> Browser:
    """A running Chromium that sees a stated set of fonts alone. Raises NoBrowser."""
    program = named()
    if program is not None:
        found = Chromium(program)
    else:
        installed = any(Path(each).exists() for each in _installed_by(driver))
        found = Chromium(None) if installed else fetched(cache.folder())
    environment: dict[str, str | float | bool] = {
        **os.environ,
        **found.environment,
        "FONTCONFIG_FILE": str(fonts.configuration(using)),
    }
    return driver.chromium.launch(executable_path=found.program, env=environment, args=ARGUMENTS)


def fetched(folder: Path) -> Chromium:
    """The headless build, fetched into `folder` where it is not there yet. Raises NoBrowser."""
    home = cache.kept(folder / f"chromium-{VERSION}", _fetch)
    libraries = f"{home / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    return Chromium(home / "chromium", {"LD_LIBRARY_PATH": libraries})


def named() -> Path | None:
    """The program that CHROMIUM names, else the first of `NAMES` that is installed. Raises NoBrowser."""
    given = os.environ.get("CHROMIUM")
    if given:
        found = shutil.which(given)
        if found is None:
            raise NoBrowser(f"CHROMIUM={given} is no program.")
        return Path(found)
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def _installed_by(driver: Playwright) -> Iterator[str]:
    """Where `playwright install` puts Chromium and its headless shell."""
    whole = Path(driver.chromium.executable_path)
    yield str(whole)
    version = whole.parent.parent.name.removeprefix("chromium-")
    shells = whole.parent.parent.parent.glob(f"chromium_headless_shell-{version}/*/*shell*")
    yield from map(str, shells)


def _fetch(home: Path) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NoBrowser(f"There is no Chromium here. {ADVICE}")
    with tempfile.TemporaryDirectory(dir=home.parent) as name:
        work = Path(name)
        try:
            javascript.install(PACKAGE, into=work)
        except javascript.NotInstalled as error:
            raise NoBrowser(f"There is no Chromium here, and none comes: {error} {ADVICE}") from error
        for packed in (work / "node_modules" / "@sparticuz" / "chromium" / "bin").glob("*.br"):
            _unpack(packed, into=home)
    (home / "chromium").chmod(0o755)


def _unpack(packed: Path, *, into: Path) -> None:
    """A program compressed with brotli, or an archive of files, into a folder."""
    plain = into / packed.stem
    command = [javascript.NODE, "-e", _UNPACK, str(packed), str(plain)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoBrowser(f"{packed.name} cannot be unpacked: {done.stderr.strip()}. {ADVICE}")
    if plain.suffix == ".tar":
        _extract(plain, into=into)
        plain.unlink()


def _extract(archive: Path, *, into: Path) -> None:
    with tarfile.open(archive) as opened:
        # The first versions of Python 3.11 know no filter yet.
        opened.extraction_filter = getattr(tarfile, "data_filter", None)
        opened.extractall(into)
