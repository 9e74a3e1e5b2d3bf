"""How Django finds out whose a session is. Nobody is let in here: `sign_in` and allauth's stages do that."""

from django.contrib.auth.backends import BaseBackend

from explorer.accounts.models import Account


class OfSession(BaseBackend):
    """Knows accounts by their number, and neither names nor passwords."""

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session, unless it was deleted."""
        return Account.objects.filter(pk=user_id, deleted_at=None).first()
