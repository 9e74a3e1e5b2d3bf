"""``manage.py key``: a key for a program, printed once."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from explorer.accounts import keys
from explorer.accounts.keys import TooManyKeys
from explorer.accounts.models import GIVEN, Account, ApiKey
from local.supervision.command import StateCommand

_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")


class Command(StateCommand):
    """A service account has a name that the operator chose and no address, so nobody signs in to it."""

    help = "Make a key for an account, opening a service account where none has that handle; print it last."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", required=True, metavar="HANDLE", help="for whom it acts")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--scope", choices=ApiKey.Scope.values, help="what may be done with it")
        act.add_argument("--revoke", action="store_true", help="revoke all keys of the account, make none")

    def run(self, **options: Any) -> None:
        handle, now = _handle(options["account"]), timezone.now()
        account = Account.objects.filter(handle=handle).first()
        if options["revoke"]:
            self.stdout.write(f"{_revoke_all(account, handle)} revoked")
            return
        if account is None:
            account = _service(handle)
            self.stderr.write(f"Opened the service account {handle}.")
        try:
            self.stdout.write(keys.make(account, ApiKey.Scope(options["scope"]), now=now).secret)
        except TooManyKeys:
            raise CommandError(f"{handle} has {keys.MOST} keys already: revoke them with --revoke.") from None


def _revoke_all(account: Account | None, handle: str) -> int:
    if account is None:
        raise CommandError(f"No account has the handle {handle}.")
    return ApiKey.objects.filter(account=account, revoked_at=None).update(revoked_at=timezone.now())


def _handle(given: str) -> str:
    if not _NAME.fullmatch(given):
        raise CommandError(
            f"{given!r} is no handle: it has 3 to 32 small letters, digits and hyphens, the first a letter."
        )
    return given


def _service(handle: str) -> Account:
    if handle.startswith(GIVEN):
        raise CommandError(
            f"No account has the handle {handle}; that of a service may not begin with {GIVEN}."
        )
    account = Account(handle=handle, opened_at=timezone.now())
    account.set_unusable_password()
    account.save()
    return account
