"""What every page knows."""

import logging

import pytest
from django.db import DatabaseError, connection
from django.template import engines
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from explorer.pages.frame import context
from explorer.queries.chain.chains import ChainView


def frame(template: str, **headers: str) -> str:
    request = RequestFactory().get("/", headers=headers)
    return engines["django"].from_string(template).render({}, request)


def test_the_operators_words_are_on_every_page(settings: Settings) -> None:
    settings.SITE_NAME, settings.OPERATOR = "A <name>", "Somebody"
    assert frame("{{ site.name }}, {{ site.operator }}") == "A &lt;name&gt;, Somebody"


@pytest.mark.parametrize(
    ("cookie", "theme"), [("theme=dark", "dark"), ("theme=light", "light"), ('theme="><x', ""), ("", "")]
)
def test_the_theme_is_one_of_ours_or_none(cookie: str, theme: str) -> None:
    assert frame("{{ theme }}", cookie=cookie) == theme


def test_a_page_without_chains_asks_for_none() -> None:
    assert frame("{{ site.name }}")


@pytest.mark.django_db
def test_chains_are_asked_for_once(
    recorded_chain: ChainView, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        shown = frame(
            "{{ chains|length }} {{ chains.0.rid }} {% for each in chains %}{{ each.rid }}{% endfor %}"
        )
    assert shown == f"1 {recorded_chain.rid} {recorded_chain.rid}"


@pytest.mark.django_db
def test_a_page_that_needs_no_chain_does_without_a_database(caplog: pytest.LogCaptureFixture) -> None:
    def away(*_: object) -> None:
        raise DatabaseError("it is away")

    with connection.execute_wrapper(away), caplog.at_level(logging.WARNING, context.__name__):
        assert frame("{{ chains|length }}") == "0"
    assert "it is away" in caplog.text
