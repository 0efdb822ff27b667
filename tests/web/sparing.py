"""The project's templates, drawn only while a test wants the page and not merely the answer to who may open it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.test.signals import template_rendered


class SparingTemplates(DjangoTemplates):
    """Finds and compiles every template; while ``drawing`` is off it returns a page of one line for each."""

    drawing = True

    def get_template(self, template_name: str) -> Any:
        """Return the template, or a page of one line for it."""
        found = super().get_template(template_name)
        return found if self.drawing else Undrawn(template_name)


class Undrawn:
    """A page that nobody reads: which it would have been, and what a refusal would have said."""

    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: Mapping[str, Any] | None = None, request: object = None) -> str:
        """Return the name of the page and the words of the refusal, if it is one; a test may ask for the context."""
        template_rendered.send(sender=self, template=self, context=dict(context or {}))
        return f"{self.name} {(context or {}).get('exception', '')}"


TEMPLATES = [settings.TEMPLATES[0] | {"BACKEND": "tests.web.sparing.SparingTemplates"}]


def draw(on: bool) -> None:
    """Switch drawing on or off; the settings must have the templates above."""
    engines.all()[0].drawing = on
