"""docker-compose.yml and the Dockerfile without Docker: what stands in them, and the roles as they start."""

import os
import re
import shlex
import signal
import socket
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from indexer.management import installation
from local.servers import desk, postgres, readers
from tests import image
from tests.composed import COMPOSE, FILLED_IN, LONGEST, SERVICES, VARIABLE, Place, new_place
from tests.endtoend.commands import await_that
from tests.image import ROOT
from tests.indexer.serving import recorded, serving
from tests.mail_server import mail_server

pytestmark = pytest.mark.slow

REFERENCE = (ROOT / "docs" / "configuration.md").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
ROLES = ("migrate", "web", "worker", "beat")
SECRETS = {"OWNER_PASSWORD", "WORKER_PASSWORD", "READER_PASSWORD", "DESK_PASSWORD", "SECRET_KEY"}


def texts(value: Any) -> Iterator[str]:
    """Every text in a service of the file."""
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


def workers_of(pid: int) -> list[int]:
    """The processes that a web server has begun, and that live."""
    begun = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    states = {each: Path(f"/proc/{each}/stat").read_text().rpartition(") ")[2][0] for each in begun}
    return [int(each) for each, state in states.items() if state != "Z"]


def await_in(place: Place, role: str, is_so: Callable[[], object]) -> None:
    """Wait for something that a role does; fails with what it said."""
    try:
        await_that(is_so, seconds=LONGEST)
    except AssertionError:
        raise AssertionError(place.said(role)) from None


@pytest.fixture(scope="module")
def migrated() -> Iterator[Place]:
    """A place with the image, and tables as the role `migrate` made them."""
    with new_place() as place:
        image.build(place.app)
        assert place.start("migrate").wait(LONGEST) == 0, place.said("migrate")
        yield place


@pytest.fixture(scope="module")
def served(migrated: Place) -> Place:
    """The same with the web server."""
    migrated.start("web")
    await_in(migrated, "web", lambda: migrated.answer("/healthz") == 200)
    return migrated


def test_migrate_leaves_a_reader_who_needs_his_password(migrated: Place) -> None:
    with migrated.connect(readers.ROLE, password=FILLED_IN["READER_PASSWORD"]) as connection:
        connection.execute("SELECT FROM indexer_chain")
    assert not migrated.logs_in(readers.ROLE, password="another")


def test_another_password_of_the_reader_s_counts_from_migrate_on(
    migrated: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for password in ("2" * 64, FILLED_IN["READER_PASSWORD"]):
        monkeypatch.setitem(FILLED_IN, "READER_PASSWORD", password)
        assert migrated.start("migrate").wait(LONGEST) == 0, migrated.said("migrate")
        assert migrated.logs_in(readers.ROLE, password=password)


def test_migrate_leaves_a_writer_of_the_desk_who_needs_his_password(migrated: Place) -> None:
    with migrated.connect(desk.ROLE, password=FILLED_IN["DESK_PASSWORD"]) as connection:
        connection.execute("SELECT number FROM challenges_report")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM public.indexer_chain")
    for password in ("another", FILLED_IN["READER_PASSWORD"], FILLED_IN["OWNER_PASSWORD"]):
        assert not migrated.logs_in(desk.ROLE, password=password)


def test_workers_are_no_superuser_of_postgresql_and_beat_knows_no_database(migrated: Place) -> None:
    with migrated.connect("chasm_worker", password=FILLED_IN["WORKER_PASSWORD"]) as connection:
        (is_superuser,) = connection.execute("SELECT usesuper FROM pg_user WHERE usename = 'chasm_worker'")
        assert is_superuser == (False,)
    assert not migrated.logs_in("chasm_worker", password="another")
    assert "//chasm_worker:" in SERVICES["worker"]["environment"]["DATABASE_URL"]
    assert not {name for name in SERVICES["beat"]["environment"] if name.endswith("DATABASE_URL")}
    assert SERVICES["beat"]["networks"] == ["queue"]


def test_a_worker_s_user_does_all_of_the_indexer_s_work(migrated: Place) -> None:
    with serving(recorded("one-validator")) as url:
        sync = ["python", "manage.py", "sync", f"--node={url}"]
        assert '"records"' in migrated.run_in("worker", sync)
    commands = [["fsck"], ["status"], ["reindex"], ["derive"], ["follow", "--network=mainnet"]]
    for mode in ("hide", "erase"):
        key = ["--content", "ab" * 32, "--mode", mode, "--reason", "a test", "--by", "a test"]
        commands.append(["suppress", *key])
    migrated.manage_in("worker", commands)


def test_a_backup_is_restored_as_documented(migrated: Place, tmp_path: Path) -> None:
    inside = r"^    docker compose exec -T postgres "
    (dump,) = re.findall(rf"{inside}(pg_dump .*) > chasm\.dump$", REFERENCE, re.MULTILINE)
    (restore,) = re.findall(rf"{inside}(pg_restore .*) < chasm\.dump$", REFERENCE, re.MULTILINE)
    with (tmp_path / "chasm.dump").open("w+b") as file, new_place() as place:
        migrated.run_in_postgresql(dump, stdout=file)
        file.seek(0)
        place.app = migrated.app
        place.run_in_postgresql(restore, stdin=file)
        assert place.applied() == migrated.applied()
        assert place.start("migrate").wait(LONGEST) == 0, place.said("migrate")
        assert place.logs_in(readers.ROLE, password=FILLED_IN["READER_PASSWORD"])
        assert place.logs_in(desk.ROLE, password=FILLED_IN["DESK_PASSWORD"])


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


def test_a_report_goes_from_the_web_to_a_worker_that_mails_it(
    served: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web knows no broker, and of the mail server only that it is there: else it takes no challenges. Its
    files are read-only but for its own.
    """
    with mail_server() as server:
        for name, value in {
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(server.port),
            "REPORTS_TO": "operator@explorer.example",
        }.items():
            monkeypatch.setitem(FILLED_IN, name, value)
        unknown = {"CELERY_BROKER_URL", "EMAIL_PORT", "DATABASE_URL"}
        assert unknown.isdisjoint(served.environment("web"))
        assert "Your reference is <strong>report 1</strong>" in served.report("It is wrong.", page="/checks")
        served.start("worker")
        served.start("beat")
        await_in(served, "worker", lambda: server.received)
    (message,) = server.received
    assert "Subject: Records of $HOME: report 1" in message
    assert "To: operator@explorer.example" in message
    assert "It is wrong." not in message
    listed = served.run_in("worker", ["python", "manage.py", "reports", "--json"])
    assert '"text": "It is wrong."' in listed
    assert '"page": "/checks"' in listed
    assert "mail_report" not in served.run_in("worker", ["python", "manage.py", "reports"])


def test_worker_answers_and_does_what_beat_sends(migrated: Place) -> None:
    migrated.start("worker")
    await_in(migrated, "worker", lambda: " ready." in migrated.said("worker"))
    assert migrated.is_healthy("worker")
    migrated.start("beat")
    await_in(migrated, "beat", lambda: "Sending due task outbox " in migrated.said("beat"))
    await_in(migrated, "worker", lambda: "tasks.run_outbox" in migrated.said("worker"))
    await_in(migrated, "worker", lambda: re.search(r"run_outbox\[\S+\] succeeded", migrated.said("worker")))


def test_no_secret_is_in_the_files() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:(\?[^}]*|-)\}", value), name
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
    given = {name for role in ROLES for name in SERVICES[role]["environment"]}
    assert {name for name in given | variables() if f"`{name}`" not in REFERENCE} == set()


def test_the_web_server_knows_its_two_users_alone_and_reaches_nothing_outside() -> None:
    web = SERVICES["web"]
    assert "OWNER_PASSWORD" not in "".join(texts(web))
    for role in ("worker", "beat"):
        given = {found[1] for text in texts(SERVICES[role]) for found in VARIABLE.finditer(text)}
        assert given.isdisjoint({"OWNER_PASSWORD", "READER_PASSWORD", "DESK_PASSWORD"})
    assert all(COMPOSE["networks"][name] == {"internal": True} for name in web["networks"])


def test_files_have_a_volume_of_their_own_which_web_server_and_workers_share(migrated: Place) -> None:
    """It is mounted over a folder of the image that belongs to whom the roles run as, and to nobody else."""
    assert "evidence" in COMPOSE["volumes"]
    mounted = f"evidence:{image.environment(Path('/app'))['FILES']}"
    assert {name: SERVICES[name]["volumes"] for name in ROLES if "volumes" in SERVICES[name]} == {
        "web": [mounted],
        "worker": [mounted],
    }
    assert (migrated.app / "evidence").is_dir()
    (run,) = (each.rest for each in image.instructions("RUN") if "mkdir --mode=700 evidence" in each.rest)
    assert run.index("useradd") < run.index("chown chasm evidence")


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
    _, _, _, *here = installation.web(0).command
    own = ("--host=", "--port=")
    assert {word for word in given if not word.startswith(own)} == {
        word for word in here if not word.startswith(own)
    }
    assert not any(word.startswith("--backpressure=") for word in given)


def test_a_connection_that_only_says_it_speaks_http2_is_given_up(served: Place) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=LONGEST) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        while connection.recv(1024):
            pass


def test_a_worker_of_web_that_dies_is_replaced_by_another(served: Place) -> None:
    web = served.process("web")
    before = workers_of(web.pid)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    await_in(served, "web", lambda: len(set(workers_of(web.pid)) - set(before)) == 1)
    await_in(served, "web", lambda: served.answer("/healthz") == 200)
    assert web.poll() is None


def test_the_proxy_waits_for_nobody_who_sends_or_reads_slowly() -> None:
    (limits,) = re.findall(r"timeouts \{(.*?)\}", CADDYFILE, re.DOTALL)
    assert dict(re.findall(r"(\w+) (\w+)", limits)).keys() == {"read_header", "read_body", "write", "idle"}


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
    """Also where whoever made the checkout kept it to himself; but for the folder of what people send."""
    needed = {True: 0o005, False: 0o004}
    kept = [path for path in migrated.app.rglob("*") if ~path.stat().st_mode & needed[path.is_dir()]]
    assert kept == [migrated.app / "evidence"]


def test_the_image_has_the_python_that_tests_run_on() -> None:
    """The oldest that will do: what runs there runs on later ones."""
    (base,) = (each.rest for each in image.instructions("FROM"))
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert base == f"python:{needed.removeprefix('>=').split(',')[0]}-slim"


def test_only_what_is_copied_is_sent_to_docker() -> None:
    copied = [word for each in image.instructions("COPY") for word in each.rest.split()[:-1]]
    sent = [path.name for path in ROOT.iterdir() if not image.is_ignored(path.relative_to(ROOT))]
    assert sorted(sent) == sorted(copied)
