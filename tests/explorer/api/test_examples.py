"""The examples of the schema are what the API answers, of the recorded chain of four validators.

With REWRITE_EXAMPLES=1 the files are written anew.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from explorer.api.schema import document
from explorer.challenges.models import Challenge
from explorer.queries.chain.chains import ChainView
from indexer.models import Suppression
from tests.explorer.api.asking import ask, record
from tests.explorer.challenges.filed import DAY

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parents[3] / "explorer" / "api" / "example_answers"
HOST = "https://explorer.example"
AGAIN = "REWRITE_EXAMPLES=1 make test TESTS=tests/explorer/api/test_examples.py writes the examples anew"
CHANGING = {"answered_at": "2026-11-24T09:00:00.000Z", "url": "https://node.example:7740"}
CURSOR = re.compile("cursor=[A-Za-z0-9_-]+")  # holds the id of a chain, which counts up
BRID = "00442B1E2DEE52C80ADEA1A92A97075C3FA1E9E204047C3C67533E151BAFC34D"
CHAIN = f"/chains/{BRID}"
RID = "E4DEED22BE81FBDC03745DF42098B0B9ED9940E5C17541E7EFDD6636B185ECA3"
EDITED = 5
WHO = {"model": "gemma2-9b-it", "provider": "groq", "uid": 22}
KEY = "B4AA465B0D42B11F4FB199ACD97631D528D5D6F1EB8F0D921DFC2009D2ED5F48"
NAMED = {
    "brid": BRID,
    "key": KEY,
    "prompt_id": EDITED,
    "block": 57,
    "rid": RID,
    "height": 20,
    "name": "not-here",
    "check": "altered",
    "number": "C-2026-000001",
    "n": 1,
    **WHO,
}
ASKED = {
    "find_named": f"?q={BRID[:8]}",
    "compare": f"?a={BRID}:{EDITED}.1&b={BRID}:{EDITED}.2",
    "list_records": "?limit=2",
    "list_all_records": "?scout=22&status=edited",
    **dict.fromkeys(("list_all_scouts", "list_scouts"), "?limit=2"),
    **dict.fromkeys(("list_blocks", "list_all_blocks"), "?limit=2&kind=with-transactions"),
    "list_prompts": "?limit=2&order=disagreement",
}
FOUND = {
    (name := operations["get"]["operationId"]): f"{path.format(**NAMED)}{ASKED.get(name, '')}"
    for path, operations in document()["paths"].items()
    if "get" in operations
}
PATHS = {
    **{name: path for name, path in FOUND.items() if name != "get_schema"},
    "get_problem.not-here": "/problems/too-good",
    "find_named.bad-parameter": "/find?q=lighthouse",
    "get_chain.not-here": f"/chains/{'0F' * 32}",
    "list_records.bad-parameter": f"{CHAIN}/records?limt=5&status=gone",
    "get_record.not-here": f"{CHAIN}/records/1042",
    "get_record.deleted": f"{CHAIN}/records/1",
    "get_record.withheld": f"{CHAIN}/records/225",
    "list_blocks.bad-parameter": f"{CHAIN}/blocks?limit=1000",
    "get_block.not-here": f"{CHAIN}/blocks/1042",
    "get_configuration.not-here": f"{CHAIN}/configurations/1042",
    "get_challenge.not-here": "/challenges/C-2026-001042",
}


@pytest.mark.parametrize("name", PATHS)
def test_an_example_is_what_is_answered(
    recorded_chain: ChainView, reviewed_challenge: Challenge, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "challenge" in name:
        monkeypatch.setattr(timezone, "now", lambda: reviewed_challenge.changed_at + DAY)
    if name.endswith("withheld"):
        key = bytes.fromhex(record(recorded_chain, 225)["answer_key"])
        Suppression.objects.create(
            subject="content", hash=key, mode="hide", reason="it holds a telephone number", by="the operator"
        )
    path = PATHS[name]
    if name == "get_record.deleted":
        deleted = ask(f"{CHAIN}/records?status=deleted&limit=1").json()["results"][0]["prompt_id"]
        path = f"{CHAIN}/records/{deleted}"
    found = steady(ask(path).json())
    file = FOLDER / f"{name}.json"
    if os.environ.get("REWRITE_EXAMPLES"):
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    example = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    assert example == found, AGAIN


def test_every_example_is_one_of_these() -> None:
    assert {each.stem for each in FOLDER.iterdir()} == set(PATHS)


def steady(value: Any) -> Any:
    """What is said, but for what is another each time: addresses and times of nodes."""
    if isinstance(value, dict):
        now = {"at": CHANGING["answered_at"]} if is_of_now(value) else {}
        return {name: steady(each) for name, each in value.items()} | now | changed(value)
    if isinstance(value, list):
        return [steady(each) for each in value]
    if not isinstance(value, str):
        return value
    return CURSOR.sub("cursor=AQGj0UpVGXmZGg", value.replace("http://testserver", HOST))


def changed(value: dict[str, Any]) -> dict[str, str]:
    """Times and addresses of nodes; a path in this API is the same everywhere."""
    return {name: word for name, word in CHANGING.items() if value.get(name) and value[name][0] != "/"}


def is_of_now(value: dict[str, Any]) -> bool:
    """Whether its ``at`` is a time of the index and not of a block."""
    return value.get("at") is not None and ("behind" in value or "alike" in value or "differing" in value)
