"""`manage.py run` as a user runs it: what starts, comes back, is told, and is left of it."""

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from indexer.follow.networks import MAINNET
from local.servers import broker, postgres
from local.servers.locks import is_held
from tests.endtoend import chains
from tests.endtoend.commands import ROOT, Ended, Installation, Running, await_that
from tests.endtoend.hostile import HostileNode

pytestmark = pytest.mark.slow

LONGEST = 120.0  # seconds until something must have come
NOBODY = "http://127.0.0.1:9"
FOUR = "00442B1E2DEE52C80ADEA1A92A97075C3FA1E9E204047C3C67533E151BAFC34D"


@pytest.fixture
def state(installation: Installation) -> Installation:
    """Processes are the subject of every test here."""
    return installation


class Run:
    """A run that shows its address, seen from the outside."""

    def __init__(self, state: Installation, running: Running) -> None:
        self.state = state
        self.running = running

    @property
    def url(self) -> str:
        """Where it says that it is; empty as long as it does not."""
        found = re.search(r"^(http://localhost:\d+)/$", self.running.said(), re.MULTILINE)
        return "" if found is None else found[1]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=30)

    def says(self, path: str) -> str:
        """The words of a page."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        return " ".join(re.sub(r"<[^>]*>", " ", found.text).split())

    def chains(self) -> list[dict[str, Any]]:
        """What the API says of each chain; nothing while the web server is away."""
        try:
            found = self.get("/api/v1/chains")
        except httpx.HTTPError:
            return []
        return list(found.json()["results"]) if found.status_code == 200 else []

    def records(self) -> int:
        return sum(each["records"] for each in self.chains())

    def await_more_records(self) -> int:
        """Wait until one more is shown; how many there are then."""
        before = self.records()
        await_that(lambda: self.records() > before, seconds=LONGEST, what="a record")
        return self.records()

    def part(self, name: str) -> psutil.Process:
        """The leading process of a part."""
        (found,) = [
            each
            for each in psutil.Process(self.running.pid).children()
            if re.search(rf"-m\s(celery\s.*\s)?({name})\s", f"{' '.join(each.cmdline())} ")
        ]
        return found

    def await_said(self, words: str) -> None:
        await_that(lambda: words in self.running.said(), seconds=LONGEST, what=words)

    def stop(self, number: signal.Signals = signal.SIGINT) -> Ended:
        """End it as a terminal does on Ctrl-C, or a service manager; nothing is left of it."""
        if number == signal.SIGINT:
            self.running.send_to_group(number)
        else:
            self.running.send(number)
        ended = self.running.ended().in_plain_words()
        assert (ended.status, ended.err) == (0, ""), ended.told
        assert ended.out.endswith("Stopped. The next start goes on from here.\n"), ended.told
        assert self.state.living() == []
        for lock in (postgres.cluster_of(self.state.folder).lock, broker.broker_of(self.state.folder).lock):
            assert not is_held(lock)
        return ended


@contextmanager
def running(state: Installation, *options: str) -> Iterator[Run]:
    """A run on a free port, from the moment in which it shows its address."""
    found = Run(state, state.start("run", "--port=0", *options))
    try:
        await_that(lambda: found.url or not found.running.is_running, seconds=LONGEST, what="its address")
        if not found.running.is_running:
            raise AssertionError(found.running.ended().told)
        yield found
    finally:
        if found.running.is_running:
            found.running.send(signal.SIGTERM)
            found.running.ended()


def test_one_command_shows_records_that_appear_and_the_next_start_goes_on(state: Installation) -> None:
    with running(state) as run:
        for part in ("postgres", "broker", "devnet", "worker", "beat", "web"):
            run.await_said(f"{part}: running")
        records = run.await_more_records()
        (chain,) = run.chains()
        assert (chain["name"], chain["network"]) == ("Devnet", "this machine")
        assert "Latest records" in run.says("/")
        port = (state.folder / "devnet" / "port").read_text()

        second = state.run("run", "--port=0")
        assert second.status == 1
        assert f"This is running already, at {run.url}/." in second.err, second.told
        assert "Ctrl-C" in second.err

        run.stop()
    state.checked()
    with running(state) as run:
        (again,) = run.chains()
        assert (again["chain"], (state.folder / "devnet" / "port").read_text()) == (chain["chain"], port)
        assert run.records() >= records
        run.await_more_records()
        run.stop(signal.SIGTERM)


def test_parts_that_are_killed_come_back(state: Installation) -> None:
    with running(state) as run:
        programs = {"worker": "worker", "web": "granian", "beat": "beat", "devnet": "devnet"}
        for part, program in programs.items():
            run.part(program).kill()
            run.await_said(f"{part} was ended by SIGKILL")
        for part in programs:
            run.await_said(f"{part}: running again")
        run.await_more_records()
        for name, pid in (
            ("broker", broker.broker_of(state.folder).pid()),
            ("postgres", postgres.cluster_of(state.folder).pid()),
        ):
            assert pid is not None
            psutil.Process(pid).kill()
            run.await_said(f"{name}: running again")
        run.await_more_records()
        run.stop()


def test_after_a_kill_nothing_is_left_and_the_next_start_works(state: Installation) -> None:
    with running(state) as run:
        records = run.await_more_records()
        run.running.send(signal.SIGKILL)
        run.running.ended()
        with running(state) as again:
            assert again.records() >= records
            again.await_more_records()
            again.stop()


def test_a_node_that_does_not_answer_yet_is_followed_once_it_does(state: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with running(state, f"--node=http://127.0.0.1:{port}") as run:
        assert run.chains() == []
        assert "No chain is indexed yet" in run.says("/")
        assert "No chain is indexed yet" in run.says("/status")
        run.await_said("No node names a chain yet (")
        recording = ROOT / "tests" / "recordings" / "four-validators"
        node = Running(
            [sys.executable, "-m", "devnet.recorded", str(recording), f"--port={port}"],
            environment=state.environment,
        )
        try:
            await_that(lambda: run.records() == 225, seconds=LONGEST, what="the chain's records")
            assert [each["chain"] for each in run.chains()] == [FOUR]
        finally:
            node.send(signal.SIGTERM)
            node.ended()
        run.stop()


def test_a_first_chain_that_was_followed_before_is_not_said_to_be_new(
    state: Installation, serve: Callable[..., HostileNode]
) -> None:
    node = serve(chains.four())
    assert state.run("follow", f"--node={node.url}", f"--brid={FOUR}").status == 0
    with running(state, f"--node={node.url}") as run:
        run.await_said(f"following {FOUR} through 1 node, as before")
        run.await_said(f"The first chain is {FOUR}, which is followed as before.")
        assert "from now on" not in run.stop().out


def test_a_named_chain_of_a_silent_node_is_there_and_its_status_says_why(state: Installation) -> None:
    """Also where the terminal knows no letters but ASCII's, and what an earlier start followed goes on."""
    brid, before = "AB" * 32, "CD" * 32
    assert state.run("follow", f"--node={NOBODY}", f"--brid={before}").status == 0
    state.environment["PYTHONIOENCODING"] = "ascii"
    with running(state, f"--node={NOBODY}", f"--brid={brid}") as run:
        run.await_said(
            f"following {before} through 1 node, as before (`manage.py follow --stop --brid={before}`"
        )
        assert {each["chain"] for each in run.chains()} == {brid, before}
        assert brid[:8] in run.says("/")
        await_that(lambda: "no connection" in run.says("/status"), seconds=LONGEST, what="the failure")
        assert NOBODY in run.says("/status")
        run.await_said("its nodes give nothing")
        assert "Stopping ?" in run.stop().out


def test_a_terminal_that_is_closed_ends_it(state: Installation) -> None:
    """Nobody but the command itself may notice: a signal goes to whoever leads the session."""
    terminal, its_own = os.openpty()
    command = [sys.executable, "manage.py", "run", "--port=0", f"--node={NOBODY}"]
    process = psutil.Popen(command, cwd=ROOT, env=state.environment, stdin=its_own, stdout=its_own)
    os.close(its_own)
    said = b""
    while b"http://localhost" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    assert process.wait(LONGEST) == 0
    assert state.living() == []


def test_mainnet_without_internet_says_so_and_stays_usable(state: Installation, tmp_path: Path) -> None:
    """The machine resolves no name, for this command and all that it starts."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "resolve = socket.getaddrinfo\n"
        "def resolve_here(host, *rest, **options):\n"
        "    if host not in (None, 'localhost', '127.0.0.1', '::1'):\n"
        "        raise socket.gaierror(socket.EAI_AGAIN, 'Temporary failure in name resolution')\n"
        "    return resolve(host, *rest, **options)\n"
        "socket.getaddrinfo = resolve_here\n"
    )
    state.environment["PYTHONPATH"] = str(tmp_path)
    with running(state, "--network=mainnet") as run:
        assert [each["name"] for each in run.chains()] == [each.name for each in MAINNET.chains]
        assert all(each.name in run.says("/") for each in MAINNET.chains)
        await_that(lambda: run.says("/status").count("no node has answered so far") == 2, what="the status")
        await_that(lambda: MAINNET.nodes[0] in run.says("/status"), what="the nodes")
        for each in MAINNET.chains:
            run.await_said(f"{each.name}: its nodes give nothing")
        run.stop()


def test_a_port_that_is_taken_is_told(state: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = state.run("run", f"--port={port}")
    assert ended.status == 1
    assert f"Port {port} is taken by another program." in ended.err
    assert "PORT=" in ended.err
    assert state.is_deserted()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port=eighty"], "PORT must be a number"),
        (["--port=65536"], "PORT must be a number up to 65535"),
        (["--node=nowhere"], "NODE cannot be used"),
        (["--brid=" + "AB" * 32], "BRID names a chain of a node"),
        ([f"--node={NOBODY}", "--brid=AB"], "BRID must be 64 hexadecimal digits"),
        (["--node=http://me:secret@127.0.0.1:9"], "make sync"),
        (["--network=testnet"], "NETWORK is mainnet"),
        (["--network=mainnet", f"--node={NOBODY}"], "NETWORK names chains and nodes itself"),
    ],
)
def test_options_that_cannot_be_meant_end_with_2(state: Installation, options: list[str], words: str) -> None:
    ended = state.run("run", *options)
    assert ended.status == 2, ended.told
    assert words in ended.err
    assert "secret" not in ended.err
    assert ended.err.count("\n") == 1


def test_a_part_that_cannot_start_says_why_and_leaves_nothing(state: Installation) -> None:
    (state.folder / "devnet").write_text("no folder")
    ended = state.start("run", "--port=0").ended().in_plain_words()
    assert ended.status == 1
    assert "devnet cannot start" in ended.err, ended.told
    assert "Its log is" in ended.err
    assert state.living() == []
