"""The project's templates, drawn only while a test wants the page and not merely the answer to who may open it."""

from typing import Any

from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates


class SparingTemplates(DjangoTemplates):
    """Finds and compiles every template; while ``drawing`` is off it returns an empty page for each."""

    drawing = True

    def get_template(self, template_name: str) -> Any:
        """Return the template, or an empty page for it."""
        found = super().get_template(template_name)
        return found if self.drawing else Blank()


class Blank:
    """A page that nobody reads."""

    def render(self, context: object = None, request: object = None) -> str:
        """Return nothing."""
        return ""


TEMPLATES = [settings.TEMPLATES[0] | {"BACKEND": "tests.web.sparing.SparingTemplates"}]


def draw(on: bool) -> None:
    """Switch drawing on or off; the settings must have the templates above."""
    engines.all()[0].drawing = on
