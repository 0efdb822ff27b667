"""The application's registration with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs: 后台任务."""

    name = "sihao.jobs"
    label = "jobs"
    verbose_name = "后台任务"
