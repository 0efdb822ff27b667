"""What an office sent: letters on decisions, messages in the house, mail; to whom, when, and how it stands."""

from django.db.models import QuerySet

from declarations.models import DecisionLetter, LetterState, Notice
from declarations.queries.cases import cases_visible_to
from sihao.accounts.models import Mail, Seat
from sihao.accounts.queries import path_range


def letters_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return the letters of the seat's office on cases that the seat may see."""
    letters = DecisionLetter.objects.filter(sender_id=seat.organisation_id)
    return letters.filter(declaration__in=cases_visible_to(seat).order_by().values("pk"))


def drafts_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return those that wait for a person."""
    return letters_of(seat).filter(state=LetterState.DRAFT)


def settled_letters_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return those that were released or voided, with who did it."""
    return letters_of(seat).exclude(state=LetterState.DRAFT)


def messages_of(seat: Seat) -> QuerySet[Notice]:
    """Return the messages that the office's steps sent, on cases that the seat may see."""
    sent = Notice.objects.filter(sender_id=seat.organisation_id)
    visible = sent.filter(declaration__in=cases_visible_to(seat).order_by().values("pk"))
    return visible.select_related("seat__user", "seat__organisation")


def mails_of(seat: Seat) -> QuerySet[Mail]:
    """Return the mail to people of the seat's jurisdiction; what it says is the recipient's alone."""
    return Mail.objects.filter(path_range(seat.organisation.path)).select_related("recipient").defer("body")
