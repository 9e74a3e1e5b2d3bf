"""Celery tasks of the write side. The schedule (``config.celery``) sends them again and again."""

from celery import shared_task
from django.utils import timezone

from explorer.desk import outbox, quotas


@shared_task
def run_outbox() -> None:
    """Do what the web left to be done."""
    outbox.run_due()


@shared_task
def expire() -> None:
    """Remove what is kept for a time only."""
    now = timezone.now()
    quotas.expire(now=now)
    outbox.expire(now=now)
