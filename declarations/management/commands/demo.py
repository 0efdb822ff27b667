"""Builds a demo world (示例) through the same actions that the pages use."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from declarations.demo.counties import build_campaign
from declarations.demo.world import BEGINS, REHEARSAL_NOW, STAGES, build
from declarations.models import Declaration
from sihao.accounts.models import User


class Command(BaseCommand):
    """Build the demo world at a stage, or at all stages."""

    help = "生成示例数据：不写 --stage 时各阶段并列"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the stage, the seed and the number of chambers."""
        parser.add_argument("--stage", choices=STAGES, help="全部案件停在这一阶段")
        parser.add_argument("--seed", type=int, default=2020, help="随机种子，相同种子得到相同数据")
        parser.add_argument("--chambers", type=int, default=28, help="除四家有账号的商会外，另有多少家商会")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the world, and set the rehearsal's clock beside it."""
        if User.objects.exists() or Declaration.objects.exists():
            raise CommandError("数据库中已有账号或申报，示例数据只能写入空库（可用 make demo-fresh 重建）。")
        build(stage=options["stage"], seed=options["seed"], chambers=options["chambers"])
        build_campaign(seed=options["seed"], now=BEGINS)
        shift = (REHEARSAL_NOW - timezone.now()).total_seconds()
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        (settings.DATA_DIR / "rehearsal.json").write_text(json.dumps({"shift_seconds": int(shift)}))
        self.stdout.write(f"示例数据已生成：{Declaration.objects.count()}件申报。演练时钟自2020年10月9日9:00起走。")
