"""What the operator says of accounts: which role they have, and for what they respond. The web reads it,
and can neither write nor remove it.
"""

from django.db import transaction
from django.utils import timezone

from explorer.accounts import passkeys
from explorer.accounts.models import Account, Appointment, Respondent
from explorer.desk.models import DESK


def appoint(account: Account, role: Appointment.Role) -> None:
    """Give an account a role, which can be used with the passkeys that it has by now, or take it back."""
    if role is Appointment.Role.NONE:
        Appointment.objects.filter(account=account).delete()
        return
    with transaction.atomic(using=DESK):
        passkeys.lock(account)  # what is added meanwhile is there before, or is later
        now = timezone.now()
        Appointment.objects.update_or_create(account=account, defaults={"role": role, "since": now})


def forget_deleted() -> int:
    """Remove what was said of accounts that were deleted since; gives how many rows that were."""
    return sum(
        each.objects.filter(account__deleted_at__isnull=False).delete()[0]
        for each in (Appointment, Respondent)
    )
