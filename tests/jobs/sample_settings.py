"""The demo settings with the sample application: everything else is what ``manage.py up`` really runs."""

from sihao.settings.dev import *  # noqa: F403 settings are layered, not imported by name
from sihao.settings.dev import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.sample"]
