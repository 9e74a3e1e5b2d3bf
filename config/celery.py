"""The Celery application. Settings are Django's CELERY_…; tasks are in `indexer.tasks`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("chasm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["indexer"])
