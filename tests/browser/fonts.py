"""The fonts that pages are tested with: stated sets, so that no result hangs on what a machine has installed.

They come from npm packages, once for a machine, and a Chromium on Linux sees no others.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests import javascript
from tests.browser import cache

_PACKAGES = Path(__file__).parent / "npm" / "fonts"
_CONFIGURATION = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{lines}
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Where a set's files are among the packages, and its families, by the names in the files."""

    name: str
    folders: tuple[str, ...]
    sans: str
    serif: str
    mono: str

    @property
    def families(self) -> dict[str, str]:
        """Which family stands in for what a page may ask for."""
        return {
            "sans-serif": self.sans,
            "Arial": self.sans,
            "serif": self.serif,
            "Times New Roman": self.serif,
            "monospace": self.mono,
            "Liberation Mono": self.mono,
        }


DEJAVU = Fonts("dejavu", ("dejavu-fonts-ttf/ttf",), "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono")
# Liberation's fonts by the names of their originals: the heights, depths and widths are the same.
LIBERATION = Fonts(
    "liberation",
    ("@expo-google-fonts/arimo", "@expo-google-fonts/tinos", "@expo-google-fonts/cousine"),
    "Arimo",
    "Tinos",
    "Cousine",
)
SETS = (DEJAVU, LIBERATION)


def configuration(fonts: Fonts) -> Path:
    """The file for FONTCONFIG_FILE with which a program sees this set alone, whatever the machine has.

    The fonts are fetched where they are not here yet. Raises `javascript.NotInstalled`.
    """
    digest = hashlib.sha256((_PACKAGES / "package-lock.json").read_bytes() + Path(__file__).read_bytes())
    home = cache.folder() / f"fonts-{digest.hexdigest()[:12]}"
    return cache.kept(home, lambda fresh: _make(fresh, home)) / f"{fonts.name}.conf"


def _make(fresh: Path, home: Path) -> None:
    javascript.install(_PACKAGES, into=fresh)
    for each in SETS:
        lines = [f"<dir>{home / 'node_modules' / folder}</dir>" for folder in each.folders]
        lines.append(f"<cachedir>{home / 'cache'}</cachedir>")
        lines += [_alias(asked, family) for asked, family in each.families.items()]
        (fresh / f"{each.name}.conf").write_text(_CONFIGURATION.format(lines="\n".join(lines)))


def _alias(asked: str, family: str) -> str:
    return f'<alias binding="same"><family>{asked}</family><prefer><family>{family}</family></prefer></alias>'
