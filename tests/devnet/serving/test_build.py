"""The made chain: the same bytes for the same seed, and a dapp that takes every transaction of it.

That a verifier accepts it is tested where it is served, in `tests/bench/test_chain.py`.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from devnet.dapp.dapp import Dapp
from devnet.serving.build import BLOCKS, CHAIN, CONFIGURATION, OFFSETS, Plan, main, write
from indexer.postchain import configuration, gtx

PLAN = Plan(records=130, peers=50, seed=3, size="small")
VARIED = Plan(records=300, peers=100, seed=3, size="small", is_varied=True)


def digests(folder: Path) -> list[bytes]:
    return [sha256((folder / name).read_bytes()).digest() for name in (BLOCKS, OFFSETS, CONFIGURATION, CHAIN)]


def blocks(folder: Path) -> list[dict[str, Any]]:
    return list(reversed(json.loads((folder / BLOCKS).read_bytes())))


def test_the_same_seed_gives_the_same_bytes_by_any_number_of_processes(tmp_path: Path) -> None:
    write(PLAN, tmp_path / "one", processes=1)
    write(PLAN, tmp_path / "two", processes=2)
    write(Plan(records=130, peers=50, seed=4, size="small"), tmp_path / "other")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one")[0] != digests(tmp_path / "other")[0]


@pytest.mark.parametrize("plan", [PLAN, VARIED], ids=["plain", "varied"])
def test_the_dapp_takes_the_whole_chain(tmp_path: Path, plan: Plan) -> None:
    write(plan, tmp_path)
    genesis = configuration.decode((tmp_path / CONFIGURATION).read_bytes())
    dapp, before = Dapp(genesis), -1
    for block in blocks(tmp_path):
        for stated in block["transactions"]:
            transaction = gtx.decode(bytes.fromhex(stated["data"]), version=1)
            assert transaction.brid == genesis.hash
            dapp.check_all(transaction.operations)
            dapp.execute(transaction, height=block["height"], last_block_time=before)
        before = block["timestamp"]
    deleted = 2 * 2 if plan.is_varied else 0
    assert dapp.query("get_prompt_history_count", {}, last_block=None) == plan.records - deleted
    assert dapp.last_prompt_id == plan.records


def test_a_varied_chain_has_planted_words_in_their_part_and_changes_three_in_a_hundred(
    tmp_path: Path,
) -> None:
    plan = Plan(records=3_000, peers=100, seed=3, size="small", is_varied=True)
    write(plan, tmp_path)
    transactions = [
        gtx.decode(bytes.fromhex(stated["data"]), version=1)
        for block in blocks(tmp_path)
        for stated in block["transactions"]
    ]
    (operations,) = zip(*(each.operations for each in transactions), strict=True)
    results = [str(each.arguments[2]) for each in operations if each.name == "add_prompt_history"]
    assert sum("Which." in each for each in results) > 1_500
    assert any("Oxide." in each for each in results[:1_500])
    assert not any("Oxide." in each for each in results[1_700:])
    assert [each.name for each in operations].count("update_prompt_history") == 29 * 3
    assert [each.name for each in operations].count("delete_prompt_history") == 29 * 2


def test_in_a_disputed_chain_every_answer_to_a_prompt_is_another(tmp_path: Path) -> None:
    write(Plan(records=50, peers=40, seed=3, size="small", is_disputed=True), tmp_path)
    answers: dict[str, list[str]] = {}
    for block in blocks(tmp_path):
        for stated in block["transactions"]:
            (operation,) = gtx.decode(bytes.fromhex(stated["data"]), version=1).operations
            _, asked, result, *_ = operation.arguments
            content = json.loads(str(result))["choices"][0]["message"]["content"]
            answers.setdefault(str(asked), []).append(content)
    assert [(len(each), len(set(each))) for each in answers.values()] == [(40, 40), (10, 10)]


def test_the_command_says_what_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--records", "20", "--seed", "9", "--peers", "10", "--processes", "1"]) == 0
    said = capsys.readouterr()
    made = json.loads(said.out)
    assert made == json.loads((tmp_path / "var" / "chain-20-9" / CHAIN).read_text())
    assert made["records"] == sum(len(block["transactions"]) for block in blocks(tmp_path / "var/chain-20-9"))
    assert "20 records in " in said.err


@pytest.mark.parametrize("option", ["--records=-1", "--peers=0", "--processes=0", "--records=many"])
def test_numbers_that_cannot_be_meant_are_refused(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--records=1", f"--out={tmp_path}", option])
    assert caught.value.code == 2
    assert option.split("=")[0] in capsys.readouterr().err
