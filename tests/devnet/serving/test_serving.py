"""The command: options, blocks that come by themselves, and going on after any end."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devnet.chain.validators import OWNER
from devnet.serving.serving import main
from indexer.postchain import gtx
from indexer.postchain.gtx import Operation
from tests.devnet.commanded import LONGEST, awaited, devnet, refused
from tests.devnet.grown import FOUR, add
from tests.devnet.served import ROOT

QUICK = ("--block-time", "150")


def posted(brid: str, *operations: Operation, version: int = 1) -> bytes:
    built = gtx.build(brid=bytes.fromhex(brid), operations=operations, private_keys=(OWNER,), version=version)
    return json.dumps({"tx": built.hex()}).encode()


def rid_of(body: bytes, *, version: int = 1) -> str:
    return gtx.decode(bytes.fromhex(json.loads(body)["tx"]), version=version).rid.hex().upper()


def test_blocks_come_by_themselves_and_hold_what_is_posted(tmp_path: Path) -> None:
    with devnet(tmp_path, *QUICK) as running:
        assert (running.next_height, running.validators, running.merkle) == (0, 1, 1)
        awaited(lambda: running.height() >= 3)
        body = posted(running.brid, add())
        assert running.json(f"/tx/{running.brid}", body=body) == {}
        status = f"/tx/{running.brid}/{rid_of(body)}/status"
        awaited(lambda: running.json(status) == {"status": "confirmed"})
        assert running.json("/query/iid_1?type=get_prompt_history_count") == 1
        assert running.json("/blocks/iid_1?limit=100&before-height=3")[0]["transactions"] == []
        awaited(lambda: running.json("/blockchain/iid_2/height")["blockHeight"] > 0)
        assert running.json(
            f"/query/iid_0?type=cm_get_blockchain_api_urls&blockchain_rid={running.brid}"
        ) == [running.url]
        assert running.ask("/control/close", body=b"").status == 404
        assert running.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_next_start_goes_on_where_the_last_one_ended(tmp_path: Path, number: signal.Signals) -> None:
    with devnet(tmp_path, "--validators", "4", "--merkle", "2", *QUICK) as running:
        for uid in range(3):
            body = posted(running.brid, add(uid=uid), version=2)
            assert running.ask(f"/tx/{running.brid}", body=body).status == 200
        awaited(lambda: running.json("/query/iid_1?type=get_prompt_history_count") == 3)
        blocks = running.json("/blocks/iid_1?limit=100")
        assert running.end(number) == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    with devnet(tmp_path, *QUICK) as again:
        assert (again.brid, again.validators, again.merkle) == (running.brid, 4, 2)
        assert again.next_height >= blocks[0]["height"] + 1
        kept = again.json(f"/blocks/iid_1?limit=100&before-height={blocks[0]['height'] + 1}")
        assert kept == blocks
        assert again.json("/query/iid_1?type=get_prompt_history_count") == 3
        awaited(lambda: again.height() > again.next_height)


def test_a_scenario_plays_and_goes_on(tmp_path: Path) -> None:
    with devnet(tmp_path, "--scenario", "demo", *QUICK) as running:
        counted = awaited(lambda: running.json("/query/iid_1?type=get_prompt_history_count"))
        assert running.end(signal.SIGINT) == 0
    with devnet(tmp_path, "--scenario", "demo", "--seed", "2", *QUICK) as again:
        awaited(lambda: again.json("/query/iid_1?type=get_prompt_history_count") > counted)


def test_new_chains_differ_unless_they_have_the_same_name(tmp_path: Path) -> None:
    brids = []
    for number, name in enumerate(((), (), ("--name", "same"), ("--name", "same"))):
        with devnet(tmp_path / str(number), *name) as running:
            brids.append(running.brid)
    assert brids[2] == brids[3]
    assert len(set(brids)) == 3


def test_the_control_closes_blocks_and_sets_configurations(tmp_path: Path) -> None:
    with devnet(tmp_path, "--control", "--block-time", "0", "--validators", "4") as running:
        at = 1_728_600_000_000
        made = running.control(
            "close", at=at, signers=[key.hex() for key in FOUR[:3] if isinstance(key, bytes)]
        )
        assert (made["height"], made["timestamp"]) == (0, at)
        block = running.json("/blocks/iid_1/height/0")
        assert (block["rid"], len(block["witnesses"])) == (made["rid"], 3)
        raw = running.ask("/config/iid_1")
        assert raw.status == 200
        body = posted(running.brid, add())
        running.json(f"/tx/{running.brid}", body=body)
        assert running.json(f"/tx/{running.brid}/{rid_of(body)}/status") == {"status": "waiting"}
        assert running.control("close")["height"] == 1
        assert running.json(f"/tx/{running.brid}/{rid_of(body)}/status") == {"status": "confirmed"}
        assert running.control("anchor") == {}
        assert running.json("/blockchain/iid_3/height") == {"blockHeight": 1}
        assert running.height() == 2


def test_only_the_loopback_interface_is_listened_on(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.org", ""):
        ended = refused(tmp_path, "--host", host)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "no address of the loopback interface" in ended.stderr
        assert "known to everybody" in ended.stderr
    assert not (tmp_path / "devnet").exists()


def test_the_other_loopback_addresses_will_do(tmp_path: Path) -> None:
    with devnet(tmp_path, "--host", "127.0.0.2") as running:
        assert running.host == "127.0.0.2"
        assert running.json("/version") == {"version": 5}


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--validators", "3"), "invalid choice"),
        (("--merkle", "3"), "invalid choice"),
        (("--scenario", "no-such"), "invalid choice"),
        (("--block-time", "-1"), "--block-time must be 0 or more"),
        (("--block-time", "0"), "only --control can build blocks"),
        (("--port", "99999"), "cannot listen on 127.0.0.1:99999"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    tmp_path: Path, options: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["--state", str(tmp_path), *options])
    except SystemExit as error:
        status = int(str(error.code))
    assert status == 2
    assert text in capsys.readouterr().err


def test_options_that_contradict_the_kept_chain_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with devnet(tmp_path, "--validators", "4") as running:
        port = str(running.port)
        assert main(["--state", str(tmp_path), "--port", "0"]) == 1
        assert "another devnet may be running there" in capsys.readouterr().err
        other = str(tmp_path / "other")
        assert main(["--state", other, "--port", port]) == 2
        assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
        assert running.end(signal.SIGINT) == 0
    assert main(["--state", str(tmp_path), "--port", "0", "--validators", "1"]) == 2
    assert "was begun with --validators 4, not 1" in capsys.readouterr().err
    assert main(["--state", str(tmp_path), "--port", "0", "--merkle", "2"]) == 2
    assert "was begun with --merkle 1, not 2" in capsys.readouterr().err


def test_where_blocks_cannot_be_kept_it_ends_with_a_sentence_and_goes_on_later(tmp_path: Path) -> None:
    """The files' size is limited, so that writing fails as on a full disk."""
    limited = ["bash", "-c", 'ulimit -f 200 && exec "$@"', "limited"]
    command = [sys.executable, "-m", "devnet", "--port=0", f"--state={tmp_path}", "--block-time=1"]
    ended = subprocess.run(
        [*limited, *command], cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"the chain cannot be kept in {tmp_path}: ")
    assert ended.stderr.count("\n") == 1
    with devnet(tmp_path, *QUICK) as again:
        assert again.next_height > 5
        awaited(lambda: again.height() > again.next_height)


def test_its_page_names_every_option_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    taken = set(re.findall(r"(?<!\w)--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    page = (ROOT / "docs" / "devnet.md").read_text()
    assert set(re.findall(r"^\| `(--[a-z-]+)", page, re.MULTILINE)) == taken
    assert set(re.findall(r"^\| `/control/([a-z]+)`", page, re.MULTILINE)) == {"close", "configure", "anchor"}
