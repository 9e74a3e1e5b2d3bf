"""Against Chromia's client for JavaScript, for what it does right: arrays, strings, bytes and integers."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from indexer.postchain import gtv, gtx
from indexer.postchain.merkle import merkle_hash
from local import locks
from tests.postchain import interop, made

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parent.parent / "interop" / "npm"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
UNREACHABLE = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
)
CALLS = [(interop.ADD,), (interop.DELETE,), (interop.ADD, interop.NOP), (interop.ADD, interop.ADD)]


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The client's script beside its installed packages: one installation for all workers of a run."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "npm"
    folder.mkdir(exist_ok=True)
    with locks.exclusive(folder / "install.lock"):
        if not (folder / "installed").exists():
            install(folder)
            (folder / "installed").touch()
    return folder / "client.mjs"


def install(folder: Path) -> None:
    for each in SOURCE.iterdir():
        if each.is_file():
            shutil.copy(each, folder)
    done = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, timeout=300)
    if any(code in done.stderr for code in UNREACHABLE):
        pytest.skip("the npm registry cannot be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def answers(client: Path) -> dict[str, Any]:
    asked = {
        "values": [interop.as_json(each) for each in interop.ARRAYS],
        "transactions": [interop.transaction(*each, version=version) for each in CALLS for version in (1, 2)],
        "checks": [
            {"data": built(*each, version=version).hex(), "version": version}
            for each in CALLS
            for version in (1, 2)
        ],
    }
    command = ["node", str(client)]
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
