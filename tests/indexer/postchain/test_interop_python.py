"""Against the public Python client, where it is right.

It hashes by merkle version 2 only: on a chain of version 1 its transactions hold where no array has one
collection alone, so with two operations or more.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.postchain import gtv, gtx
from indexer.postchain.merkle import merkle_hash
from tests.indexer.postchain import interop, made

CLIENT = Path(__file__).parents[2] / "interop" / "python_client.py"
VALUES = interop.ARRAYS + interop.DICTS
TWO_OPERATIONS: list[tuple[gtx.Operation, ...]] = [
    (interop.ADD, interop.NOP),
    (interop.ADD, interop.DELETE, interop.NOP),
]
ONE_OPERATION: list[tuple[gtx.Operation, ...]] = [(interop.ADD,), (interop.DELETE,)]


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    asked = {
        "values": [interop.as_json(each) for each in VALUES],
        "transactions": [interop.transaction(*each) for each in TWO_OPERATIONS + ONE_OPERATION],
    }
    command = [sys.executable, str(CLIENT)]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_it_encodes_values_to_the_same_bytes(answers: dict[str, Any]) -> None:
    for value, answer in zip(VALUES, answers["values"], strict=True):
        assert gtv.encode(value).hex() == answer["encoded"]


def test_it_hashes_values_as_merkle_version_2(answers: dict[str, Any]) -> None:
    for value, answer in zip(VALUES, answers["values"], strict=True):
        assert merkle_hash(value, version=2).hex() == answer["hash"]


@pytest.mark.parametrize("version", [1, 2])
def test_its_transactions_of_two_operations_hold_under_both_versions(
    answers: dict[str, Any], version: int
) -> None:
    for operations, answer in zip(TWO_OPERATIONS, answers["signed"], strict=False):
        read = gtx.decode(bytes.fromhex(answer["signed"]), version=version)
        assert read.rid.hex() == answer["rid"]
        assert read.operations == operations
        assert read.oddities == gtx.NO_ODDITY
        assert gtx.first_bad_signature(read) is None


def test_its_transactions_of_one_operation_hold_under_version_2_only(answers: dict[str, Any]) -> None:
    for answer in answers["signed"][len(TWO_OPERATIONS) :]:
        data = bytes.fromhex(answer["signed"])
        assert gtx.first_bad_signature(gtx.decode(data, version=2)) is None
        assert gtx.first_bad_signature(gtx.decode(data, version=1)) == 0


def test_it_signs_to_the_very_bytes_that_are_built_here(answers: dict[str, Any]) -> None:
    for operations, answer in zip(TWO_OPERATIONS + ONE_OPERATION, answers["signed"], strict=True):
        ours = gtx.build(brid=made.BRID, operations=operations, private_keys=(made.SENDER_KEY,), version=2)
        assert ours.hex() == answer["signed"]
