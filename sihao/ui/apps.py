"""The application's registration with Django."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Ui: 界面部件."""

    name = "sihao.ui"
    label = "ui"
    verbose_name = "界面部件"
