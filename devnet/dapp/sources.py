"""The dapp's Rell source: that of the recorded chains, so that errors name the same lines."""

import json
from pathlib import Path
from typing import Any

from indexer.postchain.gtv import Gtv

_FOLDER = Path(__file__).parent / "rell"
_OWNER = "031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f"
_UPGRADE = ("extra", "upgraded")

RELL_VERSION = "0.13.12"


def sources(*, owner: bytes, upgraded: bool) -> dict[str, str]:
    """Source text by path, as a configuration holds it, with the key of the first owner."""
    names = ["main", "production", *(_UPGRADE if upgraded else ())]
    texts = {f"{name}.rell": (_FOLDER / f"{name}.rell").read_text() for name in names}
    texts["production.rell"] = texts["production.rell"].replace(_OWNER, owner.hex())
    return texts


def modules(*, upgraded: bool) -> list[Gtv]:
    """The main modules, as a configuration names them."""
    return ["upgraded" if upgraded else "production"]


def app_structure(*, upgraded: bool) -> dict[str, Gtv]:
    """What `rell.get_app_structure` says about this source."""
    structure: dict[str, Any] = json.loads((_FOLDER / "structure.json").read_text())
    if not upgraded:
        for name in _UPGRADE:
            del structure["modules"][name]
    return structure
