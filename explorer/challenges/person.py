"""Who is asking: the one place where a request becomes a person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in. ``id`` is that of the account, ``name`` what everybody may see."""

    id: Any
    name: str


def person_of(request: HttpRequest) -> Person | None:
    """Who is signed in; None where nobody is."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Person(user.pk, user.get_username())
