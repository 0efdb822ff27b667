"""The real password hasher at its smallest cost: same algorithm, same encoded form, quick tests."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id with the least time and memory the algorithm allows."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
