"""What evidence proves, how its date stands to the period, and who else uses the same file."""

from datetime import date

import pytest

from declarations.demo import stages
from declarations.models import Attachment, Declaration
from declarations.queries.dossier import dossier_of
from declarations.queries.proofs import outside_period, proof_label, proved_parts, used_elsewhere
from declarations.states import State
from scoring.queries import programme_of
from tests import worlds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
SHARED = "f" * 64


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    """Two cases of one county, one of its neighbour, one before its province: all handed in; and a draft."""
    with kept(django_db_blocker):
        world = worlds.make_world()
        homes = (worlds.COUNTY, worlds.COUNTY, worlds.NEIGHBOUR, worlds.PROVINCE)
        cases = [case for number, home in enumerate(homes) for case in proven(world, f"商会{number}", home=home)]
        [draft] = proven(world, "草稿商会", state=State.DRAFT)
        Declaration.objects.filter(pk=draft.pk).update(submitted_at=None)
        yield world, [*cases, draft]


def proven(world, *names, home=worlds.COUNTY, state=State.LOCAL_REVIEW):
    """Write cases with a piece of evidence each: how one comes to be is no matter here."""
    node = make_federation(home)
    cases = declare(world.cycle, names, home=node, state=state)
    piece = {"row": "A1.1", "name": "示例佐证A1.1.png", "kind": "png", "size": 1}
    piece |= {"added_by": world.officer(node), "added_at": worlds.NOW}
    Attachment.objects.bulk_create(Attachment(declaration=one, digest=f"{one.pk:064}", **piece) for one in cases)
    return cases


@pytest.fixture
def world(ground, db):
    return as_it_stands(ground[0])


@pytest.fixture
def cases(ground):
    return [stages.fresh(case) for case in ground[1]]


def share(*cases):
    """Let the first piece of each case be the same file."""
    firsts = [case.attachments.order_by("pk").first().pk for case in cases]
    Attachment.objects.filter(pk__in=firsts).update(digest=SHARED)


def told(seat, case):
    found = used_elsewhere(seat, dossier_of(case))
    return found[SHARED].sentence if found else ""


def test_a_tier_reads_the_names_of_cases_it_may_see_and_the_number_of_others(world, cases):
    share(*cases)
    one, two, neighbour, province, _ = cases
    seen = f"同一文件还用于：商会1（{two.number}）A1.1"

    def officer(code):
        return world.officer(make_federation(code))

    assert told(officer(worlds.COUNTY), one) == f"{seen}；另有2件其他申报使用了同一文件"
    assert told(officer(worlds.CITY), one) == (
        f"{seen}、商会2（{neighbour.number}）A1.1；另有1件其他申报使用了同一文件"
    )
    assert told(officer(worlds.PROVINCE), one) == (
        f"{seen}、商会2（{neighbour.number}）A1.1、商会3（{province.number}）A1.1"
    )
    assert told(world.seats["department"], province) == (
        f"同一文件还用于：商会0（{one.number}）A1.1、商会1（{two.number}）A1.1、商会2（{neighbour.number}）A1.1"
    )
    assert told(officer(worlds.NEIGHBOUR), neighbour) == "另有3件其他申报使用了同一文件"


def test_a_draft_and_a_removed_piece_are_not_told(world, cases):
    one, two, *_, draft = cases
    share(one, two, draft)
    Attachment.objects.filter(declaration=two, digest=SHARED).update(removed_at=world.tick())

    assert told(world.officer(make_federation(worlds.COUNTY)), one) == ""


def test_a_case_is_counted_once_however_often_it_uses_the_file(world, cases):
    share(*cases[:2])
    piece = cases[1].attachments.get(digest=SHARED)
    piece.pk, piece.row = None, "members_2020"
    piece.save()

    assert told(world.officer(make_federation(worlds.COUNTY)), cases[0]) == (
        f"同一文件还用于：商会1（{cases[1].number}）A1.1"
    )
    assert told(world.officer(make_federation(worlds.NEIGHBOUR)), cases[0]) == "另有1件其他申报使用了同一文件"


def test_of_many_cases_the_first_five_are_named_and_all_counted(world, cases, django_assert_num_queries):
    more = proven(world, *(f"又一商会{number}" for number in range(5)))
    share(*cases, *more)
    seat, dossier = world.seats["department"], dossier_of(cases[0])
    dossier.evidence, dossier.programme  # noqa: B018 read before the counting

    with django_assert_num_queries(1):
        found = used_elsewhere(seat, dossier)[SHARED]

    assert [use.name for use in found.uses] == ["商会1", "商会2", "商会3", "又一商会0", "又一商会1"]
    assert (found.seen, found.unseen) == (8, 0)
    assert found.sentence.endswith("A1.1等8件")
    assert told(world.officer(make_federation(worlds.NEIGHBOUR)), cases[0]) == (
        f"同一文件还用于：商会2（{cases[2].number}）A1.1；另有7件其他申报使用了同一文件"
    )


@pytest.mark.parametrize(
    ("dated", "inside"),
    [
        (None, True),
        (date(2018, 12, 31), False),
        (date(2019, 1, 1), True),
        (date(2020, 10, 15), True),
        (date(2020, 10, 16), False),
    ],
)
def test_a_date_outside_the_period_is_told(cases, dated, inside):
    programme = programme_of(cases[0].cycle.programme)

    assert outside_period(programme, dated) == ("" if inside else "不在评价期内（2019年1月1日至2020年10月15日）")


def test_a_row_is_called_by_its_code_and_a_field_by_its_label(cases):
    programme = programme_of(cases[0].cycle.programme)

    assert [proof_label(programme, code) for code in ("A1.1", "members_2020", "gone")] == [
        "A1.1",
        "“填报日会员数”",
        "gone",
    ]


def test_evidence_is_listed_by_section_and_row_and_that_of_fields_last(cases):
    piece = cases[0].attachments.order_by("pk").first()
    for row in ("members_2020", "B1.1"):
        piece.pk, piece.row = None, row
        piece.save()

    parts = proved_parts(dossier_of(cases[0]))

    assert [(part.title, [(row.code, row.is_field) for row in part.rows]) for part in parts] == [
        ("政治引领好", [("A1.1", False)]),
        ("队伍建设好", [("B1.1", False)]),
        ("申报表", [("members_2020", True)]),
    ]
