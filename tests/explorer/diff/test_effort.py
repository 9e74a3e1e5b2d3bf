"""How long may be worked: by a thread's own work, and by the clock on the wall at the latest."""

import time

import pytest

from explorer.diff.effort import Effort, TookTooLong


def test_who_is_kept_waiting_has_as_much_time_for_his_work_as_before() -> None:
    begun = time.thread_time()
    effort = Effort.of_work(1.0, latest=60.0)
    assert begun + 1.0 <= effort.until <= time.thread_time() + 1.0
    effort.go_on()


@pytest.mark.parametrize(("worked", "passed"), [(2.0, 0.0), (0.0, 20.0), (2.0, 20.0)])
def test_either_clock_ends_it(worked: float, passed: float) -> None:
    effort = Effort(2.0, lambda: worked, Effort(20.0, lambda: passed))
    with pytest.raises(TookTooLong):
        effort.go_on()


def test_before_both_are_over_it_goes_on() -> None:
    Effort(2.0, lambda: 1.9, Effort(20.0, lambda: 19.9)).go_on()
