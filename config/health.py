"""Whether this process lives, and whether it can serve. A node's failure is no failure of this site."""

from functools import cache

from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from config import databases
from indexer.models import Chain
from indexer.store import rules


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; whether its database does is /readyz's to say."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served, else 503 with the reasons. ``notes`` say of chains what keeps new blocks
    from being shown, where something does.
    """
    reasons = _reasons()
    said: dict[str, object] = {"ready": not reasons, "reasons": reasons}
    if not reasons and (notes := _notes()):
        said["notes"] = notes
    return JsonResponse(said, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})


def _reasons() -> list[str]:
    return _missing("default") or _missing(databases.DESK)


def _notes() -> list[str]:
    names = {each.id: bytes(each.brid).hex().upper() for each in Chain.objects.all()}
    return [f"chain {names[each.chain_id]}: {each.sentence}" for each in rules.every() if each.differ]


def _missing(alias: str) -> list[str]:
    """What keeps the tables of an alias from being used."""
    known = {each for each in _known_migrations() if databases.alias_of(each[0]) == alias}
    try:
        missing = known - set(MigrationRecorder(connections[alias]).applied_migrations())
    except DatabaseError:
        return ["database: it does not answer"]
    names = ", ".join(sorted(f"{app}.{name}" for app, name in missing))
    return [f"migrations: not applied yet: {names}"] if missing else []


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)
