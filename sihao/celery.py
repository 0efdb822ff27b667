"""The Celery application; tasks live in the apps, work is enqueued through ``sihao.jobs``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sihao.settings.production")
app = Celery("sihao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
