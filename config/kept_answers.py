"""Answers that are kept for a moment: what many ask for at once is made once, in each process that serves.

An answer is given again for at most a second, numbers of records for ten, and only while no block came to
the records, nothing was derived and nothing was hidden or erased; whether so is asked twice a second at most.
It is kept with all that it depends on of a request. What knows a person, what sets a cookie and what says
that it must not be stored is never kept.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.http import HTMX_STOP_POLLING

from config import methods
from config.middleware import conditional
from explorer.pages.frame.context import theme_of
from explorer.queries.db.state import state

FRESH = 1.0
"""Seconds for which an answer is given again."""

FRESH_COUNTS = 10.0
"""The same of numbers that follow from the state of the tables alone."""

_STATE_FRESH = 0.5  # seconds
_LONGEST = 1 << 20  # bytes of one answer
_OVERHEAD = 2048  # bytes of memory that an answer takes beside its body
_HEADERS = ("Accept", "HX-Request")
_KEPT = frozenset({HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTMX_STOP_POLLING, HTTPStatus.MOVED_PERMANENTLY,
                   HTTPStatus.FOUND, HTTPStatus.NOT_FOUND, HTTPStatus.GONE,
                   HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})  # fmt: skip
_NOT_STORED = ("no-store", "private")
_NEWS = "/news/"
_MADE_ANEW = (methods.PERSONAL, "/healthz", "/readyz")

Respond = Callable[[HttpRequest], HttpResponseBase]
_Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer as it was made in a state of the tables, which holds until a time (s)."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    state: str
    until: float
    size: int  # bytes of memory, its key's too

    def again(self) -> HttpResponse:
        """The same answer."""
        return HttpResponse(self.body, status=self.status, headers=dict(self.headers))


@dataclass(slots=True)
class Answers:
    """The answers that are kept, the one that was asked for longest ago first. ``most`` bytes in all."""

    most: int
    now: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _answers: OrderedDict[_Key, _Answer] = field(default_factory=OrderedDict)
    _size: int = 0
    _state: str = ""
    _state_at: float = float("-inf")

    def state(self) -> str:
        """The state of the tables, half a second ago or later. Raises ``DatabaseError``."""
        now = self.now()
        if now - self._state_at >= _STATE_FRESH:
            self._state, self._state_at = state(), now
        return self._state

    def get(self, key: _Key, *, state: str) -> HttpResponse | None:
        """The answer that is kept for a request, if it still holds."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or found.state != state or self.now() >= found.until:
                return None
            self._answers.move_to_end(key)
        return found.again()

    def keep(self, key: _Key, response: HttpResponse, *, state: str, seconds: float) -> None:
        """Keep an answer that was made in a state of the tables, and forget what there is no room for."""
        size = len(response.content) + _OVERHEAD + sum(len(each) for each in key if each is not None)
        made = _Answer(
            response.status_code, response.content, dict(response.items()), state, self.now() + seconds, size
        )
        if made.size > min(self.most, _LONGEST):
            return
        with self._lock:
            self._forget(key)
            self._answers[key] = made
            self._size += made.size
            while self._size > self.most:
                self._forget(next(iter(self._answers)))

    def _forget(self, key: _Key) -> None:
        gone = self._answers.pop(key, None)
        self._size -= gone.size if gone is not None else 0


class Kept:
    """Middleware that gives answers again, where ``KEPT_ANSWERS`` (MiB) gives them room."""

    def __init__(self, respond: Respond, *, now: Callable[[], float] = time.monotonic) -> None:
        self._respond = respond
        self._answers = Answers(settings.KEPT_ANSWERS << 20, now=now)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_asked = request.method == "GET" and not request.path_info.startswith(_MADE_ANEW)
        state = self._state() if is_asked and self._answers.most else None
        if state is None:
            return self._respond(request)
        key = _key(request)
        found = self._answers.get(key, state=state)
        if found is not None:
            return conditional(request, found, etag=found.get("ETag"))
        response = self._respond(request)
        if isinstance(response, HttpResponse) and _may_be_kept(response):
            self._answers.keep(key, response, state=state, seconds=_fresh(request, response))
        return response

    def _state(self) -> str | None:
        """The state of the tables; None where the database is away, which the answer itself will say."""
        try:
            return self._answers.state()
        except (DatabaseError, InterfaceError):
            return None


def _fresh(request: HttpRequest, response: HttpResponse) -> float:
    """For how long an answer holds. Around the numbers of records a page says how old its chain is; what time
    cut short may be whole the next time.
    """
    is_whole_page = not request.path_info.startswith("/api/") and "HX-Request" not in request.headers
    is_counted = not is_whole_page and (
        request.path_info.endswith("/records/facets") or request.path_info.startswith(_NEWS)
    )
    return FRESH_COUNTS if is_counted and not getattr(response, "is_late", False) else FRESH


def _key(request: HttpRequest) -> _Key:
    """All that an answer depends on."""
    return (
        request.scheme,
        request.headers.get("host"),
        request.get_full_path(),
        theme_of(request),
        "gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else None,
        *(request.headers.get(name) for name in _HEADERS),
    )


def _may_be_kept(response: HttpResponse) -> bool:
    stored = response.headers.get("Cache-Control", "")
    return (
        response.status_code in _KEPT
        and not response.streaming
        and not response.cookies
        and not any(word in stored for word in _NOT_STORED)
    )
