"""Celery tasks of challenges. The schedule (``config.celery``) sends them again and again."""

from celery import shared_task
from django.utils import timezone

from explorer.challenges import acting, drafts


@shared_task
def go_round() -> None:
    """Write down what happened to challenges by itself, and remove the drafts that nobody goes on with."""
    now = timezone.now()
    acting.elapse(now=now)
    drafts.expire(now=now)
