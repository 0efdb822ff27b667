"""``up``: bring the database up to date and serve the site with its worker in one process."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sihao.jobs.worker import Site, works_here

DEMO_WARNING = "注意：这里是演练数据和公开的演示密码，只可在本机试用，绝不可对外提供服务。"


class Command(BaseCommand):
    help = "启动网站（含后台任务），按 Ctrl-C 停止"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="监听地址")
        parser.add_argument("--port", type=int, default=8000, help="端口")
        parser.add_argument("--threads", type=int, default=8, help="同时应答的线程数")

    def handle(self, *, host: str, port: int, threads: int, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        connection.close()
        try:
            site = Site(host=host, port=port, threads=threads)
        except OSError as error:
            raise CommandError(f"端口 {port} 不能使用（{error.strerror}），请换一个，例如：--port {port + 1}") from None
        self.stdout.write(f"{settings.SITE_NAME}已启动，请在浏览器打开： http://{_shown(host)}:{port}/")
        self.stdout.write("后台任务在本进程中办理。" if works_here() else "后台任务由单独的 Celery 进程办理。")
        if settings.REHEARSAL:
            self.stdout.write(self.style.WARNING(DEMO_WARNING))
        self.stdout.write("按 Ctrl-C 停止。")
        self.stdout.flush()
        finished = site.run()
        self.stdout.write("已停止。" if finished else "已停止；未办完的任务下次启动后接着办。")
        self.stdout.flush()
        if not finished:
            os._exit(os.EX_OK)  # a thread still works; its lease runs out and the sweeper finds the job


def _shown(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 compared, not bound
