"""Who asks the API with ``Authorization: Bearer …``. No cookie says that to the API: it is sent none."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from explorer.accounts import keys
from explorer.accounts.models import Account, ApiKey

_LONGEST = 200  # bytes of a header with a key


class KeyAuthentication(BaseAuthentication):
    """``request.user`` is the account that a key acts for, ``request.auth`` the key; None without one."""

    def authenticate(self, request: Request) -> tuple[Account, ApiKey] | None:
        header = get_authorization_header(request)
        kind, _, secret = header.partition(b" ")
        if kind.lower() != b"bearer":
            return None
        if not settings.CHALLENGES:
            raise AuthenticationFailed("This site takes no challenges, so it knows no key.")
        found = keys.find(secret.strip().decode("latin-1")) if len(header) <= _LONGEST else None
        if found is None:
            raise AuthenticationFailed(
                "Nobody has this key, or it was revoked. Make one on your account page, and send it whole."
            )
        return found.account, found

    def authenticate_header(self, request: Request) -> str:
        """With this a request without a key is answered with 401, and not 403."""
        return 'Bearer realm="api"'


class MayChallenge(BasePermission):
    """Whoever comes with a key that was made to file challenges."""

    message = "A key is needed whose scope is challenge: make one on your account page."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ApiKey) and request.auth.scope == ApiKey.Scope.CHALLENGE


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of it."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
