"""The roles of docker-compose.yml over servers of this machine: their own commands and environments, as plain
processes in a folder that holds what the image does.

Only addresses differ: the embedded PostgreSQL and broker stand in for the services of these names, and
PostgreSQL asks for passwords as its image does.
"""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml
from psycopg import sql

from local.servers import broker, postgres, programs
from local.servers.account import Account
from tests import image
from tests.endtoend.commands import await_that
from tests.endtoend.forking import IMPORTED
from tests.image import ROOT
from tests.plugin import new_state, stop_servers

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[-?])?([^}]*)\}")
FILLED_IN = {
    "SITE_HOST": "explorer.example",
    "OWNER_PASSWORD": "0" * 64,
    "WORKER_PASSWORD": "4" * 64,
    "READER_PASSWORD": "1" * 64,
    "DESK_PASSWORD": "3" * 64,
    "SECRET_KEY": "only for tests",
    "SITE_NAME": "Records of $HOME",
}
LONGEST = 120.0  # seconds until a role must have done what is waited for


def interpolated(text: str) -> str:
    """The text as Docker fills it in."""

    def value(found: re.Match[str]) -> str:
        default = found[3] if found[2] == ":-" else ""
        return FILLED_IN.get(found[1]) or default

    return VARIABLE.sub(value, text).replace("$$", "$")


class Place:
    """A state whose servers run, and roles of the image over it."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        self.app = folder / "app"
        self.port = port
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def here(self, text: str) -> str:
        """A text of the file with the addresses of this machine."""
        for there, here in (
            ("@postgres:5432/chasm", f"@/chasm?host={postgres.address(self.folder)['HOST']}"),
            ("redis://valkey:6379/0", broker.url(self.folder)),
            ("8000", str(self.port)),
            ("/app/evidence", str(self.app / "evidence")),
            ("/tmp/beat", str(self.folder / "beat")),
        ):
            text = text.replace(there, here)
        return text

    def environment(self, role: str) -> dict[str, str]:
        """What the role's process has."""
        given = SERVICES[role]["environment"]
        return image.environment(self.app) | {
            name: self.here(interpolated(value)) for name, value in given.items()
        }

    def connect(self, user: str, *, password: str) -> psycopg.Connection[tuple[Any, ...]]:
        """Log in to PostgreSQL."""
        at = postgres.address(self.folder)
        return psycopg.connect(
            host=at["HOST"],
            port=at["PORT"],
            user=user,
            password=password,
            dbname=at["NAME"],
            autocommit=True,
        )

    def logs_in(self, user: str, *, password: str) -> bool:
        """Whether PostgreSQL takes this password."""
        try:
            self.connect(user, password=password).close()
        except psycopg.OperationalError:
            return False
        return True

    def ask_for_passwords(self) -> None:
        """Have the owner and the way in that the image of PostgreSQL makes."""
        user, password = (
            interpolated(SERVICES["postgres"]["environment"][name])
            for name in ("POSTGRES_USER", "POSTGRES_PASSWORD")
        )
        with self.connect(user, password="") as connection:
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), password))
            data = postgres.cluster_of(self.folder).data
            (data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        await_that(lambda: not self.logs_in(user, password="another"))

    def applied(self) -> int:
        """How many migrations its tables have had."""
        with self.connect(postgres.DATABASE, password=FILLED_IN["OWNER_PASSWORD"]) as connection:
            return len(connection.execute("SELECT FROM django_migrations").fetchall())

    def run_in_postgresql(self, command: str, **files: Any) -> None:
        """What is written to be run in the container of PostgreSQL."""
        program, *options = shlex.split(command)
        at = {"PGHOST": postgres.address(self.folder)["HOST"], "PGPASSWORD": FILLED_IN["OWNER_PASSWORD"]}
        folder = programs.postgres(account=Account.own()).folder
        subprocess.run([folder / program, *options], env=os.environ | at, check=True, **files)

    def log(self, role: str) -> Path:
        return self.folder / f"{role}.log"

    def said(self, role: str) -> str:
        return self.log(role).read_text(errors="replace")

    def start(self, role: str) -> "subprocess.Popen[bytes]":
        """The role's command. What was started of the role before has ended by then, as with Docker."""
        if role in self._running:
            _end([self._running.pop(role)])
        command = [self.here(interpolated(word)) for word in SERVICES[role]["command"]]
        with self.log(role).open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.app,
                env=self.environment(role),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running[role] = process
        return process

    def process(self, role: str) -> "subprocess.Popen[bytes]":
        """What runs as a role."""
        return self._running[role]

    def is_healthy(self, role: str) -> bool:
        """What the role's health check says."""
        kind, *words = [self.here(interpolated(word)) for word in SERVICES[role]["healthcheck"]["test"]]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        done = subprocess.run(
            command, cwd=self.app, env=self.environment(role), capture_output=True, check=False
        )
        return done.returncode == 0

    def get(self, path: str, *, host: str = "localhost") -> httpx.Response:
        """What the web server answers to its proxy."""
        headers = {"Host": host, "X-Forwarded-Proto": "https"}
        return httpx.get(f"{self.url}{path}", headers=headers, trust_env=False, timeout=LONGEST)

    def report(self, text: str, *, page: str) -> str:
        """Open the form of a report, fill it in and send it; gives the page that follows."""
        headers = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=LONGEST) as visitor:
            form = visitor.get("/my/report", params={"page": page})
            given = dict(re.findall(r'name="(csrfmiddlewaretoken|token)" value="([^"]+)"', form.text))
            cookie = f"csrftoken={form.cookies['csrftoken']}"  # one for HTTPS alone, which the proxy ends
            sent = visitor.post(
                "/my/report",
                data=given | {"page": page, "text": text, "contact": ""},
                headers={"Cookie": cookie, "Referer": "https://localhost/my/report"},
            )
            assert sent.status_code == 302, sent.text
            return visitor.get(sent.headers["Location"]).text

    def run_in(self, role: str, command: Sequence[str]) -> str:
        """What a command prints that is run as a role."""
        done = subprocess.run(
            command, cwd=self.app, env=self.environment(role), capture_output=True, text=True, check=True
        )
        return done.stdout

    def manage_in(self, role: str, commands: Sequence[Sequence[str]]) -> None:
        """Run commands of manage.py as a role, each in a process of its own, of which none imports again what
        is not ours.
        """
        self.run_in(role, ["python", "-c", _EACH_FORKED, json.dumps([IMPORTED, commands])])

    def answer(self, path: str, *, host: str = "localhost") -> int:
        """The status that the web server answers with; 0 where there is no answer."""
        try:
            return self.get(path, host=host).status_code
        except httpx.TransportError:
            return 0

    def end(self) -> None:
        _end(list(reversed(self._running.values())))


_EACH_FORKED = """
import importlib, json, os, runpy, sys
imported, commands = json.loads(sys.argv[1])
for name in imported:
    importlib.import_module(name)
for command in commands:
    pid = os.fork()
    if pid == 0:
        sys.argv = ["manage.py", *command]
        runpy.run_path("manage.py", run_name="__main__")
        sys.exit()
    if status := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        sys.exit(f"{command} ends with {status}")
"""


def _end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(LONGEST)
        finally:
            kill_group(process.pid)


def kill_group(pid: int) -> None:
    """Kill what is left of a role."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def new_place() -> Iterator[Place]:
    """Servers without tables; the roles that were started over them end before."""
    folder = new_state()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = Place(folder, port=port)
    with postgres.running(folder, durable=False), broker.running(folder):
        try:
            place.ask_for_passwords()
            yield place
        finally:
            place.end()
    stop_servers(folder)
