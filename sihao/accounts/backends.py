"""Finding the person of a session together with the seats he holds: one query for both."""

from django.contrib.auth.backends import ModelBackend

from sihao.accounts.models import User
from sihao.accounts.queries import person_with_seats


class SeatedBackend(ModelBackend):
    """Django's own backend, whose ``get_user`` brings the seats along in ``held_seats``."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person if the account is open."""
        user = person_with_seats(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
