"""Settings of the served worlds: those of the demo, with a quick hasher, as everybody signs in many times."""

from sihao.settings.dev import *  # noqa: F403 settings are layered, not imported by name

# The real hasher with the smallest cost: the algorithm is the same.
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2"]
