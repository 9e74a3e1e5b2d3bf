"""The mail with a code. It says the same to whoever has an account and to whoever has none."""

import uuid
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from explorer.accounts.codes import code_of, spelled
from explorer.accounts.models import SignIn
from explorer.desk.mail import NobodyThere, send

_BODY = """\
Your code for {site}:

    {code}

Enter it on the page where you asked for it, in the same browser, before {until:%H:%M} UTC. {what_for}

If you did not ask for it, do nothing: nothing happens without the code. Nobody here will ask you for it.
"""
_TO_SIGN_IN = "If this address\nhas no account yet, the code opens one."
_TO_CHANGE = "Then your\naccount has this address, in place of the one before."


def mail_code(sign_in: str) -> None:
    """Send the code of a sign-in; nothing where it was used already, or is too old, or where nobody has that
    address. Raises OSError: then it is sent again later, the same code under the same Message-ID.
    """
    found = SignIn.objects.filter(pk=sign_in, used_at=None, expires_at__gt=timezone.now()).first()
    if found is None:
        return
    code = spelled(code_of(uuid.UUID(sign_in)))
    with suppress(NobodyThere):  # trying again would hold up the mail of others
        send(
            key=f"code-{found.id}",
            to=[found.email],
            subject=f"{settings.SITE_NAME}: your code is {code}",
            body=_BODY.format(
                site=settings.SITE_NAME,
                code=code,
                until=found.expires_at,
                what_for=_TO_SIGN_IN if found.account_id is None else _TO_CHANGE,
            ),
        )
