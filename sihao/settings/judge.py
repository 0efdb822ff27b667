"""Settings of ``manage.py judge``: the command alone, without database and pages, so that it starts at once."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
INSTALLED_APPS = ["scoring.apps.JudgeConfig"]
LANGUAGE_CODE = "zh-hans"
USE_TZ = True
