"""The addresses of pages in templates."""

from functools import lru_cache

from django import template
from django.urls import get_script_prefix, reverse

register = template.Library()

KEPT = 5_000  # addresses


@register.simple_tag
def url(name: str, *args: object) -> str:
    """The address with that name, as Django's own tag gives it, which works it out anew each time: a page
    has some 60, most of them on every other page too.
    """
    return _address(get_script_prefix(), name, *args)


@lru_cache(maxsize=KEPT, typed=True)
def _address(prefix: str, name: str, *args: object) -> str:
    """Below the prefix, of which ``reverse`` knows by itself."""
    return reverse(name, args=args)
