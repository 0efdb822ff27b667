"""What an office sent: letters on decisions, messages in the house, mail; to whom, when, and how it stands."""

from django.db.models import Q, QuerySet

from declarations.models import ClockStep, DecisionLetter, LetterState, Notice
from declarations.queries.cases import in_sight
from sihao.accounts.models import Mail, MailState, Seat
from sihao.accounts.queries import path_range


def letters_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return the letters of the seat's office on cases that the seat may see."""
    letters = DecisionLetter.objects.filter(sender_id=seat.organisation_id)
    return letters.filter(in_sight(seat))


def drafts_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return those that wait for a person."""
    return letters_of(seat).filter(state=LetterState.DRAFT)


def settled_letters_of(seat: Seat) -> QuerySet[DecisionLetter]:
    """Return those that were released or voided, with who did it."""
    return letters_of(seat).exclude(state=LetterState.DRAFT)


def messages_of(seat: Seat) -> QuerySet[Notice]:
    """Return the messages that the office's steps sent, on cases that the seat may see."""
    sent = Notice.objects.filter(sender_id=seat.organisation_id)
    visible = sent.filter(in_sight(seat))
    return visible.select_related("seat__user", "seat__organisation")


def mails_of(seat: Seat, words: str = "", *, failed: bool = False) -> QuerySet[Mail]:
    """Return the mail to people of the seat's jurisdiction; what it says is the recipient's alone.

    ``words`` are looked for in names and addresses; ``failed`` leaves what did not leave the house, or not yet.
    """
    mails = Mail.objects.filter(path_range(seat.organisation.path)).select_related("recipient").defer("body")
    if words:
        mails = mails.filter(Q(recipient__name__contains=words) | Q(address__icontains=words))
    return mails.exclude(state=MailState.SENT) if failed else mails


def clock_steps_of(seat: Seat) -> QuerySet[ClockStep]:
    """Return what the clock said of terms, on cases that the seat may see."""
    steps = ClockStep.objects.filter(in_sight(seat))
    return steps.select_related("declaration", "holder")
