"""The application's registration with Django."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Scoring: 评分."""

    name = "scoring"
    verbose_name = "评分"
