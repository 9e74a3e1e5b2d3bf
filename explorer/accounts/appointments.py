"""What the operator says of accounts: which role they have, and for what they respond. The web reads it, and can
neither write nor remove it.
"""

from explorer.accounts.models import Appointment, Respondent


def forget_deleted() -> int:
    """Remove what was said of accounts that were deleted since; gives how many rows that were."""
    return sum(
        each.objects.filter(account__deleted_at__isnull=False).delete()[0]
        for each in (Appointment, Respondent)
    )
