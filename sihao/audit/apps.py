"""The application's registration with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Audit: 办理留痕."""

    name = "sihao.audit"
    label = "audit"
    verbose_name = "办理留痕"
