"""Settings of the served worlds: those of the demo; what is asked for many times is quick."""

from sihao.settings.dev import *  # noqa: F403 settings are layered, not imported by name

# The real hasher with the smallest cost: the algorithm is the same.
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
# Nobody changes a style or a script meanwhile: they are found once, and a browser asks for each of them once.
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
