"""The application's registration with Django."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Scoring: 评分."""

    default = True
    name = "scoring"
    verbose_name = "评分"


class JudgeConfig(ScoringConfig):
    """Scoring for the judge command alone: its commands without its tables."""

    default = False

    def import_models(self) -> None:
        """Load no model: the judge needs no database."""
        self.models = {}
