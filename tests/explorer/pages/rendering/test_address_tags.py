"""Addresses in templates."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse, set_script_prefix

RID = "AB" * 32


def drawn(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


def test_they_are_those_of_django_and_escaped_where_they_are_written() -> None:
    name = "a&b/c'd 100%"
    assert drawn("{% url 'model' name %}", name=name) == reverse("model", args=[name]).replace(
        "&", "&amp;"
    ).replace("'", "&#x27;")
    assert drawn("{% url 'model' name as at %}{{ at|safe }}", name=name) == reverse("model", args=[name])


def test_numbers_that_are_equal_and_written_otherwise_are_told_apart() -> None:
    assert drawn("{% url 'record' rid 1 %}", rid=RID) == f"/chains/{RID}/records/1"
    with pytest.raises(NoReverseMatch):
        drawn("{% url 'record' rid number %}", rid=RID, number=1.0)


def test_they_lie_below_the_prefix_of_the_request() -> None:
    before = drawn("{% url 'find' %}")
    set_script_prefix("/below/")
    try:
        assert drawn("{% url 'find' %}") == "/below/find"
    finally:
        set_script_prefix("/")
    assert drawn("{% url 'find' %}") == before == "/find"
