"""What every kept file is told by: its name, kind and size, its digest, and where the store has it."""

from django.db import models


class KeptFile(models.Model):
    """A file that was taken into the store (``declarations.store``); the digest is SHA-256 over its bytes."""

    name = models.CharField("文件名", max_length=160)
    kind = models.CharField("类型", max_length=10)
    size = models.PositiveBigIntegerField("字节数")
    digest = models.CharField("摘要值", max_length=64)
    stored = models.CharField("存放位置", max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
