"""``manage.py account``: the operator appoints arbiters and moderators."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from explorer.accounts import passkeys
from explorer.accounts.forms import SignInForm
from explorer.accounts.models import Account, Appointment
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Opens the account where there is none, so that somebody can be appointed before he signs in."""

    help = "Open an account by its mail address, appoint it to a role, print its handle; or remove passkeys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", required=True, help="whose account it is")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--role", choices=Appointment.Role.values, help="none takes it back")
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
        if options["role"] == Appointment.Role.NONE:
            Appointment.objects.filter(account=account).delete()
        else:
            Appointment.objects.update_or_create(
                account=account, defaults={"role": options["role"], "since": now}
            )
        self.stdout.write(f"{account.handle}  {account.role}")


def _without_passkeys(email: str, *, now: datetime) -> int:
    """Have an account lose all its passkeys, of which it is told; gives how many."""
    account = Account.objects.filter(email=email).first()
    if account is None:
        raise CommandError(f"No account has the address {email}.")
    return sum(passkeys.remove(account, each.pk, now=now) for each in passkeys.of(account))
