"""The tests' own PostgreSQL leaves nothing behind."""

from pathlib import Path

import pytest
from django.db import connection

from local.servers.locks import Lock, is_held
from local.servers.postgres import cluster_of
from tests.local.using import User
from tests.plugin import PREFIX, STATES, in_turn, sweep


@pytest.mark.django_db
def test_each_worker_has_a_database_of_its_own_in_the_run_s_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('fsync')")
        assert cursor.fetchone() == (connection.settings_dict["NAME"], "off")
    assert connection.settings_dict["NAME"].startswith("test_chasm")


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}killed"
    state = left / STATES / "one"
    state.mkdir(parents=True)
    with User(state) as user:
        assert user.said() == "up"
        user.kill()
    assert is_held(cluster_of(state).lock)
    sweep(tmp_path)
    assert not left.exists()


def test_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    going_on = tmp_path / f"{PREFIX}going-on"
    going_on.mkdir()
    with Lock(going_on / "run.lock") as lock:
        lock.take(shared=True)
        sweep(tmp_path)
        assert going_on.exists()


def test_workers_wait_for_each_other_until_one_has_compiled_what_all_import(tmp_path: Path) -> None:
    compiled, lock = tmp_path / "byte-code" / "compiled", tmp_path / "lock"
    with in_turn(compiled=compiled, lock=lock):
        assert is_held(lock)
        assert not compiled.exists()
    assert compiled.exists()
    with in_turn(compiled=compiled, lock=lock):
        assert not is_held(lock)


def test_a_worker_that_fails_to_compile_leaves_the_turn_to_the_next(tmp_path: Path) -> None:
    compiled, lock = tmp_path / "compiled", tmp_path / "lock"
    with pytest.raises(ValueError, match="no"), in_turn(compiled=compiled, lock=lock):
        raise ValueError("no")
    assert not compiled.exists()
    assert not is_held(lock)
