"""Which form an answer has: one that was asked for, and never one that was refused (RFC 9110 §12.4.2)."""

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import _MediaType


class Negotiation(DefaultContentNegotiation):
    """The framework's own, which takes what is refused (``q=0``) for what is asked for."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """The renderer and its media type. Raises NotAcceptable where no form is left."""
        given = [_MediaType(each) for each in super().get_accept_list(request)]
        offered = [each for each in renderers if not _is_refused(str(each.media_type), given)]
        if not offered:
            raise NotAcceptable(available_renderers=[])
        return super().select_renderer(request, offered, format_suffix)

    def get_accept_list(self, request: Request) -> list[str]:
        """The forms that are asked for; who asks for none takes any."""
        if not request.headers.get("Accept", "").strip():
            return ["*/*"]
        return [each for each in super().get_accept_list(request) if not _is_nothing(_MediaType(each))]


def _is_refused(form: str, given: Sequence[_MediaType]) -> bool:
    """Whether what is said most narrowly of this form is that it is not taken."""
    about = [each for each in given if _MediaType(form).match(each)]
    return bool(about) and _is_nothing(max(about, key=lambda each: each.precedence))


def _is_nothing(form: _MediaType) -> bool:
    try:
        return float(form.params.get("q", 1)) == 0
    except ValueError:
        return False
