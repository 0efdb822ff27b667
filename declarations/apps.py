"""The application's registration with Django."""

from importlib import import_module

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    """Declarations: 申报与评审."""

    name = "declarations"
    verbose_name = "申报与评审"

    def ready(self) -> None:
        """Put the navigation, the permission table and what successors get in their places."""
        import_module("declarations.rules")
        import_module("declarations.actions.handover")
        import_module("declarations.queries.open_work")
        import_module("declarations.navigation")
