"""What allauth asks of the site. It carries a sign-in through its stages (a passkey, where there is one) and
keeps passkeys; codes, accounts and mail are ours: its own send from the web server, and count in the session,
where guesses that are made at once count as one.
"""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from explorer.accounts.models import Account
from explorer.accounts.sessions import SIGNED_IN_AT
from explorer.desk.client_address import client_address


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Named by ``ACCOUNT_ADAPTER``."""

    def login(self, request: HttpRequest, user: Account) -> None:
        """Under a new session key, for as long as all are, with when it was."""
        super().login(request, user)
        request.session.set_expiry(None)
        request.session[SIGNED_IN_AT] = timezone.now().isoformat()

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by `sign_in` alone."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Whether somebody may be led there: an address of this site, by its path alone."""
        return is_of_this_site(url or "")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing of ours has it send any: mail goes from the outbox. A setting that does is refused."""
        raise ImproperlyConfigured(
            f"allauth would send {template_prefix} from the web server, which has no mail server: "
            "write the mail in explorer/accounts/mail.py, and ask for it by the outbox."
        )


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Named by ``MFA_ADAPTER``: what an authenticator is told of the site and of a person, and shows him."""

    def encrypt(self, text: str) -> str:
        """What recovery codes are made of, which lies in the table as it is given from here."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken where the site has another key by now."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """By his pseudonym: authenticators keep what they are told, and some show it to whoever has them."""
        return {"id": str(user.pk).encode(), "display_name": str(user), "name": str(user)}


def _box() -> Fernet:
    key = salted_hmac("explorer.accounts.recovery", "seed", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))


def is_of_this_site(address: str) -> bool:
    """Whether an address is a path of this site, with no host to lead away to."""
    is_path = address.startswith("/") and address.isprintable()
    return is_path and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
