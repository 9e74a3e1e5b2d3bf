"""Pages that fail, each in its way."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from psycopg import connect


def fine(request: HttpRequest) -> HttpResponse:
    """What every page is meant to be."""
    return HttpResponse("fine " * 200)


def slow(request: HttpRequest) -> HttpResponse:
    """A page whose query takes longer than the role may take; here that is a hundredth of a second."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10ms'")
        cursor.execute("SELECT pg_sleep(10)")
    return fine(request)


def away(request: HttpRequest) -> HttpResponse:
    """A page whose database is not there."""
    with connection.wrap_database_errors:
        connect("host=/nowhere dbname=none")
    return fine(request)


def broken(request: HttpRequest) -> HttpResponse:
    """A page with a mistake in it."""
    raise ZeroDivisionError("a detail that visitors must not see")


failing = [
    path("fine", fine),
    path("slow", slow),
    path("away", away),
    path("broken", broken),
]
urlpatterns = [*failing, path("api/v1/", include(failing)), path("", include("config.urls"))]
