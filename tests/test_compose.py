"""docker-compose.yml without Docker: each role's own command and environment, run as plain processes in a
folder that holds what the image does.

Only addresses differ: the embedded PostgreSQL and broker stand in for the services of these names, and
PostgreSQL asks for passwords as its image does.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml
from psycopg import sql

from indexer.management import parts
from local import broker, postgres, readers
from tests import image
from tests.endtoend.commands import await_that
from tests.plugin import new_state, stop_servers

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
ROLES = ("migrate", "web", "worker", "beat")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[-?])?([^}]*)\}")
SECRETS = {"OWNER_PASSWORD", "READER_PASSWORD", "SECRET_KEY"}
FILLED_IN = {
    "SITE_HOST": "explorer.example",
    "OWNER_PASSWORD": "0" * 64,
    "READER_PASSWORD": "1" * 64,
    "SECRET_KEY": "only for tests",
    "SITE_NAME": "Records of $HOME",
}
LONGEST = 120.0  # seconds until a role must have done what is waited for


def texts(value: Any) -> Iterator[str]:
    """Every text in a part of the file."""
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def variables() -> set[str]:
    """What the file takes from its surroundings."""
    return {found[1] for text in texts(COMPOSE) for found in VARIABLE.finditer(text)}


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
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def here(self, text: str) -> str:
        """A text of the file with the addresses of this machine."""
        for there, here in (
            ("@postgres:5432/chasm", f"@/chasm?host={postgres.address(self.folder)['HOST']}"),
            ("redis://valkey:6379/0", broker.url(self.folder)),
            ("8000", str(self.port)),
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

    def log(self, role: str) -> Path:
        return self.folder / f"{role}.log"

    def said(self, role: str) -> str:
        return self.log(role).read_text(errors="replace")

    def start(self, role: str) -> "subprocess.Popen[bytes]":
        """The role's command."""
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
        self._running.append(process)
        return process

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

    def answer(self, path: str, *, host: str = "localhost") -> int:
        """The status that the web server answers with; 0 where there is no answer."""
        try:
            return self.get(path, host=host).status_code
        except httpx.TransportError:
            return 0

    def end(self) -> None:
        for process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
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
def place_over(folder: Path) -> Iterator[Place]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Place(folder, port=port)
    with postgres.running(folder, durable=False), broker.running(folder):
        try:
            yield found
        finally:
            found.end()


def await_in(place: Place, role: str, is_so: Callable[[], object]) -> None:
    """Wait for something that a role does; fails with what it said."""
    try:
        await_that(is_so, seconds=LONGEST)
    except AssertionError:
        raise AssertionError(place.said(role)) from None


@pytest.fixture(scope="module")
def migrated() -> Iterator[Place]:
    """The servers of this machine, the image, and tables as the role `migrate` made them."""
    folder = new_state()
    with place_over(folder) as place:
        image.build(place.app)
        place.ask_for_passwords()
        assert place.start("migrate").wait(LONGEST) == 0, place.said("migrate")
        yield place
    stop_servers(folder)


@pytest.fixture(scope="module")
def served(migrated: Place) -> Place:
    """The same with the web server."""
    migrated.start("web")
    await_in(migrated, "web", lambda: migrated.answer("/healthz") == 200)
    return migrated


def test_migrate_leaves_a_reader_who_needs_his_password(migrated: Place) -> None:
    with migrated.connect(readers.ROLE, password=FILLED_IN["READER_PASSWORD"]) as connection:
        assert connection.execute("SELECT count(*) FROM indexer_chain").fetchone() == (0,)
    assert not migrated.logs_in(readers.ROLE, password="another")


def test_another_password_of_the_reader_s_counts_from_migrate_on(
    migrated: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for password in ("2" * 64, FILLED_IN["READER_PASSWORD"]):
        monkeypatch.setitem(FILLED_IN, "READER_PASSWORD", password)
        assert migrated.start("migrate").wait(LONGEST) == 0, migrated.said("migrate")
        assert migrated.logs_in(readers.ROLE, password=password)


def test_web_lives_and_is_ready_behind_its_proxy(served: Place) -> None:
    assert served.answer("/readyz") == 200
    assert served.is_healthy("web")
    assert served.answer("/", host="explorer.example") == 200
    assert served.answer("/", host="elsewhere.example") == 400


def test_web_serves_pages_and_the_hashed_files_that_they_name(served: Place) -> None:
    page = served.get("/")
    assert page.status_code == 200
    named = re.findall(r'(?:href|src)="(/static/[^"]+\.[0-9a-f]{12}\.[^"]+)"', page.text)
    assert {Path(path).suffix for path in named} >= {".css", ".js"}
    for path in named:
        assert served.get(path).headers["Cache-Control"].endswith("immutable")


def test_worker_answers_and_does_what_beat_sends(migrated: Place) -> None:
    migrated.start("worker")
    await_in(migrated, "worker", lambda: " ready." in migrated.said("worker"))
    assert migrated.is_healthy("worker")
    migrated.start("beat")
    await_in(migrated, "beat", lambda: "Sending due task follow " in migrated.said("beat"))
    await_in(migrated, "worker", lambda: "Task indexer.tasks.follow_all" in migrated.said("worker"))
    await_in(migrated, "worker", lambda: re.search(r"follow_all\[\S+\] succeeded", migrated.said("worker")))


def test_no_secret_is_in_the_files() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]*\}", value), name
            passwords = re.findall(r"//[^/@]*:([^/@]*)@", VARIABLE.sub(r"$\1", value))
            assert {each for each in passwords if not re.fullmatch(r"\$[A-Z_]+", each)} == set(), name
    for line in (ROOT / ".env.example").read_text().splitlines():
        assert re.fullmatch(r"(#.*|[A-Z_]+=|)", line)
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_what_must_be_filled_in_is_asked_for() -> None:
    needed = {found[1] for text in texts(COMPOSE) for found in VARIABLE.finditer(text) if found[2] == ":?"}
    assert needed == SECRETS | {"SITE_HOST"}


def test_the_example_names_every_variable_and_no_other() -> None:
    named = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(named) == variables()


def test_every_variable_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "configuration.md").read_text()
    given = {name for role in ROLES for name in SERVICES[role]["environment"]}
    assert {name for name in given | variables() if f"`{name}`" not in reference} == set()


def test_the_web_server_knows_the_reader_alone_and_reaches_nothing_outside() -> None:
    web = SERVICES["web"]
    assert "OWNER_PASSWORD" not in "".join(texts(web))
    assert all(COMPOSE["networks"][name] == {"internal": True} for name in web["networks"])


def test_the_broker_is_reached_by_those_alone_who_send_and_do_tasks() -> None:
    (queue,) = SERVICES["valkey"]["networks"]
    among = {name for name, service in SERVICES.items() if queue in service["networks"]}
    assert among == {"valkey", "worker", "beat"}
    assert COMPOSE["networks"][queue] == {"internal": True}


def test_postgresql_is_set_up_as_the_embedded_one_is() -> None:
    program, *words = shlex.split(SERVICES["postgres"]["command"])
    assert (program, set(words[::2])) == ("postgres", {"-c"})
    own = {"listen_addresses", "port", "wal_level", "max_wal_senders"}  # of a server that may be replicated
    expected = {name: value for name, value in postgres.SETTINGS.items() if name not in own}
    assert dict(word.split("=", 1) for word in words[1::2]) == expected


def test_texts_sort_as_in_the_embedded_postgresql(migrated: Place) -> None:
    given = shlex.split(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"])
    named = dict(word.removeprefix("--").split("=", 1) for word in given)
    with migrated.connect(postgres.DATABASE, password=FILLED_IN["OWNER_PASSWORD"]) as connection:
        found = connection.execute(
            """
            SELECT pg_encoding_to_char(encoding), datcollate,
                   CASE datlocprovider WHEN 'b' THEN 'builtin' END, datlocale
            FROM pg_database WHERE datname = current_database()
            """
        )
        assert found.fetchall() == [
            (named["encoding"], named["locale"], named["locale-provider"], named["builtin-locale"])
        ]


def test_the_servers_and_roles_are_reached_through_the_proxy_alone() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    proxied = re.findall(r"reverse_proxy (\S+):(\d+)", CADDYFILE)
    assert proxied == [("web", "8000")]
    assert "--port=8000" in SERVICES["web"]["command"]


def test_the_proxy_drops_what_wsgi_takes_for_its_own_header(served: Place) -> None:
    """A name with an underscore instead of a dash is the same to it, in any place."""
    assert re.search(r"^\s*request_header -\*_\*$", CADDYFILE, re.MULTILINE)
    spoofed = {"Host": "localhost", "X-Forwarded_Proto": "https"}
    assert httpx.get(served.url, headers=spoofed, trust_env=False).status_code == 200


def test_web_is_served_as_on_one_machine() -> None:
    """Without a limit of connections so low that half requests fill it."""
    _, *given = SERVICES["web"]["command"]
    _, _, _, *here = parts.web(0).command
    own = ("--host=", "--port=")
    assert {word for word in given if not word.startswith(own)} == {
        word for word in here if not word.startswith(own)
    }
    assert not any(word.startswith("--backpressure=") for word in given)


def test_connections_to_web_are_given_up_before_web_does() -> None:
    (kept,) = re.findall(r"keepalive (\d+)s", CADDYFILE)
    (idle,) = re.findall(r"--http1-header-read-timeout=(\d+)", " ".join(SERVICES["web"]["command"]))
    assert int(kept) * 1000 < int(idle)


def test_every_role_is_the_same_image_and_may_do_little() -> None:
    for role in ROLES:
        service = SERVICES[role]
        assert (service["image"], service["pull_policy"]) == ("chasm-inference-explorer", "never")
        assert (service["cap_drop"], service["read_only"]) == (["ALL"], True)
    user = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user == ["10001"]


def test_the_image_is_built_once_and_before_all_who_need_it() -> None:
    """Builders that work at once would all export the same name."""
    assert {name: service["build"] for name, service in SERVICES.items() if "build" in service} == {
        "migrate": "."
    }
    for role in set(ROLES) - {"migrate"}:
        assert SERVICES[role]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_workers_can_be_many_and_beat_is_one() -> None:
    assert not any("container_name" in service or "deploy" in service for service in SERVICES.values())
    assert {name: service["scale"] for name, service in SERVICES.items() if "scale" in service} == {
        "worker": "${WORKERS:-1}"
    }


def test_no_log_fills_the_disk() -> None:
    for name, service in SERVICES.items():
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name


def test_a_server_is_healthy_where_it_is_reached_and_not_before() -> None:
    """At first PostgreSQL's image has a server on a socket; Caddy's own port is one of IPv4."""
    assert "--host=127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"]
    assert SERVICES["proxy"]["healthcheck"]["test"][-1].startswith("http://127.0.0.1:")


def test_everybody_may_read_what_is_in_the_image(migrated: Place) -> None:
    """Also where whoever made the checkout kept it to himself."""
    needed = {True: 0o005, False: 0o004}
    kept = [path for path in migrated.app.rglob("*") if ~path.stat().st_mode & needed[path.is_dir()]]
    assert kept == []


def test_only_what_is_copied_is_sent_to_docker() -> None:
    copied = [word for each in image.instructions("COPY") for word in each.rest.split()[:-1]]
    sent = [path.name for path in ROOT.iterdir() if not image.is_ignored(path.relative_to(ROOT))]
    assert sorted(sent) == sorted(copied)
