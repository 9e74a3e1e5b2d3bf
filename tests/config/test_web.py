"""The process of the web server: what config/wsgi.py makes of the settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from local.servers import desk, postgres, readers
from tests.plugin import FOLDER

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import json
from config.wsgi import application
from django.conf import settings
from django.db import connection
from django.test import Client

visitor = Client(SERVER_NAME="localhost")
said = {"ready": [visitor.get("/readyz").status_code, visitor.get("/readyz").json()],
        "lives": visitor.get("/healthz").status_code}
try:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        said["user"] = cursor.fetchone()[0]
        for question in ("transaction_read_only", "transaction_isolation", "statement_timeout"):
            cursor.execute(f"SHOW {question}")
            said[question] = cursor.fetchone()[0]
except Exception as error:
    said["error"] = type(error).__name__
print(json.dumps(said))
"""


def web(state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the probe as a web server's process over a state, with warnings as errors."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    (state / "static").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE],
        cwd=ROOT,
        env=inherited | {"STATE": str(state)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def run_s_folder(postgres_server: None) -> Path:
    """The state whose server the tests of this run use; its database has no table."""
    folder = Path(os.environ[FOLDER])
    at = postgres.address(folder)
    with psycopg.connect(host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=at["NAME"]) as connection:
        readers.grant(connection)
    return folder


def test_it_comes_to_the_embedded_database_as_the_reader(run_s_folder: Path) -> None:
    done = web(run_s_folder)
    said = json.loads(done.stdout or done.stderr)
    assert said["user"] == "chasm_reader"
    assert said["transaction_read_only"] == "on"
    assert said["transaction_isolation"] == "repeatable read"
    assert said["statement_timeout"] == "2s"


def test_it_is_not_ready_where_there_are_no_tables(run_s_folder: Path) -> None:
    status, said = json.loads(web(run_s_folder).stdout)["ready"]
    assert status == 503
    assert said["reasons"][0].startswith("migrations: not applied yet: indexer.0001_facts")


def test_it_lives_and_says_so_where_there_is_no_database(tmp_path: Path) -> None:
    said = json.loads(web(tmp_path).stdout)
    assert said["ready"] == [503, {"ready": False, "reasons": ["database: it does not answer"]}]
    assert said["lives"] == 200
    assert said["error"] == "OperationalError"


def test_with_a_database_of_one_s_own_it_needs_a_reader_s_name(tmp_path: Path) -> None:
    done = web(tmp_path, DATABASE_URL="postgres://owner@localhost/chasm")
    assert done.returncode == 1
    assert "READER_DATABASE_URL is not" in done.stderr


def test_with_a_database_of_one_s_own_it_needs_a_name_for_the_desk(tmp_path: Path) -> None:
    done = web(tmp_path, READER_DATABASE_URL="postgres://reader@localhost/chasm")
    assert done.returncode == 1
    assert "DESK_DATABASE_URL is not set" in done.stderr
    assert "manage.py readers" in done.stderr


def test_an_owner_s_command_needs_the_owner_s_name(tmp_path: Path) -> None:
    environment = os.environ | {"STATE": str(tmp_path), "READER_DATABASE_URL": "postgres://reader@db/chasm"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "this command needs the owner's" in done.stderr


def test_with_a_reader_s_name_it_takes_that(run_s_folder: Path) -> None:
    at = postgres.address(run_s_folder)
    done = web(
        run_s_folder,
        DATABASE_URL="postgres://owner:secret@db.example/chasm",
        READER_DATABASE_URL=f"postgres://{readers.ROLE}@/{at['NAME']}?host={at['HOST']}",
        DESK_DATABASE_URL=f"postgres://{desk.ROLE}@/{at['NAME']}?host={at['HOST']}",
    )
    assert json.loads(done.stdout)["user"] == "chasm_reader"


def test_deployment_checks_find_nothing_behind_a_proxy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        cwd=ROOT,
        env=os.environ
        | {"STATE": str(tmp_path), "HTTPS": "1", "SECRET_KEY": "k" * 25 + "abcdefghijklmnopqrstuvwxyz"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_static_files_are_collected_with_their_hash_and_compressed(tmp_path: Path) -> None:
    environment = os.environ | {"STATE": str(tmp_path)}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input"]
    subprocess.run(collect, cwd=ROOT, env=environment, capture_output=True, check=True)
    names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    sheet = names["look.css"]
    assert sheet != "look.css"
    assert (tmp_path / "static" / f"{sheet}.gz").exists()
    served = (
        "from config.wsgi import application; from django.test import Client; "
        f"answer = Client(SERVER_NAME='localhost').get('/static/{sheet}', HTTP_ACCEPT_ENCODING='gzip'); "
        "print(answer.status_code, answer['Cache-Control'], answer['Content-Encoding'])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", served],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split(" ", 1)[0] == "200", done.stderr
    assert "immutable" in done.stdout
    assert "gzip" in done.stdout
