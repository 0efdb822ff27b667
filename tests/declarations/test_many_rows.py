"""Many rows at once: all are there, one that was there already is renewed, and the rules of the table hold."""

from datetime import timedelta
from operator import attrgetter

import pytest
from django.db import IntegrityError, transaction

from scoring.models import Assessment, Layer, Ledger, Mark, ProgrammeVersion
from sihao.many_rows import insert
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ROW = ("assessment_id", "code")
PARTS = ("points", "maximum", "typed", "words", "reason", "version", "set_by_id", "set_at")


@pytest.fixture
def layer() -> Assessment:
    programme = ProgrammeVersion.objects.create(slug="s", title="t", text="", digest="d", published_at=NOW)
    ledger = Ledger.objects.create(programme=programme)
    return Assessment.objects.create(ledger=ledger, layer=Layer.SELF, digest="")


def write(layer: Assessment, marks: list[Mark]) -> None:
    for mark in marks:
        mark.assessment = layer
    insert(Mark, ROW + PARTS, map(attrgetter(*ROW, *PARTS), marks), meets=ROW, renews=PARTS)


def told(mark: Mark) -> tuple[object, ...]:
    return tuple(getattr(mark, name) for name in ROW + PARTS)


def test_more_rows_than_one_statement_takes_are_all_there(layer):
    marks = [Mark(code=f"{number}", points=1, maximum=2, set_at=NOW) for number in range(250)]

    write(layer, marks)

    assert [told(mark) for mark in Mark.objects.order_by("id")] == [told(mark) for mark in marks]


def test_a_row_that_is_there_is_renewed_and_keeps_its_key(layer):
    write(layer, [Mark(code="1", points=1, maximum=2, set_at=NOW), Mark(code="2", maximum=2, typed="x", set_at=NOW)])
    keys = dict(Mark.objects.values_list("code", "pk"))
    again = Mark(code="2", points=2, maximum=3, words="w", reason="r", version=2, set_at=NOW + timedelta(days=1))

    write(layer, [again])

    assert dict(Mark.objects.values_list("code", "pk")) == keys
    assert told(Mark.objects.get(code="2")) == told(again)
    assert Mark.objects.get(code="1").points == 1


def test_nothing_is_written_of_nothing(layer, django_assert_num_queries):
    with django_assert_num_queries(0):
        write(layer, [])


def test_a_rule_of_the_table_stops_all(layer):
    marks = [Mark(code="1", points=1, maximum=2, set_at=NOW), Mark(code="2", points=3, maximum=2, set_at=NOW)]

    with pytest.raises(IntegrityError), transaction.atomic():
        write(layer, marks)

    assert not Mark.objects.exists()
