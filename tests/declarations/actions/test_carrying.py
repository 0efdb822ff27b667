"""The next cycle: what is taken over from the last, what is not, and how each answer is confirmed."""

import shutil

import pytest
from django.conf import settings as django_settings

from declarations.actions import draft
from declarations.demo import stages
from declarations.demo.stages import DemoClock
from declarations.queries.drafting import readiness_of
from declarations.queries.facts import dossier_of
from declarations.states import State
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

REGISTER = {"name", "uscc", "region_code"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one case that was handed in."""
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker):
        with building(folder):
            world = worlds.make_world()
            case = worlds.make_submitted(world)
        yield Ground(world, case), folder


@pytest.fixture
def world(ground, storage_root):
    shutil.copytree(ground[1], storage_root)
    return ground[0].afresh()


@pytest.fixture
def last(ground):
    return stages.fresh(ground[0].case)


@pytest.fixture
def anew(world, last, tmp_path):
    """Return a function that opens the next cycle and starts the chamber's case in it."""

    def start(programme=""):
        world.cycle = worlds.make_next_cycle(tmp_path, programme)
        world.clock = DemoClock(worlds.NEXT)
        actor = worlds.president_of(last.applicant)
        return stages.fresh(
            draft.start(cycle=world.cycle, applicant=last.applicant, actor=actor, now=world.tick())
        )

    return start


def programme_text():
    file = django_settings.BASE_DIR / "fixtures" / "programmes" / "sihao-2019-2020.toml"
    return file.read_text(encoding="utf-8")


def values(case):
    return dict(case.answers.values_list("field", "value"))


def carried(case):
    return set(case.answers.filter(carried=True).values_list("field", flat=True))


def president(case):
    return worlds.president_of(case.applicant)


def save(world, case, **answers):
    draft.save_answers(case=case, answers=answers, actor=president(case), now=world.tick())


def confirm(world, case, *fields):
    return draft.confirm_carried(case=case, fields=fields, actor=president(case), now=world.tick())


def refusals(world, case):
    with pytest.raises(Refused) as caught:
        draft.submit(case=case, actor=president(case), now=world.tick())
    return {refusal.code: str(refusal) for refusal in caught.value.refusals}


# ---- what is taken over


def test_the_next_cycle_opens_with_the_last_answers_unconfirmed(last, anew):
    case = anew()

    old = {name: value for name, value in values(last).items() if value not in (None, "", [])}
    assert values(case) == {name: value for name, value in old.items() if name != "commitment"}
    assert carried(case) == values(case).keys() - REGISTER
    assert len(carried(case)) > 100
    assert case.answer_versions.count() == case.answers.count()


def test_the_first_cycle_of_a_chamber_takes_nothing_over(world):
    case = worlds.make_draft(world, filled=False)

    assert (values(case).keys() <= REGISTER, carried(case)) == (True, set())


def test_what_was_never_handed_in_is_not_taken_over(world, anew, last):
    other = worlds.make_draft(world, filled=True)
    anew()

    case = draft.start(
        cycle=world.cycle, applicant=other.applicant, actor=president(other), now=world.tick()
    )

    assert carried(case) == set()


def test_the_frozen_revision_counts_and_not_what_was_written_after_it(world, last, anew):
    last.answers.filter(field="contact_name").update(value="后来的人")

    assert values(anew())["contact_name"] == last.revisions.get().content["answers"]["contact_name"]


def test_the_latest_of_several_revisions_counts(world, last, anew):
    frozen = last.revisions.get()
    content = frozen.content | {"answers": frozen.content["answers"] | {"contact_name": "新联系人"}}
    last.revisions.create(
        number=2, transition="resubmit", content=content, digest="0" * 64, frozen_at=world.tick()
    )
    last.revisions.create(
        number=3, transition="recommend", content=frozen.content, digest="1" * 64, frozen_at=world.tick()
    )

    assert values(anew())["contact_name"] == "新联系人"


def test_what_the_register_says_wins_over_the_old_answer(last, anew):
    last.applicant.name = "改名后的商会"
    last.applicant.save(update_fields=["name"])

    case = anew()

    assert values(case)["name"] == "改名后的商会"
    assert "name" not in carried(case)


def test_a_field_of_another_kind_or_gone_is_not_taken_over(anew):
    text = programme_text()
    spec = text[text.index('id = "legal_rep"\n') :].partition("\n\n")[0]
    changed = text.replace(spec, spec.replace('type = "text"', 'type = "long_text"'))
    changed = changed.replace("contact_name", "contact_person")

    case = anew(changed)

    assert not values(case).keys() & {"legal_rep", "contact_name", "contact_person"}
    assert "contact_mobile" in carried(case)


def test_an_answer_that_is_none_under_the_new_programme_is_not_taken_over(last, anew):
    frozen = last.revisions.get()
    frozen.content["answers"] |= {"members_2020": "很多", "reg_date": "2020-02-30", "contact_name": "  "}
    frozen.save()

    case = anew()

    assert not values(case).keys() & {"members_2020", "reg_date", "contact_name"}
    assert not case.answers.exclude(problem="").exists()


def test_the_self_assessment_and_the_evidence_begin_anew(anew):
    case = anew()

    dossier = dossier_of(case)
    assert (dossier.evidence, [sheet.marks for sheet in dossier.book.sheets]) == ((), [{}])


def test_a_second_case_in_the_same_cycle_takes_nothing_over_from_the_first(world, last):
    draft.withdraw(case=last, actor=president(last), now=world.tick(), reason="填错")

    case = draft.start(cycle=world.cycle, applicant=last.applicant, actor=president(last), now=world.tick())

    assert carried(case) == set()


# ---- confirming


def test_each_untouched_answer_stands_against_handing_in(world, anew):
    case = anew()
    count = len(carried(case))

    said = refusals(world, case)["carried_unconfirmed"]

    assert said == f"上期沿用，未确认{count}项。请逐项核对，确认无误或者改正。（五（二）3）"


def test_the_check_page_leads_to_each_of_them(world, anew):
    case = anew()
    confirm(world, case, *(carried(case) - {"contact_name", "members_2020"}))

    readiness = readiness_of(president(case), dossier_of(case), world.tick())

    blocker = next(one for one in readiness.blockers if one.refusal.code == "carried_unconfirmed")
    assert blocker.title == "上期沿用，未确认"
    places = [link.url.rpartition("#")[2] for link in blocker.links]
    assert places == ["field-contact_name-field", "field-members_2020-field"]


def test_confirming_and_changing_both_settle_an_answer(world, anew):
    case = anew()
    count = len(carried(case))

    assert confirm(world, case, "contact_name") == count - 1
    save(world, case, members_2020="321")

    assert carried(case) == set(carried(case)) - {"contact_name", "members_2020"}
    assert len(carried(case)) == count - 2
    confirmed = case.answers.get(field="contact_name")
    assert (confirmed.version, confirmed.set_by) == (1, president(case))


def test_a_full_save_that_changes_nothing_confirms_nothing(world, anew):
    case = anew()
    before = carried(case)

    save(world, case, **values(case))

    assert carried(case) == before


def test_emptying_an_answer_settles_it_and_the_field_is_missing_instead(world, anew):
    case = anew()

    save(world, case, contact_name="")

    assert "contact_name" not in carried(case)


def test_an_answer_typed_back_stays_settled(world, anew):
    case = anew()
    old = values(case)["contact_name"]

    save(world, case, contact_name="某人")
    save(world, case, contact_name=old)

    assert "contact_name" not in carried(case)


def test_unknown_fields_and_those_not_carried_are_passed_over(world, anew):
    case = anew()
    count = len(carried(case))

    assert confirm(world, case, "nonsense", "name", "\x00") == count


def test_strangers_and_a_case_handed_in_are_refused(world, last):
    with pytest.raises(Refused) as caught:
        confirm(world, last, "contact_name")

    assert [refusal.code for refusal in caught.value.refusals] == ["not_editable"]


def test_with_all_confirmed_the_case_goes_its_way(world, anew):
    case = anew()

    assert confirm(world, case, *carried(case)) == 0

    assert "carried_unconfirmed" not in refusals(world, case)
    assert stages.fresh(case).state == State.DRAFT


def test_the_fields_may_be_read_with_the_programme_of_the_case(world, anew):
    case = anew()

    def everything(programme):
        return [spec.id for spec in programme.fields]

    key, now = draft.CaseKey(case.pk), world.tick()
    assert draft.confirm_carried(case=key, fields=everything, actor=president(case), now=now) == 0
