"""``manage.py account``: the operator appoints arbiters and moderators, and says who responds for what."""

import re
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from explorer.accounts import appointments, passkeys
from explorer.accounts.forms import SignInForm
from explorer.accounts.models import Account, Appointment
from explorer.pages.rendering.sanitize import line
from explorer.queries.chain.chains import ChainView, chain_with
from explorer.queries.db.errors import NotHere
from local.supervision.command import StateCommand

_NAMED = re.compile(r"(?P<brid>[0-9A-Fa-f]{64})(?::(?P<scout>-?[0-9]{1,19}))?")


class Command(StateCommand):
    """Opens the account where there is none, so that somebody can be appointed before he signs in."""

    help = "Open an account by its mail address, print its handle, and appoint it, or remove its passkeys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", required=True, help="whose account it is")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument(
            "--role", choices=Appointment.Role.values,
            help="none takes it back; on the web it can be used with the passkeys that there are by now",
        )  # fmt: skip
        act.add_argument(
            "--respondent", metavar="BRID[:SCOUT]",
            help="responds for records of this chain that name this scout, or for all of them; none "
            "takes all back",
        )  # fmt: skip
        act.add_argument(
            "--remove-passkeys", action="store_true", help="for who lost them: the code alone signs in again"
        )

    def run(self, **options: Any) -> None:
        form = SignInForm({"email": options["mail"]})
        if not form.is_valid():
            raise CommandError(" ".join(map(str, form.errors["email"])))
        now = timezone.now()
        if options["remove_passkeys"]:
            self.stdout.write(f"{_without_passkeys(form.cleaned_data['email'], now=now)} removed")
            return
        account = Account.objects.of_mail(form.cleaned_data["email"], now=now)
        if options["respondent"]:
            self.stdout.write(f"{account.handle}  {_responding(account, options['respondent'], now=now)}")
            return
        appointments.appoint(account, Appointment.Role(options["role"]))
        self.stdout.write(f"{account.handle}  {account.role}{_usable(account)}")


def _usable(account: Account) -> str:
    """With what its role can be used on the web: the operator sees whether a passkey is not its owner's."""
    if account.role == Appointment.Role.NONE:
        return ""
    told = [
        f"{line(each.wrap().name)}, added {each.created_at:%Y-%m-%d %H:%M} UTC"
        for each in passkeys.giving_role(account).order_by("pk")
    ]
    if not told:
        return "\n    on the web once it has a passkey: appoint it again then"
    return "".join(f"\n    on the web with the passkey {each}" for each in told)


def _responding(account: Account, named: str, *, now: datetime) -> str:
    """Have an account respond for what is named so, or for nothing; gives for what it does."""
    if named == "none":
        account.responds_for.all().delete()
    else:
        found = _NAMED.fullmatch(named)
        scout = int(found["scout"]) if found and found["scout"] else None
        if found is None or (scout is not None and not -(2**63) <= scout < 2**63):
            raise CommandError("Name a chain by its RID, or a scout of it as RID:NUMBER; or none.")
        chain = _chain(bytes.fromhex(found["brid"]))
        account.responds_for.get_or_create(brid=chain.brid, scout=scout, defaults={"since": now})
    told = [
        f"{bytes(each.brid).hex().upper()}{'' if each.scout is None else f':{each.scout}'}"
        for each in account.responds_for.order_by("since", "pk")
    ]
    return f"responds for {', '.join(told)}" if told else "responds for nothing"


def _chain(brid: bytes) -> ChainView:
    try:
        return chain_with(brid)
    except NotHere as error:
        raise CommandError(str(error)) from error


def _without_passkeys(email: str, *, now: datetime) -> int:
    """Have an account lose all its passkeys, of which it is told; gives how many."""
    account = Account.objects.filter(email=email).first()
    if account is None:
        raise CommandError(f"No account has the address {email}.")
    return sum(passkeys.remove(account, each.pk, now=now) for each in passkeys.of(account))
