"""The benches of checks, of large prompts and of comparisons at once: what they make of figures."""

import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bench import checks, comparing, prompts
from bench.pages import Asked
from bench.report import Report
from bench.usage import Cpu
from indexer.words import tokens


def test_the_share_of_checks_is_of_the_time_of_both_without_the_node_s() -> None:
    assert checks.share(Cpu(30, 10, 0), Cpu(100, 20, 500)) == pytest.approx(0.25)


def test_a_prompt_is_told_by_how_many_answers_it_has_and_how_many_times_that_takes() -> None:
    said = io.StringIO()
    report = Report(said)
    taken = {10: {"prompt": Asked(1, [20.0], {200: 1})}, 10_000: {"prompt": Asked(1, [25.0], {200: 1})}}
    prompts.tell(report, taken)
    (figure,) = map(json.loads, report.lines().splitlines())
    assert figure == {"figure": "ratio", "of": [10, 10_000], "p95": {"prompt": 1.25}}
    assert "10,000 answers" in said.getvalue()


def test_texts_of_so_many_tokens_have_no_word_in_common() -> None:
    of_api, _ = comparing.kinds(20_000)
    a, b = (json.loads(of_api.body)[side]["text"] for side in "ab")
    assert not set(a.split()) & set(b.split())
    assert [len(tokens.cut(each)) for each in (a, b)] == [19_999] * 2


class _Site(BaseHTTPRequestHandler):
    """Compares for the API, and has no place for the page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path.startswith("/api") else 503)
        if not self.path.startswith("/api"):
            self.send_header("Retry-After", "5")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_answers_are_counted_by_status_and_by_whether_they_say_when_to_come_again(site: str) -> None:
    report = Report(io.StringIO())
    comparing.measured(report, site, at_once=3, tokens=20)
    figures = [json.loads(line) for line in report.lines().splitlines()]
    assert [(each["kind"], each["at_once"], each["statuses"], each["told_when"]) for each in figures] == [
        ("API", 1, {"200": 1}, 0),
        ("API", 3, {"200": 3}, 0),
        ("page", 1, {"503": 1}, 1),
        ("page", 3, {"503": 3}, 3),
    ]
