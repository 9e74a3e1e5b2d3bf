"""How the addresses of pages are written, beside the views that answer at them."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path, register_converter

from explorer.pages.frame import converters

register_converter(converters.Rid, "rid")
register_converter(converters.Begun, "begun")
register_converter(converters.Number, "number")
register_converter(converters.Uid, "uid")
register_converter(converters.ChallengeName, "challenge")


def of_chain(rest: str, view: Callable[..., HttpResponse], *, name: str) -> URLPattern:
    """The address of a page of one chain; ``rest`` is what follows the chain's own."""
    return path(f"chains/<rid:brid>{rest}", view, name=name)
