"""The embedded broker: shared, killed, and used as Celery uses it."""

import os
import signal
import socket
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from local.servers import broker
from local.servers.broker import broker_of
from local.servers.errors import DidNotStart, NotPermitted
from local.servers.locks import is_held
from tests.local.using import User
from tests.plugin import stop_servers


def put(state: Path, message: dict[str, Any]) -> None:
    with Connection(broker.url(state)) as connection, connection.SimpleQueue("tests") as queue:
        queue.put(message)


def get(state: Path) -> Any:
    with Connection(broker.url(state)) as connection, connection.SimpleQueue("tests") as queue:
        message = queue.get(timeout=10)
        message.ack()
        return message.payload


def pid(state: Path) -> int:
    found = broker_of(state).pid()
    assert found is not None
    return found


def is_running(state: Path) -> bool:
    return is_held(broker_of(state).lock)


def test_messages_outlive_a_restart(state_directory: Path) -> None:
    with broker.running(state_directory):
        put(state_directory, {"task": 1})
    assert not is_running(state_directory)
    with broker.running(state_directory):
        assert get(state_directory) == {"task": 1}


def test_a_killed_broker_is_started_again(state_directory: Path) -> None:
    with broker.running(state_directory):
        killed = pid(state_directory)
        os.kill(killed, signal.SIGKILL)
        while broker_of(state_directory).pid() is not None:
            time.sleep(0.001)
        with broker.running(state_directory):
            assert pid(state_directory) != killed
            put(state_directory, {"task": 2})
    assert not is_running(state_directory)


def test_the_last_one_out_stops_the_broker(state_directory: Path) -> None:
    with User(state_directory, server="broker") as first, User(state_directory, server="broker") as second:
        assert first.said() == second.said() == "up"
        number = pid(state_directory)
        first.leave()
        assert pid(state_directory) == number
    assert not is_running(state_directory)


def test_a_killed_user_leaves_a_broker_that_the_next_one_uses_and_stops(state_directory: Path) -> None:
    user = User(state_directory, server="broker")
    assert user.said() == "up"
    number = pid(state_directory)
    user.kill()
    with broker.running(state_directory):
        assert pid(state_directory) == number
    assert not is_running(state_directory)


def test_ctrl_c_does_not_reach_the_broker(state_directory: Path) -> None:
    with User(state_directory, server="broker", options=["--deaf"]) as user:
        assert user.said() == "up"
        user.interrupt()
        put(state_directory, {"task": 3})
        assert get(state_directory) == {"task": 3}


@pytest.mark.parametrize("name", ["with space", "comma,#%20?", "long" * 50])
def test_the_state_s_path_may_be_any(name: str, tmp_path: Path) -> None:
    state = tmp_path / name
    with broker.running(state):
        put(state, {"task": 4})
        assert get(state) == {"task": 4}
    assert not is_running(state)


def test_what_a_killed_broker_left_is_no_obstacle(state_directory: Path) -> None:
    own = broker_of(state_directory)
    own.run.mkdir(parents=True)
    own.pid_file.write_text(f"{os.getpid()}\n")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(own.socket))
    with broker.running(state_directory):
        assert pid(state_directory) != os.getpid()


def test_nobody_else_can_reach_folder_or_socket(state_directory: Path) -> None:
    with broker.running(state_directory):
        assert stat.S_IMODE(broker_of(state_directory).folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(broker_of(state_directory).socket.stat().st_mode) == 0o700


def test_nothing_listens_on_the_network(state_directory: Path) -> None:
    with broker.running(state_directory), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(broker_of(state_directory).socket))
        connection.sendall(b"CONFIG GET port\r\n")
        assert connection.recv(4096) == b"*2\r\n$4\r\nport\r\n$1\r\n0\r\n"


def test_a_damaged_log_is_told_with_the_broker_s_own_words(state_directory: Path) -> None:
    log = broker_of(state_directory).folder / "data" / "appendonlydir"
    log.mkdir(parents=True)
    (log / "appendonly.aof.manifest").write_text("file nonsense\n")
    with pytest.raises(DidNotStart, match=r"server\.log"), broker.running(state_directory):
        pass


def test_a_file_where_the_folder_should_be_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "broker").write_text("")
    with pytest.raises(NotPermitted, match="STATE="), broker.running(tmp_path):
        pass


def test_two_brokers_run_side_by_side(state_directory: Path, tmp_path: Path) -> None:
    with broker.running(state_directory), broker.running(tmp_path):
        put(state_directory, {"of": "one"})
        put(tmp_path, {"of": "two"})
        assert get(tmp_path) == {"of": "two"}
    stop_servers(tmp_path)
