"""``manage.py account``: the operator appoints arbiters and moderators."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from explorer.accounts.forms import SignInForm
from explorer.accounts.models import Account, Appointment
from local.supervision.command import StateCommand


class Command(StateCommand):
    """Opens the account where there is none, so that somebody can be appointed before he signs in."""

    help = "Open the account of a mail address, appoint it to a role, and print its handle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mail", required=True, help="whose account it is")
        parser.add_argument(
            "--role", required=True, choices=Appointment.Role.values, help="none takes it back"
        )

    def run(self, **options: Any) -> None:
        form = SignInForm({"email": options["mail"]})
        if not form.is_valid():
            raise CommandError(" ".join(map(str, form.errors["email"])))
        now = timezone.now()
        account = Account.objects.of_mail(form.cleaned_data["email"], now=now)
        if options["role"] == Appointment.Role.NONE:
            Appointment.objects.filter(account=account).delete()
        else:
            Appointment.objects.update_or_create(
                account=account, defaults={"role": options["role"], "since": now}
            )
        self.stdout.write(f"{account.handle}  {account.role}")
