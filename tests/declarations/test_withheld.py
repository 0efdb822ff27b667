"""Before the results are released nobody outside the national tier can tell the four outcomes apart."""

import pytest

from declarations.actions import verdicts
from declarations.actions.publication import publish_list, release_results
from declarations.demo import stages
from declarations.queries.acts import listed_rows
from declarations.queries.cases import case_list
from declarations.queries.desk import desk_of
from declarations.states import State
from scoring.actions import Entered
from tests import worlds
from tests.kept import as_it_stands, building, kept
from tests.panels import plant

pytestmark = pytest.mark.django_db


def ruled_out(world, case):
    """Let the group agree on a veto at 0 with its evidence, and sign."""
    head = world.seats["group-head"]
    stages.sign_marks(world, case, {"D1.1": Entered(points=0, reason="登记证书已注销。")})
    verdicts.sign_verdict(case=case, actor=head, now=world.tick())
    return stages.fresh(case)


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """Two cases of one province: one proposed, one not eligible."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            panel = plant(world, cases=2, experts=3, readers=2, noise=0)
            verdicts.sign_verdict(case=panel.cases[0], actor=world.seats["group-head"], now=world.tick())
            both = panel.cases[0], ruled_out(world, panel.cases[1])
        yield world, both


@pytest.fixture
def world(begun):
    return as_it_stands(begun[0])


@pytest.fixture
def both(begun):
    return [stages.fresh(case) for case in begun[1]]


def seen(world, seat):
    """Return what a list and a desk print of each case, its name and number aside."""
    rows = listed_rows(seat, case_list(seat).order_by("id"))
    desk = desk_of(seat, world.cycle, world.tick())
    tasks = [(task.state, task.since, task.due, task.verb) for task in desk.elsewhere]
    return [(row.words, row.kind, row.withheld) for row in rows], tasks


def test_the_province_and_the_chamber_read_one_word(world, both):
    assert [case.state for case in both] == [State.PROPOSED, State.NOT_ELIGIBLE]
    leader = world.leader(both[0].unit)

    rows, tasks = seen(world, leader)

    assert rows == [("评审中", "info", True)] * 2
    assert tasks == [("评审中", None, None, "查看")] * 2
    for case in both:
        told, _ = seen(world, worlds.president_of(case.applicant))
        assert told == [("评审中", "info", True)]


def test_the_pages_of_both_print_no_holder(client, world, both):
    leader = world.leader(both[0].unit)
    client.force_login(leader.user)

    for case in both:
        page = client.get(f"/work/cases/{case.pk}/").content.decode()
        assert "评审中" in page
        assert "现由" not in page
        assert f">{State(case.state).label}<" not in page


def test_the_department_and_after_the_release_everybody_tell_them_apart(world, both):
    leader, head = world.leader(both[0].unit), world.seats["head"]

    assert [words for words, _, _ in seen(world, head)[0]] == ["拟认定", "不能参与认定"]
    stages.decide(world)
    publish_list(cycle=world.cycle, actor=head, now=world.tick())
    release_results(cycle=world.cycle, actor=head, now=world.tick())

    rows, tasks = seen(world, leader)
    assert [words for words, _, _ in rows] == ["已认定", "不能参与认定"]
    assert tasks == []
