"""How long words stay that were typed while nobody was signed in (`signed_out`). It knows no page: Celery's
programs import it, and pages are most of what they would import besides.
"""

from datetime import datetime

from explorer.challenges.models import KeptWords


def expire(*, now: datetime) -> int:
    """Remove what nobody came back for; gives how many."""
    count, _ = KeptWords.objects.filter(expires_at__lte=now).delete()
    return count
