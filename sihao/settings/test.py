"""Settings of the test suite: quick, alone, without mail or broker."""

import tempfile
from pathlib import Path

from sihao.settings.base import *
from sihao.settings.base import DATABASES

SECRET_KEY = "only-for-tests"  # noqa: S105 not a secret
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# The real hasher with the smallest cost: the algorithm is the same, the test run is quick.
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
AXES_ENABLED = False
# Worlds are built many times; the tests of the gates switch them on.
INTEGRITY_GATES = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# SQLite in a file and not in memory, so that threads and processes meet on it as they do in service.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    _folder = tempfile.TemporaryDirectory(prefix="sihao-test-")
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder.name) / "test.sqlite3")}
