"""``sweep_evidence``: remove what broken uploads and crashes left under the storage root, all of it at once."""

from typing import Any

from django.core.management import BaseCommand

from declarations.actions.draft.uploads import sweep_store, sweep_uploads
from declarations.store import SHARDS
from sihao import clock


class Command(BaseCommand):
    help = "清理一天以上没有传完的文件和没有登记的佐证文件"

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"清理未传完的文件 {sweep_uploads(now=clock.now())} 个。")
        self.stdout.write(f"清理没有登记的佐证文件 {sweep_store(SHARDS)} 个。")
