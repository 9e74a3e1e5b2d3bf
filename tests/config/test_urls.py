"""Routes that belong to no page."""

from django.test import Client


def test_a_living_process_says_ok() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
