"""Stories of recognised chambers: those the public reads, and the department's desk."""

from django.db.models import QuerySet

from declarations.models import Answer, Cycle, Recognition, Story
from declarations.queries.recusals import without_recused
from declarations.states import StoryState, TitleState
from sihao.accounts.models import Seat

DEEDS = "deeds"
TOLD = (TitleState.ACTIVE, TitleState.RENEWED, TitleState.EXPIRED)
"""A title that was suspended, given up or revoked takes its story off the site."""


def public_stories() -> QuerySet[Story]:
    """Return what the public reads, the newest first."""
    rows = Story.objects.filter(
        state=StoryState.RELEASED, recognition__state__in=TOLD, recognition__published_at__isnull=False
    )
    return rows.select_related("recognition__cycle").defer("recognition__cycle__notice_text")


def public_story(number: str) -> Story | None:
    """Return the released story of a certificate number."""
    return public_stories().filter(recognition__number__iexact=number).first()


def desk_of_stories(seat: Seat, cycle: Cycle, words: str) -> QuerySet[Recognition]:
    """Return the titles of a cycle to choose from, each with its story if it has one."""
    rows = Recognition.objects.filter(cycle=cycle, published_at__isnull=False, state__in=TOLD)
    rows = rows.filter(name__icontains=words) if words else rows
    named = rows.select_related("story__edited_by__user", "story__released_by__user", "declaration")
    return without_recused(named, seat, "declaration")


def chosen(seat: Seat, pk: int) -> Recognition | None:
    """Return one title whose story is edited, with its case and cycle."""
    rows = Recognition.objects.filter(pk=pk, published_at__isnull=False, state__in=TOLD)
    named = rows.select_related("cycle", "declaration", "story__edited_by__user", "story__released_by__user")
    return without_recused(named.defer("cycle__notice_text"), seat, "declaration").first()


def story_of(recognition: Recognition) -> Story | None:
    """Return the story of a title."""
    return getattr(recognition, "story", None)


def deeds_of(recognition: Recognition) -> str:
    """Return what the chamber wrote of its deeds (主要事迹)."""
    found = Answer.objects.filter(declaration=recognition.declaration_id, field=DEEDS)
    return str(found.values_list("value", flat=True).first() or "")
