"""The embedded PostgreSQL: real processes, killed and damaged in every way that a machine offers."""

import os
import signal
import socket
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.servers import postgres, process
from local.servers.errors import NotPermitted, OtherVersion, UnusablePath
from local.servers.locks import Lock, is_held
from local.servers.postgres import cluster_of
from tests.local.using import User

Copy = Callable[[Path], Path]


def connect(state: Path) -> psycopg.Connection[tuple[Any, ...]]:
    address = postgres.address(state)
    return psycopg.connect(
        host=address["HOST"], port=address["PORT"], user=address["USER"], dbname=address["NAME"]
    )


def setting(state: Path, name: str) -> str:
    with connect(state) as connection:
        found = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert found is not None
    return str(found[0])


def pid(state: Path) -> int:
    found = cluster_of(state).pid()
    assert found is not None
    return found


def kill(state: Path) -> None:
    """`kill -9` of the server's first process, which lets its others end by themselves."""
    os.kill(pid(state), signal.SIGKILL)
    while cluster_of(state).pid() is not None:
        time.sleep(0.001)


def is_running(state: Path) -> bool:
    return is_held(cluster_of(state).lock)


def test_what_a_killed_start_left_at_work_is_waited_for(state_directory: Path) -> None:
    """initdb outlives who began it, and goes on writing where the next one would begin."""
    cluster = cluster_of(state_directory)
    (cluster.folder / "data.new").mkdir(parents=True)

    def version() -> str:
        with postgres.running(state_directory, durable=False):
            return setting(state_directory, "server_version")

    with ThreadPoolExecutor(1) as executor:
        with Lock(cluster.lock) as left:
            left.take()
            starting = executor.submit(version)
            assert not wait([starting], timeout=0.3).done
        assert starting.result()


def test_a_server_is_made_started_and_stopped(state_directory: Path) -> None:
    with postgres.running(state_directory):
        with connect(state_directory) as connection:
            assert connection.info.server_version >= 160000
        assert setting(state_directory, "fsync") == "on"
        assert setting(state_directory, "synchronous_commit") == "on"
        assert setting(state_directory, "wal_recycle") == "off"
        assert setting(state_directory, "listen_addresses") == ""
        assert is_running(state_directory)
    assert not is_running(state_directory)


def test_texts_sort_by_code_point_and_keep_every_letter(state: Path) -> None:
    with postgres.running(state, durable=False), connect(state) as connection:
        rows = connection.execute("SELECT t FROM unnest(%s::text[]) t ORDER BY t", [["é", "a", "Z", "漢"]])
        assert [row[0] for row in rows] == ["Z", "a", "é", "漢"]
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_an_address_starts_and_makes_nothing(tmp_path: Path) -> None:
    address = postgres.address(tmp_path / "var")
    assert address["NAME"] == "chasm"
    assert address["HOST"].startswith("/")
    assert list(tmp_path.iterdir()) == []


def test_the_last_one_out_stops_the_server(state: Path) -> None:
    with User(state) as first, User(state) as second:
        assert first.said() == second.said() == "up"
        number = pid(state)
        first.leave()
        assert pid(state) == number
        second.leave()
        assert not is_running(state)


def test_users_that_come_at_once_share_one_new_server(state_directory: Path) -> None:
    users = [User(state_directory) for _ in range(4)]
    assert [user.said() for user in users] == ["up"] * 4
    assert [user.leave() for user in users] == [0] * 4
    assert not is_running(state_directory)


def test_inside_one_process_the_outer_user_keeps_the_server(state: Path) -> None:
    with postgres.running(state, durable=False):
        number = pid(state)
        with postgres.running(state, durable=False):
            assert pid(state) == number
        assert pid(state) == number
    assert not is_running(state)


def test_a_killed_user_leaves_a_server_that_the_next_one_uses_and_stops(state: Path) -> None:
    user = User(state)
    assert user.said() == "up"
    number = pid(state)
    user.kill()
    assert pid(state) == number
    with postgres.running(state, durable=False):
        assert pid(state) == number
    assert not is_running(state)


def test_ctrl_c_does_not_reach_the_server(state: Path) -> None:
    with User(state, options=["--deaf"]) as user:
        assert user.said() == "up"
        number = pid(state)
        user.interrupt()
        with connect(state) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert pid(state) == number
        assert user.leave() == 0


def test_a_user_that_ctrl_c_ends_stops_the_server(state: Path) -> None:
    with User(state) as user:
        assert user.said() == "up"
        user.interrupt()
        user.leave()
    assert not is_running(state)


def test_a_killed_server_keeps_what_was_committed(state: Path) -> None:
    with User(state, options=["--durable"]) as user:
        assert user.said() == "up"
        with connect(state) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        killed = pid(state)
        kill(state)
        with postgres.running(state, durable=False):
            assert pid(state) != killed
            with connect(state) as connection:
                assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)
            assert user.leave() == 0
            assert is_running(state)
    assert not is_running(state)


def test_a_pid_file_that_names_another_process_is_no_obstacle(state: Path) -> None:
    pid_file = cluster_of(state).data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n0\n5432\n\n\n0 0\nready   \n")
    with postgres.running(state, durable=False):
        assert pid(state) != os.getpid()
        assert setting(state, "fsync") == "off"


def test_a_pid_file_that_names_another_state_s_server_is_no_obstacle(
    state: Path, tmp_path: Path, copied_to: Copy
) -> None:
    other = copied_to(tmp_path / "other")
    with postgres.running(other, durable=False):
        theirs = pid(other)
        (cluster_of(state).data / "postmaster.pid").write_text(f"{theirs}\n\n\n\n\n\n\nready   \n")
        with postgres.running(state, durable=False):
            assert pid(state) != theirs
        assert pid(other) == theirs
        assert setting(other, "fsync") == "off"


def test_a_socket_without_a_server_is_no_obstacle(state: Path) -> None:
    run = cluster_of(state).run
    run.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(run / postgres.SOCKET))
    (run / f"{postgres.SOCKET}.lock").write_text(f"{os.getpid()}\n")
    with postgres.running(state, durable=False):
        assert setting(state, "fsync") == "off"


def test_a_server_that_lost_its_socket_is_started_again(state: Path) -> None:
    with User(state) as user:
        assert user.said() == "up"
        number = pid(state)
        (cluster_of(state).run / postgres.SOCKET).unlink()
        with postgres.running(state, durable=False):
            assert pid(state) != number
            assert setting(state, "fsync") == "off"


def test_half_a_data_directory_is_made_anew(state_directory: Path) -> None:
    half = state_directory / "postgres" / "data.new"
    half.mkdir(parents=True, mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    with postgres.running(state_directory, durable=False):
        assert setting(state_directory, "fsync") == "off"
    assert not half.exists()


@pytest.mark.parametrize(
    "name", ["with spaces and 'quotes\"", "comma,colon:semi;", "ünïcode", "long" * 50, "a$b%20#?"]
)
def test_the_state_s_path_may_be_any(name: str, tmp_path: Path, copied_to: Copy) -> None:
    state = copied_to(tmp_path / name)
    with postgres.running(state, durable=False):
        assert setting(state, "fsync") == "off"
        host = Path(postgres.address(state)["HOST"])
        assert len(str(host / postgres.SOCKET)) < 104
    if host.parent.parent == Path("/tmp"):
        assert not host.parent.exists()


def test_a_short_socket_folder_that_somebody_else_made_is_refused(tmp_path: Path, copied_to: Copy) -> None:
    state = copied_to(tmp_path / ("long" * 50))
    parent = Path(postgres.address(state)["HOST"]).parent
    parent.mkdir()
    parent.chmod(0o777)
    try:
        with pytest.raises(NotPermitted, match="shorter"), postgres.running(state, durable=False):
            pass
    finally:
        parent.rmdir()


def test_a_relative_path_means_the_same_from_everywhere(
    tmp_path: Path, copied_to: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_to(tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    with User(tmp_path / "var") as user:
        assert user.said() == "up"
        number = pid(tmp_path / "var")
        with postgres.running(Path("var"), durable=False):
            assert pid(Path("var")) == number
        assert postgres.address(Path("var")) == postgres.address(tmp_path / "var")


def test_a_control_character_in_the_path_is_refused() -> None:
    with pytest.raises(UnusablePath, match="rename"), postgres.running(Path("/tmp/a\nb")):
        pass


def test_states_run_side_by_side(state: Path, tmp_path: Path, copied_to: Copy) -> None:
    other = copied_to(tmp_path / "other")
    with postgres.running(state, durable=False), postgres.running(other, durable=False):
        with connect(state) as connection:
            connection.execute("CREATE TABLE mine ()")
        with connect(other) as connection:
            assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)


def test_another_version_s_data_is_left_alone(state: Path) -> None:
    version = cluster_of(state).data / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(OtherVersion, match=r"made by PostgreSQL 15.*STATE="), postgres.running(state):
        pass
    assert version.read_text() == "15\n"


def test_a_file_where_the_folder_should_be_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("")
    with pytest.raises(NotPermitted, match="STATE="), postgres.running(tmp_path):
        pass


def test_damaged_data_is_told_with_the_server_s_own_words(state: Path) -> None:
    (cluster_of(state).data / "global" / "pg_control").unlink()
    with User(state) as user:
        said = user.said()
    assert said.startswith("DidNotStart")
    assert "pg_control" in said
    assert "server.log" in said
    assert not is_running(state)


def test_nobody_else_can_reach_data_or_socket(state: Path) -> None:
    with postgres.running(state, durable=False):
        cluster = cluster_of(state)
        for folder in (cluster.folder, cluster.data, cluster.run):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_large_log_is_set_aside(state: Path) -> None:
    log = cluster_of(state).folder / "server.log"
    with log.open("r+") as file:
        file.truncate(process.LARGEST_LOG + 1)
    with postgres.running(state, durable=False):
        pass
    assert log.stat().st_size < 100_000
    assert log.with_name("server.log.1").stat().st_size > process.LARGEST_LOG


def test_a_moved_state_is_the_same_state(tmp_path: Path, copied_to: Copy) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    copied_to(before)
    with postgres.running(before, durable=False), connect(before) as connection:
        connection.execute("CREATE TABLE moved ()")
    before.rename(after)
    with postgres.running(after, durable=False), connect(after) as connection:
        assert connection.execute("SELECT to_regclass('moved')").fetchone() == ("moved",)
