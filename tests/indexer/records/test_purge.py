"""After `purge`, what was erased is in no file of the data directory; real commands over a real cluster."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from indexer.dapp import rell_json
from indexer.dapp.operations import signed_hash
from local.servers import postgres
from tests.indexer.made import MadeChain, add, completion
from tests.indexer.serving import AlteredNode, serving

ROOT = Path(__file__).resolve().parents[3]
SHORT = "telephone five five five zero one nine nine"
LONG = "".join(random.Random(5).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000))
PROMPT = "what is the telephone number of Erika Mustermann"
BY_RID = "a letter that only one transaction holds"
KEPT = "what everybody may read for ever and ever"
SECRETS = (SHORT, LONG[4000:4060], PROMPT, BY_RID)

SEVERAL = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.core.management import execute_from_command_line
for line in sys.stdin.read().splitlines():
    try:
        execute_from_command_line(["manage.py", *line.split("|")])
    except SystemExit as ended:
        assert ended.code in (0, None), line
"""


def manage(state: Path, *commands: Sequence[str]) -> str:
    """Run commands of manage.py, one after the other in one process; what they printed."""
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        cwd=ROOT,
        env={**os.environ, "STATE": str(state)},
        input="\n".join("|".join(each) for each in commands),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def erase(kind: str, key: bytes) -> list[str]:
    """The command that erases it."""
    return ["suppress", f"--{kind}={key.hex()}", "--mode=erase", "--reason=personal data", "--by=a test"]


def files_with(folder: Path, texts: Iterable[str]) -> dict[str, set[str]]:
    """Which files hold each text, as it is."""
    found: dict[str, set[str]] = {text: set() for text in texts}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            for text in found:
                if text.encode() in data:
                    found[text].add(str(path.relative_to(folder)))
    return found


def test_after_a_purge_what_was_erased_is_in_no_file(state_directory: Path) -> None:
    messages = json.dumps([{"content": PROMPT}])
    made = MadeChain()
    made.block(add(completion(SHORT)), add(completion(KEPT)), add(completion(LONG)))
    made.block(add(completion("harmless"), messages=messages), add(completion(BY_RID)))
    data = postgres.cluster_of(state_directory).folder
    with postgres.running(state_directory), serving(AlteredNode(made.recording())) as url:
        before = manage(state_directory, ["sync", f"--node={url}"], ["state"])
        assert all(files_with(data, [*SECRETS, KEPT]).values())
        done = manage(
            state_directory,
            erase("content", signed_hash(rell_json.quote(SHORT))),
            erase("content", signed_hash(rell_json.quote(LONG))),
            erase("content", signed_hash(rell_json.normalise(messages))),
            erase("transaction", made.blocks[1].transactions[1].rid),
            ["purge"],
        )
        assert done.count("1 transactions lost their bytes") == 4
        assert "Purged" in done
        found = files_with(data, [*SECRETS, KEPT])
        assert {text: found[text] for text in SECRETS} == {text: set() for text in SECRETS}
        assert found[KEPT]
        after = manage(state_directory, ["state"], ["fsck"])
    assert "4 transactions are erased, hash only" in after
    assert all(text in before for text in (SHORT, LONG, PROMPT, BY_RID, KEPT))
    assert [text for text in (SHORT, LONG, PROMPT, BY_RID, KEPT) if text in after] == [KEPT]
    assert after.count('"created_at"') == before.count('"created_at"') == 5
    assert not any(files_with(data, SECRETS).values())
