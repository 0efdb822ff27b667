"""Programs that measure; never part of the test run. Each has a database of its own, gone when the program ends."""

import os
import tempfile

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sihao.settings.test")
FOLDER = tempfile.TemporaryDirectory(prefix="sihao-bench-")
os.environ["SIHAO_DATA"] = FOLDER.name
django.setup()
