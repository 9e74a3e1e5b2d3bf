"""Programs that run as one: small shell programs under a real supervisor."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from local import supervisor
from local.errors import PartTrouble
from local.supervisor import Part, Supervisor

ROOT = Path(__file__).resolve().parents[2]
MARK = "CHASM_SUPERVISED"
LONGEST = 60.0  # seconds after which a test hangs
FOREVER = "while :; do sleep 0.05; done"


def part(name: str, script: str, *, mark: Path, starts_in: float = 60.0, stops_in: float = 60.0) -> Part:
    """A shell program that works once it has said `up`."""
    return Part(
        name=name,
        command=["sh", "-c", script],
        what_to_do="Do this and that.",
        is_ready=lambda lines: "up" in lines,
        environment={MARK: str(mark)},
        starts_in=starts_in,
        stops_in=stops_in,
    )


def ending(name: str, *, folder: Path) -> str:
    """A script that writes down when it was asked to end."""
    return f"trap 'echo {name} >> {folder}/ended; exit 0' TERM; echo up; {FOREVER}"


def living(mark: Path) -> list[psutil.Process]:
    """The programs that run for a test."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == str(mark):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def signal_parts(mark: Path, number: signal.Signals) -> None:
    """Send a signal to the parts themselves, not to what they started."""
    for process in living(mark):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) == process.pid:
                os.kill(process.pid, number)


def await_that(is_so: Callable[[], object], *, look: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < deadline
        look()
        time.sleep(0.01)


@contextmanager
def supervising(folder: Path) -> Iterator[tuple[Supervisor, list[str]]]:
    """A supervisor and what it says; nothing that it started is left afterwards."""
    said: list[str] = []
    threads = len(psutil.Process().threads())
    descriptors = psutil.Process().num_fds()
    try:
        with Supervisor(folder, say=said.append)() as found:
            yield found, said
        assert living(folder) == []
        assert len(psutil.Process().threads()) == threads
        assert psutil.Process().num_fds() == descriptors
        assert psutil.Process().children() == []
    finally:
        for process in living(folder):
            process.kill()


def test_parts_start_in_order_and_say_so(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, said):
        found.start(part("first", f"echo up; {FOREVER}", mark=tmp_path))
        found.start(*(part(name, f"echo up; {FOREVER}", mark=tmp_path) for name in ("second", "third")))
        assert said == ["first: running", "second: running", "third: running"]
        assert living(tmp_path) != []
    assert said[3:] == []


def test_parts_are_stopped_in_the_opposite_order(tmp_path: Path) -> None:
    names = ["first", "second", "third"]
    with suppress(KeyboardInterrupt), supervising(tmp_path) as (found, _):
        found.start(*(part(name, ending(name, folder=tmp_path), mark=tmp_path) for name in names))
        raise KeyboardInterrupt
    assert (tmp_path / "ended").read_text().split() == ["third", "second", "first"]


def test_children_of_a_part_end_with_it(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, _):
        script = f"(trap '' TERM; {FOREVER}) & echo up; {FOREVER}"
        found.start(part("parent", script, mark=tmp_path))
        await_that(lambda: len(living(tmp_path)) >= 2)


def test_a_part_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, _):
        found.start(part("deaf", f"trap '' TERM; echo up; {FOREVER}", mark=tmp_path, stops_in=0.1))


def test_a_stopped_part_is_killed(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, _):
        found.start(part("still", f"echo up; {FOREVER}", mark=tmp_path, stops_in=0.1))
        signal_parts(tmp_path, signal.SIGSTOP)


def test_a_part_that_dies_comes_back(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, said):
        found.start(part("mortal", f"echo up; exec {sys.executable} -c 'input()' < /dev/zero", mark=tmp_path))
        signal_parts(tmp_path, signal.SIGKILL)
        await_that(lambda: "mortal: started again" in said, look=found.look)
        assert said[1] == "mortal was ended by SIGKILL, and is started again in 1 s"
        await_that(lambda: living(tmp_path), look=found.look)


def test_the_pause_grows_with_each_death_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    with supervising(tmp_path) as (found, said):
        found.start(part("short", f"echo up; test ! -e {tmp_path}/dying || exit 7; {FOREVER}", mark=tmp_path))
        (tmp_path / "dying").touch()
        signal_parts(tmp_path, signal.SIGKILL)
        for deaths in range(1, 9):
            await_that(lambda: len(pauses(said)) == deaths, look=found.look)  # noqa: B023
            clock.ahead += pauses(said)[-1]
    assert pauses(said) == [1, 2, 4, 8, 16, 30, 30, 30]


class Clock:
    """The time module, some seconds ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def pauses(said: list[str]) -> list[int]:
    """The seconds that were told."""
    return [int(found[1]) for line in said if (found := re.search(r"started again in (\d+) s", line))]


def test_deaths_are_forgotten_after_it_ran_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(supervisor, "time", clock)
    with supervising(tmp_path) as (found, said):
        found.start(part("well", f"echo up; {FOREVER}", mark=tmp_path))
        for deaths in (1, 2, 3):
            await_that(lambda: living(tmp_path), look=found.look)
            clock.ahead += supervisor.WELL_AFTER + 1
            signal_parts(tmp_path, signal.SIGKILL)
            await_that(lambda: len(pauses(said)) == deaths, look=found.look)  # noqa: B023
            clock.ahead += 2
    assert pauses(said) == [1, 1, 1]


def test_a_part_that_fails_again_says_its_last_words(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, said):
        script = f"echo up; test -e {tmp_path}/again && {{ echo no more paper; exit 7; }}; {FOREVER}"
        found.start(part("printer", script, mark=tmp_path))
        (tmp_path / "again").touch()
        signal_parts(tmp_path, signal.SIGKILL)
        await_that(lambda: len(pauses(said)) == 2, look=found.look)
    assert said[-1].startswith(
        "printer ended with status 7, and is started again in 2 s. It said: up / no more"
    )
    assert f"Do this and that. Its log is {tmp_path}/printer.log." in said[-1]


def trouble(folder: Path, *parts: Part) -> tuple[str, list[str]]:
    """Why parts cannot start, and what was said until then."""
    with supervising(folder) as (found, said):
        try:
            found.start(*parts)
        except PartTrouble as error:
            return str(error), said
    raise AssertionError(f"they started: {said}")


def test_one_that_cannot_start_tells_why_and_what_to_do_and_the_others_are_stopped(tmp_path: Path) -> None:
    well = part("well", f"echo up; {FOREVER}", mark=tmp_path)
    bad = part("bad", "echo one; echo two >&2; echo; echo three; exit 3", mark=tmp_path)
    told, said = trouble(tmp_path, well, bad)
    assert told == (
        "bad cannot start: it ended with status 3. It said: two / three. Do this and that. "
        f"Its log is {tmp_path}/bad.log."
    )
    assert said == ["well: running"]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    told, _ = trouble(tmp_path, Part("gone", ["/no/such/program"], "Install it.", is_ready=lambda _: True))
    assert re.fullmatch(r"gone cannot start: .*/no/such/program.* Install it\.", told)


def test_one_that_does_not_get_ready_in_time_is_told_and_stopped(tmp_path: Path) -> None:
    told, _ = trouble(tmp_path, part("slow", f"echo almost; {FOREVER}", mark=tmp_path, starts_in=0.1))
    assert told.startswith("slow cannot start: it does not answer after 0 s.")


def test_what_parts_say_is_kept_in_files_that_do_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LARGEST_LOG", 1000)
    line = "caf\\303\\251 \\377 " + "x" * 90
    script = (
        f"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf '%s {line}\\n' $i; done; echo up; {FOREVER}"
    )
    with supervising(tmp_path) as (found, _):
        found.start(part("wordy", script, mark=tmp_path))
    assert sorted(each.name for each in tmp_path.glob("wordy*")) == ["wordy.log", "wordy.log.1"]
    assert all(each.stat().st_size <= 1000 for each in tmp_path.glob("wordy*"))
    assert "15 café \N{REPLACEMENT CHARACTER} xxx" in (tmp_path / "wordy.log").read_text(encoding="utf-8")


def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    script = f"head -c 100000 /dev/zero | tr '\\0' x; echo; echo up; {FOREVER}"
    with supervising(tmp_path) as (found, _):
        found.start(part("long", script, mark=tmp_path))
    assert max(map(len, (tmp_path / "long.log").read_text().splitlines())) == 10_000


SUPERVISED = f"""
import sys, time
from pathlib import Path
from local.interruption import interruptible
from local.supervisor import Part, Supervisor
folder, *scripts = sys.argv[1:]
def say(line): print(line, flush=True)
parts = [Part(f"part{{n}}", ["sh", "-c", script], "", is_ready=lambda lines: "up" in lines,
              environment={{"{MARK}": folder}}) for n, script in enumerate(scripts)]
with interruptible():
    with Supervisor(Path(folder), say=say)() as supervisor:
        supervisor.start(*parts)
        say("all")
        while True:
            supervisor.look()
            time.sleep(0.01)
"""


@contextmanager
def supervisor_process(folder: Path, *scripts: str) -> "Iterator[subprocess.Popen[str]]":
    """A process that supervises; what is left of it and of its parts is killed afterwards."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SUPERVISED, str(folder), *scripts],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            for each in living(folder):
                each.kill()


def said_all(process: "subprocess.Popen[str]") -> list[str]:
    """What it said up to “all”."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line == "all\n":
            return lines
    raise AssertionError(f"it ended: {lines}")


def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    deaf = f"(trap '' INT; {FOREVER}) & trap '' INT; echo up; {FOREVER}"
    with supervisor_process(tmp_path, deaf, f"echo up; {FOREVER}") as process:
        said_all(process)
        process.kill()
        await_that(lambda: not living(tmp_path))


def test_the_next_supervisor_waits_until_nothing_of_a_killed_one_is_left(tmp_path: Path) -> None:
    # The shell would say that what it waits for was ended, and nobody listens any more.
    slow = f"trap 'sleep 1; echo > {tmp_path}/gone; exit' TERM; echo up; exec 2> /dev/null; {FOREVER}"
    with supervisor_process(tmp_path, slow) as process:
        said_all(process)
        process.kill()
        with supervising(tmp_path) as (found, said):
            assert (tmp_path / "gone").exists()
            found.start(part("next", f"echo up; {FOREVER}", mark=tmp_path))
    assert said[0] in ("What an earlier run started is still ending: waiting for it.", "next: running")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_any_moment_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with supervisor_process(tmp_path, *[f"echo up; {FOREVER}"] * 5) as process:
        await_that(lambda: living(tmp_path) or process.poll() is not None)
        os.killpg(process.pid, number)
        process.wait(LONGEST)
        assert living(tmp_path) == []


def test_a_second_signal_changes_nothing(tmp_path: Path) -> None:
    slow = f"trap 'touch {tmp_path}/asked; sleep 1; touch {tmp_path}/done; exit' TERM; echo up; {FOREVER}"
    with supervisor_process(tmp_path, slow) as process:
        said_all(process)
        process.send_signal(signal.SIGINT)
        await_that((tmp_path / "asked").exists)
        process.send_signal(signal.SIGINT)
        process.wait(LONGEST)
        assert (tmp_path / "done").exists()


def test_a_ctrl_c_while_the_rest_is_stopped_after_trouble_leaves_nothing(tmp_path: Path) -> None:
    slow = f"trap 'touch {tmp_path}/asked; sleep 1; exit' TERM; echo up; {FOREVER}"
    with supervisor_process(tmp_path, slow, f"while test ! -e {tmp_path}/go; do sleep 0.05; done") as process:
        await_that(lambda: len(living(tmp_path)) >= 2)
        (tmp_path / "go").touch()
        await_that((tmp_path / "asked").exists)
        process.send_signal(signal.SIGINT)
        process.wait(LONGEST)
        await_that(lambda: not living(tmp_path))


def test_a_supervisor_whose_keeper_was_killed_still_stops_all(tmp_path: Path) -> None:
    with supervising(tmp_path) as (found, _):
        (keeper,) = psutil.Process().children()
        assert json.dumps(keeper.cmdline()).count("keeper.py") == 1
        keeper.kill()
        await_that(lambda: keeper.status() == psutil.STATUS_ZOMBIE)
        found.start(part("well", f"echo up; {FOREVER}", mark=tmp_path))
