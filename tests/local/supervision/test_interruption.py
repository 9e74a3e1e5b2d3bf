"""The signals that tell a command to end."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from local.supervision.interruption import interruptible, uninterrupted
from tests.local.using import ROOT

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of before come back."""
    before = {each: signal.getsignal(each) for each in ENDING}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_interrupts_and_the_others_change_nothing(number: signal.Signals) -> None:
    with interruptible() as interruption:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert interruption.came
        for each in ENDING:
            signal.raise_signal(each)
    assert [signal.getsignal(each) for each in ENDING] == [signal.SIG_IGN] * 3


def test_where_no_signal_came_everything_is_as_before() -> None:
    before = [signal.getsignal(each) for each in ENDING]
    with interruptible() as interruption:
        assert [signal.getsignal(each) for each in ENDING] != before
    assert not interruption.came
    assert [signal.getsignal(each) for each in ENDING] == before


def test_an_interrupt_counts_also_where_a_shell_without_job_control_ignores_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible() as interruption, pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert interruption.came


def test_a_hangup_that_was_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible() as interruption:
        signal.raise_signal(signal.SIGHUP)
    assert not interruption.came


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = [signal.getsignal(each) for each in ENDING]
    seen: list[object] = []

    def work() -> None:
        with interruptible():
            seen.extend(signal.getsignal(each) for each in ENDING)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == before


def test_a_signal_while_python_ends_does_not_kill_what_was_interrupted() -> None:
    script = (
        "import atexit, signal\n"
        "from local.supervision.interruption import interruptible\n"
        "atexit.register(signal.raise_signal, signal.SIGINT)\n"
        "with interruptible():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


@pytest.mark.parametrize("number", ENDING)
def test_what_must_not_be_interrupted_is_done_whole(number: signal.Signals) -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            signal.raise_signal(number)
            signal.raise_signal(number)
            done.append("all of it")
        done.append("what follows")

    with interruptible(), pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of it"]


def test_what_was_not_interrupted_goes_on() -> None:
    with interruptible() as interruption:
        before = signal.getsignal(signal.SIGINT)
        with uninterrupted():
            assert signal.getsignal(signal.SIGINT) is not before
        assert signal.getsignal(signal.SIGINT) is before
        assert not interruption.came
