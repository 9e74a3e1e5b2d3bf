"""Against Chromia's client for JavaScript, for what it does right: arrays, strings, bytes and integers."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from indexer.postchain import gtv, gtx
from indexer.postchain.merkle import merkle_hash
from tests.indexer.postchain import interop, made
from tests.interop.npm_client import npm_client
from tests.javascript import NODE

__all__ = ["npm_client"]

pytestmark = pytest.mark.slow

CALLS = [(interop.ADD,), (interop.DELETE,), (interop.ADD, interop.NOP), (interop.ADD, interop.ADD)]


@pytest.fixture(scope="module")
def answers(npm_client: Path) -> dict[str, Any]:
    asked = {
        "values": [interop.as_json(each) for each in interop.ARRAYS],
        "transactions": [interop.transaction(*each, version=version) for each in CALLS for version in (1, 2)],
        "checks": [
            {"data": built(*each, version=version).hex(), "version": version}
            for each in CALLS
            for version in (1, 2)
        ],
    }
    command = [NODE, str(npm_client / "client.mjs")]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def built(*operations: gtx.Operation, version: int) -> bytes:
    return gtx.build(brid=made.BRID, operations=operations, private_keys=(made.SENDER_KEY,), version=version)


def test_it_encodes_values_to_the_same_bytes(answers: dict[str, Any]) -> None:
    for value, answer in zip(interop.ARRAYS, answers["values"], strict=True):
        assert gtv.encode(value).hex() == answer["encoded"]


@pytest.mark.parametrize("version", [1, 2])
def test_it_hashes_values_alike(answers: dict[str, Any], version: int) -> None:
    for value, answer in zip(interop.ARRAYS, answers["values"], strict=True):
        assert merkle_hash(value, version=version).hex() == answer["hashes"][str(version)], value


def test_its_transactions_have_the_rid_and_hash_and_the_very_bytes_of_ours(answers: dict[str, Any]) -> None:
    asked = [(each, version) for each in CALLS for version in (1, 2)]
    for (operations, version), answer in zip(asked, answers["signed"], strict=True):
        data = bytes.fromhex(answer["signed"])
        read = gtx.decode(data, version=version)
        assert (read.rid.hex(), read.hash.hex()) == (answer["rid"], answer["hash"])
        assert read.operations == operations
        assert gtx.first_bad_signature(read) is None
        assert data == built(*operations, version=version)


def test_it_accepts_the_signatures_that_are_made_here(answers: dict[str, Any]) -> None:
    assert [each["valid"] for each in answers["checked"]] == [True] * (2 * len(CALLS))
