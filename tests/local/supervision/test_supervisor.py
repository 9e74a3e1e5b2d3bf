"""Programs that run as one: start, death, end, and what is left when their supervisor is killed."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.servers.errors import ServiceTrouble
from local.supervision import supervisor
from local.supervision.service import LONGEST_PAUSE, WELL_AFTER, Neighbour, Program
from tests.local.supervised import LONGEST, Supervised, service

GOOD = "echo ready; exec sleep 1000"
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.1; done"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Supervised]]:
    """Supervise programs, given by name."""
    started: list[Supervised] = []

    def begin(**scripts: str) -> Supervised:
        started.append(Supervised(folder, scripts.items()))
        return started[-1]

    yield begin
    for each in started:
        with each:
            pass


def await_that(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def process_of(supervised: Supervised, words: str) -> psutil.Process:
    """The one whose command line has these words."""
    found = [each for each in supervised.left() if words in " ".join(each.cmdline()[:4])]
    assert len(found) == 1, found
    return found[0]


def looked_at(supervising: supervisor.Supervisor) -> Iterator[str]:
    """What it says while it is asked again and again."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        yield from supervising.look()
        time.sleep(0.01)


def test_services_are_started_in_order_and_stopped_in_the_opposite_one(folder: Path, tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = (
        f"echo begin $0 >> {order}; trap 'echo end $0 >> {order}; exit' TERM; "
        "echo ready; while :; do sleep 0.05; done"
    )
    said: list[str] = []
    with supervisor.supervisor(folder, say=said.append) as supervising:
        supervising.start(service("one", script.replace("$0", "one")))
        supervising.start(service("two", script.replace("$0", "two")))
    assert said == ["one: running", "two: running"]
    assert order.read_text().split("\n")[:-1] == ["begin one", "begin two", "end two", "end one"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_in_order(start: Callable[..., Supervised], number: signal.Signals) -> None:
    supervised = start(one=GOOD, two=GOOD)
    supervised.said_until("up")
    supervised.send(number)
    assert supervised.said_until("ended")
    assert supervised.ended() == 0
    assert supervised.left() == []


def test_a_service_with_children_of_its_own_leaves_none(folder: Path) -> None:
    children = "sleep 1000 & sleep 1000 & echo ready $!; wait"
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(service("many", children))
        child = int((folder / "many.log").read_text().split()[1])
        assert psutil.pid_exists(child)
    await_that(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_service_that_does_not_want_to_end_is_killed(folder: Path) -> None:
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(service("stubborn", STUBBORN, stops_in=0.2))
        (group,) = supervising._groups()
    assert not psutil.pid_exists(group)


def test_a_service_that_dies_is_started_again_and_told(folder: Path) -> None:
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(service("one", GOOD))
        (group,) = supervising._groups()
        os.kill(group, signal.SIGKILL)
        lines = looked_at(supervising)
        assert next(lines) == "one was ended by SIGKILL. It is started again in 1 s."
        assert next(lines) == "one: running again"
        assert supervising._groups() not in ([], [group])


def test_what_a_dead_service_leaves_of_its_group_is_ended_before_it_is_started_again(folder: Path) -> None:
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(service("parent", "sleep 1000 & echo ready $!; wait"))
        child = int((folder / "parent.log").read_text().split()[1])
        os.kill(supervising._groups()[0], signal.SIGKILL)
        assert "parent was ended by SIGKILL" in next(looked_at(supervising))
        await_that(
            lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        )


def test_a_service_that_dies_again_and_again_waits_longer_and_says_why(folder: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    script = f"test -e {first} && echo no more && exit 7; touch {first}; echo ready; sleep 0.2; exit 3"
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(service("sick", script))
        lines = looked_at(supervising)
        said = [next(lines) for _ in range(2)]
    assert said[0] == "sick ended with status 3. It is started again in 1 s."
    assert said[1].startswith("sick ended with status 7. It said: no more. Mend it. Its log is ")
    assert said[1].endswith("sick.log. It is started again in 2 s.")


def test_pauses_grow_to_half_a_minute_and_are_forgotten_after_a_minute_of_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("local.supervision.service.time.monotonic", lambda: now)
    neighbour = Neighbour("it", runs=lambda: False, start=lambda: None)
    told = []
    for _ in range(7):
        told.append(neighbour.died())
        now += LONGEST_PAUSE
        assert neighbour.is_due()
        neighbour.begin()
    seconds = [str(each).removesuffix(" s.").rpartition(" ")[2] for each in told]
    assert seconds == ["1", "2", "4", "8", "16", "30", "30"]
    now += WELL_AFTER + 1
    assert neighbour.died() == "it has ended. It is started again in 1 s."


def test_a_neighbour_that_died_is_brought_up_again(folder: Path) -> None:
    up = [True]
    neighbour = Neighbour("server", runs=lambda: up[0], start=lambda: up.__setitem__(0, True))
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.watch(neighbour)
        assert list(supervising.look()) == []
        up[0] = False
        lines = looked_at(supervising)
        assert next(lines) == "server has ended. It is started again in 1 s."
        assert next(lines) == "server: running again"
    assert up == [True]


def test_a_neighbour_that_cannot_be_brought_up_is_tried_again(folder: Path) -> None:
    def fail() -> None:
        raise ServiceTrouble("the server's disk is full.")

    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.watch(Neighbour("server", runs=lambda: False, start=fail))
        lines = looked_at(supervising)
        assert next(lines) == "server has ended. It is started again in 1 s."
        assert next(lines) == "the server's disk is full. It is started again in 2 s."


def test_a_service_that_cannot_start_says_why_and_what_to_do_and_stops_the_others(folder: Path) -> None:
    with (
        pytest.raises(ServiceTrouble) as raised,
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("good", GOOD), service("bad", "echo no port; echo; echo is free; exit 3"))
    told = str(raised.value)
    assert told.startswith("bad cannot start: it ended with status 3. It said: no port / is free. Mend it.")
    assert told.endswith(f"Its log is {folder}/bad.log.")
    assert not supervising._groups()


def test_the_error_of_a_traceback_is_told_and_not_what_was_said_after_it(folder: Path) -> None:
    program = "import sys; print('begins', flush=True); int('x' + chr(10) + 'y')"
    script = f'{sys.executable} -c "{program}"; echo; echo goodbye; exit 1'
    with (
        pytest.raises(ServiceTrouble) as raised,
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("bad", script))
    assert r"It said: ValueError: invalid literal for int() with base 10: 'x\ny'. Mend it." in str(
        raised.value
    )


def test_a_service_that_fails_is_told_at_once_while_another_is_still_waited_for(folder: Path) -> None:
    with (
        pytest.raises(ServiceTrouble, match="bad cannot start"),
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("slow", "exec sleep 1000"), service("bad", "exit 1"))


def test_a_service_that_never_gets_ready_is_told(folder: Path) -> None:
    with (
        pytest.raises(ServiceTrouble, match=r"it does not answer after 0 s\. It said: hm\."),
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("slow", "echo hm; exec sleep 1000", starts_in=0.3))


def test_a_program_that_is_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ServiceTrouble, match=r"one cannot start: .*No such file"),
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("one", GOOD, folder=tmp_path / "nowhere"))


def test_what_a_program_says_does_not_command_the_terminal(folder: Path) -> None:
    with (
        pytest.raises(ServiceTrouble) as raised,
        supervisor.supervisor(folder, say=lambda _: None) as supervising,
    ):
        supervising.start(service("one", r"printf 'a\033[2Jb\342\200\256c\n'; printf '%05000d\n' 7; exit 1"))
    told = str(raised.value)
    assert "a�[2Jb�c" in told
    assert len(told) < 1000


def test_a_log_is_its_owner_s_alone_and_does_not_grow_without_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.supervision.service.LARGEST_LOG", 1000)
    with supervisor.supervisor(folder, say=lambda _: None) as supervising:
        supervising.start(
            service(
                "one", "i=0; while test $i -lt 200; do echo line $i; i=$((i+1)); done; echo ready; sleep 99"
            )
        )
    logs = sorted(each.name for each in folder.glob("one.log*"))
    assert logs == ["one.log", "one.log.1"]
    assert "line 199\nready\n" in (folder / "one.log.1").read_text() + (folder / "one.log").read_text()
    assert all((folder / each).stat().st_size <= 1000 for each in logs)
    assert all((folder / each).stat().st_mode & 0o077 == 0 for each in (*logs, "."))


def test_a_program_is_always_there_or_known_to_be_gone(tmp_path: Path) -> None:
    program = Program(service("one", GOOD), log=tmp_path / "one.log")
    assert program.group is None
    program.begin()
    await_that(program.has_started)
    program.ask_to_end()
    program.end()
    assert program.group is None


def test_a_killed_supervisor_leaves_nothing_running(start: Callable[..., Supervised]) -> None:
    supervised = start(one=GOOD, two="sleep 1000 & echo ready; wait")
    supervised.said_until("up")
    supervised.send(signal.SIGKILL)
    supervised.ended()
    await_that(lambda: supervised.left() == [])


def test_a_reaper_that_was_killed_is_replaced(start: Callable[..., Supervised]) -> None:
    supervised = start(one=GOOD)
    supervised.said_until("up")
    first = supervised.reaper()
    first.kill()
    await_that(lambda: not first.is_running())  # the supervisor has noticed
    process_of(supervised, "sleep").kill()
    supervised.said_until("running again")  # and has told another one what runs
    supervised.send(signal.SIGKILL)
    supervised.ended()
    await_that(lambda: supervised.left() == [])


def test_what_is_left_when_the_reaper_was_killed_too_is_ended_by_the_next_start(
    start: Callable[..., Supervised],
) -> None:
    supervised = start(one=GOOD)
    supervised.said_until("up")
    orphan = process_of(supervised, "sleep")
    supervised.reaper().suspend()  # it can neither end anything nor be replaced
    supervised.send(signal.SIGKILL)
    supervised.ended()
    supervised.reaper().kill()
    assert orphan.is_running()
    following = start(one=GOOD)
    assert "Parts of a run that was killed" in following.said()
    assert following.said_until("up") == ["one: running", "up"]
    assert not orphan.is_running()


def test_a_number_that_is_another_program_s_by_now_is_left_alone(
    start: Callable[..., Supervised], folder: Path
) -> None:
    bystander = psutil.Popen(["sleep", "1000"], start_new_session=True)
    try:
        folder.mkdir()
        (folder / "parts.json").write_text(f'{{"{bystander.pid}": "long ago"}}')
        assert supervisor._left(folder) == []
        supervised = start(one=GOOD)
        supervised.said_until("up")
        assert bystander.is_running()
    finally:
        bystander.kill()
        bystander.wait()
