"""``sweep_jobs``: find lost jobs and send them again, once; for cron where neither ``up`` nor ``celery beat`` runs."""

from typing import Any

from django.core.management import BaseCommand

from sihao import clock
from sihao.jobs import actions


class Command(BaseCommand):
    help = "找出没有派发或中断的后台任务，重新派发"

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"重新派发 {actions.sweep(now=clock.now())} 项任务。")
