"""Whether this process lives, and whether it can serve. A node's failure is no failure of this site."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; whether its database does is /readyz's to say."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served, else 503 with the reasons."""
    reasons = _reasons()
    said = {"ready": not reasons, "reasons": reasons}
    return JsonResponse(said, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})


def _reasons() -> list[str]:
    try:
        missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return ["database: it does not answer"]
    names = ", ".join(sorted(f"{app}.{name}" for app, name in missing))
    return [f"migrations: not applied yet: {names}"] if missing else []


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
