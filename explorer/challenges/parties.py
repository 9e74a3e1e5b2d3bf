"""Who takes part in a challenge, and as what."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Lower, Replace

from explorer.accounts.models import Account, Respondent
from explorer.challenges.models import Challenge, Draft, Party
from explorer.queries.db.errors import NotHere
from explorer.rules.lifecycle import NotAllowed, Role

_PASSED_OVER = frozenset({"Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Zs", "Zl", "Zp", "Cc", "Cf"})
"""Categories of characters that tell no two names apart."""

_STAFF = (Role.ARBITER, Role.MODERATOR)
_SIDES = (Role.CHALLENGER, Role.JOINER, Role.RESPONDENT)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a role. ``name`` is what everybody sees; ``person`` his account, None where he has none
    here and only his name tells who he is.
    """

    role: Role
    name: str
    person: Any = None

    def is_same_as(self, other: "Actor") -> bool:
        """Whether both are one person, as far as that is known."""
        if self.person is not None and other.person is not None:
            return bool(self.person == other.person)
        return plain(self.name) == plain(other.name)


def plain(name: str) -> str:
    """What a name is told apart by, however it is written: no punctuation, no space, nothing unseen."""
    spelled = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    told = "".join(each for each in spelled if unicodedata.category(each) not in _PASSED_OVER)
    return told or " ".join(spelled.split())


def spelled_as(name: str) -> Account | None:
    """The account whose pseudonym is told apart by the same; None where there is none."""
    known = Account.objects.filter(deleted_at=None).alias(
        plain=Replace(Lower("handle"), Value("-"), output_field=TextField())
    )
    return known.filter(plain=plain(name)).first()


SYSTEM = Actor(Role.SYSTEM, "system")
"""What happens by itself."""


def party_of(challenge: Challenge, actor: Actor, *, is_new: bool = False) -> Party:
    """The actor's place in a challenge, whose row is locked. Staff has one as soon as it acts, and so has the
    first who responds; ``is_new`` is for whoever joins.

    Raises NotAllowed for whoever is no party of that kind, is one already, or is one and means to judge.
    """
    own = _own(challenge, actor)
    if is_new:
        if any(_is_of(actor, each) for each in _sides(challenge)):
            raise NotAllowed("You take part in this challenge already.")
        return _added(challenge, actor)
    if own is not None:
        return own
    if actor.role in _STAFF:
        if any(_is_of(actor, each) for each in _sides(challenge)):
            raise NotAllowed("Whoever takes part in a challenge cannot judge it.")
        return _added(challenge, actor)
    if actor.role is Role.RESPONDENT and not _in_role(challenge, actor.role):
        if any(_is_of(actor, each) for each in _sides(challenge)):
            raise NotAllowed("Whoever challenges a record cannot respond for the other side.")
        return _added(challenge, actor)
    raise NotAllowed(f"You are not the {actor.role.value} of this challenge.")


def judges(challenge: Challenge) -> list[Actor]:
    """The arbiters who acted on it so far."""
    return [Actor(Role.ARBITER, each.name, each.person_id) for each in _in_role(challenge, Role.ARBITER)]


def actor_of(challenge: Challenge, person: Any) -> Actor | None:
    """As what a person takes part in a challenge; None where he does not."""
    found = challenge.parties.filter(person_id=person, role__in=[each.value for each in _SIDES]).first()
    return None if found is None else Actor(Role(found.role), found.name, found.person_id)


def may_respond(challenge: Challenge, person: Any) -> bool:
    """Whether the operator entered somebody as one who responds for records such as this one."""
    return respondents(challenge).filter(pk=person).exists()


def respondents(challenge: Challenge) -> QuerySet[Account]:
    """Those whom the operator entered so."""
    of = Respondent.objects.filter(Q(scout=None) | Q(scout=challenge.scout), brid=challenge.brid)
    return Account.objects.filter(pk__in=of.values("account"), deleted_at=None)


def to_respond(person: Any) -> QuerySet[Challenge]:
    """The challenges of the records for which somebody responds, in which nobody responds so far."""
    of = Q(pk__in=())
    for each in Respondent.objects.filter(account=person, account__deleted_at=None):
        of |= Q(brid=each.brid) if each.scout is None else Q(brid=each.brid, scout=each.scout)
    return Challenge.objects.filter(of).exclude(parties__role=Role.RESPONDENT.value)


def stay(person: Any) -> Account:
    """Have an account stay until the transaction over the desk ends: who deletes it meanwhile waits, and is
    not named by what is written in between. Raises NotHere where it is deleted.
    """
    found = Account.objects.select_for_update(no_key=True).filter(pk=person, deleted_at=None).first()
    if found is None:
        raise NotHere("Your account was deleted meanwhile: nothing was done.")
    return found


def forget(person: Any) -> None:
    """Take somebody's name out of all challenges, whose history stays, and remove his drafts."""
    Party.objects.filter(person_id=person).update(name="", person_id=None)
    Draft.objects.filter(person_id=person).delete()


def _own(challenge: Challenge, actor: Actor) -> Party | None:
    return next((each for each in _in_role(challenge, actor.role) if _is_of(actor, each)), None)


def _in_role(challenge: Challenge, role: Role) -> list[Party]:
    return list(challenge.parties.filter(role=role.value).order_by("place"))


def _sides(challenge: Challenge) -> list[Party]:
    return list(challenge.parties.filter(role__in=[each.value for each in _SIDES]))


def _is_of(actor: Actor, party: Party) -> bool:
    return actor.is_same_as(Actor(Role(party.role), party.name, party.person_id))


def _added(challenge: Challenge, actor: Actor) -> Party:
    if actor.person is not None:
        stay(actor.person)
    place = len(_in_role(challenge, actor.role)) + 1
    return Party.objects.create(
        challenge=challenge, role=actor.role.value, place=place, person_id=actor.person, name=actor.name
    )
