"""Places: taken one by one, given back, never one too many."""

import pytest

from declarations.actions import draft, review
from declarations.actions.quota import set_quota
from declarations.demo import stages
from declarations.models import Declaration, Quota
from declarations.states import State
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.kept import Ground, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        world = worlds.make_world()
        yield Ground(world, worlds.make_shortlisted(world, HENAN))


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def case(ground):
    return stages.fresh(ground.case)


def refused(action, **keywords):
    with pytest.raises(Refused) as caught:
        action(**keywords)
    return [str(refusal) for refusal in caught.value.refusals]


def places(world, number):
    unit = worlds.make_federation(HENAN)
    return set_quota(cycle=world.cycle, unit=unit, places=number, actor=world.seats["head"], now=world.tick())


def used(world):
    return Quota.objects.get(cycle=world.cycle, organisation__code=HENAN).used


def ranks(world, *, reserve=False):
    cases = Declaration.objects.filter(unit__code=HENAN, is_reserve=reserve, rank__isnull=False)
    return dict(cases.order_by("rank").values_list("rank", "pk"))


def test_a_full_quota_is_refused_and_the_case_may_be_a_reserve(world, case):
    places(world, 1)
    first, second = case, worlds.make_at_unit(world, HENAN)
    leader = world.leader(second.unit)

    told = refused(review.shortlist, case=second, actor=leader, now=world.tick())
    review.reserve(case=second, actor=leader, now=world.tick())

    assert told == ["推荐名额已满（1/1），可列为备选。（四）"]
    assert used(world) == 1
    assert (ranks(world), ranks(world, reserve=True)) == ({1: first.pk}, {1: second.pk})


def test_the_last_place_is_given_and_one_more_is_not(world):
    places(world, 2)

    last = worlds.make_shortlisted(world, HENAN)
    third = worlds.make_at_unit(world, HENAN)

    assert (last.state, last.rank, used(world)) == (State.SHORTLISTED, 2, 2)
    told = refused(review.shortlist, case=third, actor=world.leader(third.unit), now=world.tick())
    assert told == ["推荐名额已满（2/2），可列为备选。（四）"]


def test_a_unit_without_places_is_refused(world):
    case = worlds.make_at_unit(world, HENAN)
    Quota.objects.filter(organisation=case.unit).delete()

    told = refused(review.shortlist, case=case, actor=world.leader(case.unit), now=world.tick())

    assert told == ["本周期尚未给本单位分配推荐名额。（四）"]


def test_withdrawing_frees_the_place_and_closes_the_gap(world, case):
    cases = [case, *(worlds.make_shortlisted(world, HENAN) for _ in range(2))]
    president = worlds.president_of(cases[1].applicant)

    draft.withdraw(case=cases[1], actor=president, now=world.tick(), reason="换届，本次不再申报。")

    gone = Declaration.objects.get(pk=cases[1].pk)
    assert (gone.state, gone.rank, gone.batch, gone.holder) == (State.WITHDRAWN, None, None, None)
    assert ranks(world) == {1: cases[0].pk, 2: cases[2].pk}
    assert used(world) == 2


def test_a_reserve_that_leaves_gives_no_place_back(world):
    places(world, 1)
    spare = worlds.make_at_unit(world, HENAN)
    review.reserve(case=spare, actor=world.leader(spare.unit), now=world.tick())

    review.unshortlist(case=spare, reason="材料补正后再议。", actor=world.leader(spare.unit), now=world.tick())

    assert used(world) == 1
    assert ranks(world, reserve=True) == {}


def test_places_cannot_fall_below_what_is_used(world):
    worlds.make_shortlisted(world, HENAN)

    unit = worlds.make_federation(HENAN)
    keywords = {"cycle": world.cycle, "unit": unit, "actor": world.seats["head"], "now": world.tick()}

    assert refused(set_quota, places=1, **keywords) == ["410000工商业联合会已用2个名额，不能改为1个。（四）"]
    assert set_quota(places=2, **keywords).places == 2
