import random
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Lower
from django.test import RequestFactory

from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.paging import keyset, page_of
from tests.factories import NOW, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db

ORDERS = [
    ("id",),
    ("-id",),
    ("name", "id"),
    ("-name", "id"),
    ("opened_at", "-name", "username"),
    ("-opened_at", "-id"),
]


def people(count: int) -> None:
    dice = random.Random(count)
    User.objects.bulk_create(
        User(
            username=f"p{number:03}",
            name=dice.choice("甲乙丙丁"),
            opened_at=NOW + timedelta(days=dice.randrange(5), microseconds=dice.randrange(3)),
        )
        for number in range(count)
    )


def forward(queryset, order, size) -> list[list]:
    pages, after = [], None
    while True:
        page = keyset(queryset, order=order, after=after, size=size)
        pages.append(list(page.rows))
        if not page.next:
            return pages
        after = page.next


def flat(pages: list[list]) -> list:
    return [row for rows in pages for row in rows]


def backward(queryset, order, size) -> list[list]:
    page = keyset(queryset, order=order, after=None, size=size)
    while page.next:
        page = keyset(queryset, order=order, after=page.next, size=size)
    pages = [list(page.rows)]
    while page.previous:
        page = keyset(queryset, order=order, after=page.previous, size=size)
        pages.insert(0, list(page.rows))
    return pages


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("count", "size"), [(0, 5), (1, 5), (5, 5), (6, 5), (23, 5)])
def test_pages_are_the_list_cut_up(order, count, size):
    people(count)
    whole = list(User.objects.order_by(*order))
    cut = [whole[start : start + size] for start in range(0, count, size)] or [[]]

    assert forward(User.objects.all(), order, size) == cut
    assert backward(User.objects.all(), order, size) == cut


@pytest.mark.parametrize("order", [("ended_at", "id"), ("-ended_at", "-id"), ("-ended_at", "id")])
def test_missing_values_stand_last_in_both_directions(order):
    ends = [NOW, None, NOW + timedelta(days=1), None, NOW, None, None]
    seats = [make_seat(ended_at=end) for end in ends]
    down = order[0].startswith("-")
    key = F("ended_at").desc(nulls_last=True) if down else F("ended_at").asc(nulls_last=True)
    whole = list(Seat.objects.order_by(key, order[1]))

    assert flat(forward(Seat.objects.all(), order, 2)) == whole
    assert flat(backward(Seat.objects.all(), order, 2)) == whole
    assert [seat.ended_at for seat in whole][-4:] == [None] * 4
    assert len(seats) == len(whole)


def test_related_fields_and_annotations_order_too():
    for number in range(7):
        make_seat(organisation=make_federation(f"4111{20 + number % 3}"), user=make_user(f"P{number}"))
    related = Seat.objects.select_related("organisation")
    small = User.objects.annotate(small=Lower("username"))

    assert flat(forward(related, ("-organisation__path", "id"), 2)) == list(
        related.order_by("-organisation__path", "id")
    )
    assert flat(backward(small, ("-small", "id"), 3)) == list(small.order_by("-small", "id"))


def test_rows_of_values_are_paged_too():
    people(5)

    pages = forward(User.objects.values("id", "name"), ("-id",), 2)

    assert [len(rows) for rows in pages] == [2, 2, 1]
    assert pages[0][0].keys() == {"id", "name"}


@pytest.mark.parametrize("count", [1, 3, 300])
def test_one_query_a_page_whatever_its_depth(count, django_assert_num_queries):
    people(count)
    order = ("-opened_at", "-id")

    with django_assert_num_queries(1):
        first = keyset(User.objects.all(), order=order, after=None, size=50)
    deep = first
    for _ in range(4 if count == 300 else 0):
        with django_assert_num_queries(1):
            deep = keyset(User.objects.all(), order=order, after=deep.next, size=50)

    assert len(deep.rows) == min(count, 50)


def test_rows_added_meanwhile_shift_nothing():
    people(6)
    first = keyset(User.objects.all(), order=("-id",), after=None, size=3)
    expected = list(User.objects.order_by("-id"))[3:]

    make_user("late")

    assert list(keyset(User.objects.all(), order=("-id",), after=first.next, size=3).rows) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: cursor[:-1],
        lambda cursor: "x" + cursor,
        lambda cursor: cursor.split(":")[0],
        lambda cursor: "",
        lambda cursor: ":::",
        lambda cursor: "\x00",
        lambda cursor: "✓" * 5000,
    ],
    ids=["cut", "longer", "unsigned", "blank", "colons", "nul", "not ascii"],
)
def test_cursor_that_was_tampered_with_gives_the_first_page(change):
    people(6)
    first = keyset(User.objects.all(), order=("id",), after=None, size=3)

    assert keyset(User.objects.all(), order=("id",), after=change(first.next), size=3) == first


def test_cursor_of_another_list_gives_the_first_page():
    people(6)
    other = keyset(User.objects.all(), order=("-id",), after=None, size=3).next
    first = keyset(User.objects.all(), order=("id",), after=None, size=3)

    assert keyset(User.objects.all(), order=("id",), after=other, size=3) == first


def test_order_must_be_total():
    with pytest.raises(ValueError, match="must be unique"):
        keyset(Organisation.objects.all(), order=("name",), after=None, size=3)


def test_page_keeps_the_other_parameters():
    people(7)

    first = page_of(RequestFactory().get("/list/?name=甲&after="), User.objects.all(), order=("id",), size=3)
    second = page_of(
        RequestFactory().get("/list/" + first.next_url), User.objects.all(), order=("id",), size=3
    )

    assert first.previous_url == ""
    assert first.next_url.startswith("?name=%E7%94%B2&after=")
    assert (second.first_url, len(second.rows)) == ("?name=%E7%94%B2", 3)
    back = page_of(
        RequestFactory().get("/list/" + second.previous_url), User.objects.all(), order=("id",), size=3
    )
    assert list(back.rows) == list(first.rows)


def test_single_page_has_no_addresses():
    people(3)

    page = page_of(RequestFactory().get("/list/"), User.objects.all(), order=("id",), size=3)

    assert (page.next_url, page.previous_url, page.first_url) == ("", "", "")


def test_page_beyond_the_end_leads_back():
    people(4)
    request = RequestFactory().get("/list/")
    first = page_of(request, User.objects.all(), order=("id",), size=3)
    User.objects.filter(username="p003").delete()

    beyond = page_of(
        RequestFactory().get("/list/" + first.next_url), User.objects.all(), order=("id",), size=3
    )

    assert (list(beyond.rows), beyond.first_url) == ([], "/list/")
