"""The application's registration with Django."""

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    """Declarations: 申报与评审."""

    name = "declarations"
    verbose_name = "申报与评审"
