"""The application's registration with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts: 人员与机构."""

    name = "sihao.accounts"
    label = "accounts"
    verbose_name = "人员与机构"
