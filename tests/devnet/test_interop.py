"""Public clients find a devnet by its directory chain, and query, send, poll and fetch there."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from devnet.chain.validators import OWNER
from indexer.postchain import gtx, secp256k1
from tests.devnet.commanded import LONGEST, Devnet, devnet
from tests.devnet.served import ROOT
from tests.interop.npm_client import npm_client
from tests.javascript import NODE

__all__ = ["npm_client"]

PYTHON_CLIENT = ROOT / "tests" / "interop" / "python_talk.py"
KEY = secp256k1.public_key(OWNER).hex().upper()


def told(running: Devnet, command: Sequence[str], **more: Any) -> dict[str, Any]:
    """What a script says that talked to a devnet."""
    asked = {"url": running.url, "brid": running.brid, "key": OWNER.hex(), "public_key": KEY, **more}
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.slow
@pytest.mark.parametrize("version", [1, 2])
def test_the_client_for_javascript_does_all_that_it_can(
    tmp_path: Path, npm_client: Path, version: int
) -> None:
    with devnet(tmp_path, "--block-time", "150", "--merkle", str(version), "--validators", "4") as running:
        said = told(running, [NODE, str(npm_client / "talk.mjs")], version=version)
        record = running.json("/query/iid_1?type=get_prompt_history&prompt_id=1")
        listed = [item["txRID"] for item in running.json("/transactions/iid_1")]
    assert (said["nodes"], said["brid"]) == ([running.url], running.brid)
    assert (said["receipt"], said["second"], said["status"]) == (["confirmed", 200], "confirmed", "confirmed")
    assert said["rejection"].endswith("No inference has the id 999")
    assert said["refusal"].endswith("Unknown operation: no_such_operation.")
    assert said["unknown"].endswith("Unknown query: no_such_query.")
    assert (said["count"], said["owner"], said["record"]) == (3, KEY, record)
    read = gtx.decode(bytes.fromhex(said["transaction"]), version=version)
    assert said["rid"] == said["info"][0] == read.rid.hex().upper()
    assert said["rid"] in said["block"]
    assert said["proof"][0] == read.hash.hex().upper()
    assert (said["listed"], said["transactions"]) == (listed, 2)
    assert said["heights"] == sorted(said["heights"], reverse=True)
    assert said["modules"] == ["main", "production"]
    assert (said["latest"], said["level"]) == (True, "systemAnchored")


def test_the_client_for_python_queries_and_sends(tmp_path: Path) -> None:
    """It hashes by merkle version 2: on a chain of version 1 that fits transactions of several operations."""
    with devnet(tmp_path, "--block-time", "150") as running:
        said = told(running, [sys.executable, str(PYTHON_CLIENT)])
        record = running.json("/query/iid_1?type=get_prompt_history&prompt_id=2")
        listed = [item["txRID"] for item in running.json("/transactions/iid_1")]
    assert (said["nodes"], said["brid"]) == ([running.url], running.brid)
    assert (said["receipt"], said["status"]) == ("confirmed", "confirmed")
    assert (said["count"], said["owner"], said["record"]) == (2, KEY, record)
    assert listed == [said["rid"]]
    assert said["refusal"] == "Unknown query: no_such_query"
