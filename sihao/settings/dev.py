"""Settings for one's own machine and for the demo world."""

import json
from datetime import timedelta

from sihao import env
from sihao.settings.base import *
from sihao.settings.base import DATA_DIR, EMAIL_HOST

DATA_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = env.flag("SIHAO_DEBUG")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.listing("SIHAO_HOSTS")]
SECRET_KEY = env.text("SIHAO_SECRET_KEY", "only-for-demo-and-development-never-for-a-public-server-0123456789")

# Mails are printed where the server was started, unless a mail server is named.
# Without a mail server nothing leaves the machine: each mail becomes a file that can be read there.
if not EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# Static files are served from where they lie; nothing has to be collected first.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# The demo command writes how far its world's clock stands from ours, so that the notice's own dates are "now".
_clock = DATA_DIR / "rehearsal.json"
REHEARSAL = _clock.exists()
CLOCK_SHIFT = timedelta(seconds=json.loads(_clock.read_text())["shift_seconds"]) if REHEARSAL else timedelta(0)
