"""Celery tasks of accounts. The schedule (``config.celery``) sends them again and again."""

from celery import shared_task
from django.utils import timezone

from explorer.accounts import appointments, notices, sign_in
from explorer.accounts.sessions import SessionStore


@shared_task
def expire() -> None:
    """Remove what is kept for a time only, and what the web may not remove of accounts that were deleted."""
    appointments.forget_deleted()
    sign_in.expire(now=timezone.now())
    notices.expire(now=timezone.now())
    SessionStore.clear_expired()
