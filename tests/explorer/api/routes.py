"""Addresses of the API that fail, each in its way, beside the real ones."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection, transaction
from django.http import Http404
from django.urls import include, path
from psycopg import connect
from rest_framework.request import Request
from rest_framework.response import Response

from config.urls import handler400, handler403, handler404, handler500
from explorer.api.endpoint import Endpoint

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Slow(Endpoint):
    """Its query takes longer than it may: here that is a hundredth of a second."""

    def get(self, request: Request) -> Response:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10ms'")
            cursor.execute("SELECT pg_sleep(10)")
        return Response({})


class Away(Endpoint):
    """Its database is not there."""

    def get(self, request: Request) -> Response:
        with connection.wrap_database_errors:
            connect("host=/nowhere dbname=none")
        return Response({})


class Broken(Endpoint):
    """There is a mistake in it."""

    def get(self, request: Request) -> Response:
        raise ZeroDivisionError("a detail that nobody must see")


class Unwritable(Endpoint):
    """What it says is no JSON."""

    def get(self, request: Request) -> Response:
        return Response({"at": float("nan")})


class Missing(Endpoint):
    """Django itself does not find something."""

    def get(self, request: Request) -> Response:
        raise Http404("a detail")


class Suspicious(Endpoint):
    """Django itself refuses the request."""

    def get(self, request: Request) -> Response:
        raise SuspiciousOperation("a detail")


class Forbidden(Endpoint):
    """Django itself forbids it."""

    def get(self, request: Request) -> Response:
        raise PermissionDenied("a detail")


urlpatterns = [
    path("api/v1/fails/slow", Slow.as_view()),
    path("api/v1/fails/away", Away.as_view()),
    path("api/v1/fails/broken", Broken.as_view()),
    path("api/v1/fails/unwritable", Unwritable.as_view()),
    path("api/v1/fails/missing", Missing.as_view()),
    path("api/v1/fails/suspicious", Suspicious.as_view()),
    path("api/v1/fails/forbidden", Forbidden.as_view()),
    path("", include("config.urls")),
]
