"""What the checks find in a case: from what is read, what it takes to hand in, and the chamber's word on it."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from declarations.actions import draft, review
from declarations.demo import stages
from declarations.demo.stages import picture
from declarations.digests import digest_of
from declarations.models import Recognition
from declarations.queries.checks import is_explained, unreasoned_claims
from declarations.queries.dossier import dossier_of
from declarations.queries.surroundings import registered
from declarations.states import ReturnReason, Stance, State, TitleState
from scoring.actions import Entered
from sihao.accounts.refusals import Refused
from tests import worlds
from tests.factories import make_chamber, make_federation, make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

VISITS = {
    "members_2018": "110",
    "members_2019": "120",
    "members_2020": "130",
    "unit_members_2020": "100",
    "individual_members_2020": "30",
    "ent_members_2019": "100",
    "ent_members_2020": "100",
    "visited_2019": "15",
    "visited_2020": "25",
    "contacted_2019": "66",
    "contacted_2020": "69",
    "reachable_2019": "88",
    "reachable_2020": "90",
}
FIFTEEN = "2019年走访会员企业15家，占会员企业100家的15%，不足20%，B2.7不能评满分6分。"
CERTIFICATE = ("X65", "hint")
"""Every invented case of these tests has it: no certificate of its grade is uploaded."""
LEGAL_REP = "法定代表人某人既非会长甲某，也非秘书长乙某，请说明章程依据"
NAMES = {"legal_rep": "某人", "president_name": "甲某", "sg_name": "乙某"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with ExitStack() as stack:
        stack.enter_context(kept(django_db_blocker))
        stack.enter_context(building(tmp_path_factory.mktemp("evidence")))
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world))


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def case(ground):
    return stages.fresh(ground.case)


def president(case):
    return worlds.president_of(case.applicant)


def write(world, case, answers):
    draft.save_answers(case=case, answers=answers, actor=president(case), now=world.tick())


def mark(world, case, code, **cells):
    draft.save_self_marks(case=case, entries={code: Entered(**cells)}, actor=president(case), now=world.tick())


def explain(world, case, **texts):
    given = {key.replace("_", "-"): text for key, text in texts.items()}
    return draft.save_explanations(case=case, texts=given, actor=president(case), now=world.tick())


def refusals(world, case):
    """Hand in and return what was said against it; nothing when it went."""
    try:
        draft.submit(case=stages.fresh(case), actor=president(case), now=world.tick())
    except Refused as refused:
        return [str(refusal) for refusal in refused.refusals]
    return []


def severities(case):
    found = [(one.id, one.severity) for one in dossier_of(stages.fresh(case)).findings]
    return [one for one in found if one != CERTIFICATE]


# ---- each weight


def test_full_marks_for_visits_below_a_fifth_are_refused_with_both_fields_named(world, case):
    write(world, case, VISITS)
    mark(world, case, "B2.7", points="6", reason="另有电话走访。")

    assert refusals(world, case) == [
        f"{FIFTEEN}请核对：2019年实地走访会员企业数（去重）、2019年底会员企业数、B2.7每年实地走访20%以上的会员企业。（二（二）2）"
    ]

    write(world, case, {"visited_2019": "20"})

    assert refusals(world, case) == []


def test_a_mark_above_the_facts_needs_a_reason_and_words_are_none(world, case):
    write(world, case, VISITS | {"visited_2019": "20"})
    write(world, case, {"visited_2020": "15"})
    mark(world, case, "B2.7", points="5", words="说明。")

    said = refusals(world, case)
    assert [one.partition("（")[0] for one in said] == [
        "B2.7每年实地走访20%以上的会员企业：自评5分，高于按申报数据算出的4分"
    ]

    mark(world, case, "B2.7", reason="年末集中走访尚未录入。")

    assert refusals(world, case) == []


def test_a_mark_above_the_facts_in_a_row_that_people_judge_too_needs_a_reason(world, case):
    write(world, case, {"study_2019": "1", "study_2020": "1"})
    dossier = dossier_of(stages.fresh(case))
    name = dossier.programme.rubric.item("A1.1").name
    assert unreasoned_claims(dossier, dossier.findings) == ["A1.1"]

    assert refusals(world, case) == [
        f"自评得分高于申报数据所支持得分的指标须写明理由：A1.1{name}。（五（二）3）"
    ]

    mark(world, case, "A1.1", reason="另有专题学习四次，见佐证材料。")

    assert refusals(world, case) == []


def test_what_is_to_be_explained_is_refused_until_it_is_explained(world, case):
    write(world, case, NAMES)

    assert severities(case) == [("X27", "explain")]
    assert refusals(world, case) == [f"{LEGAL_REP}。须写明情况后才能提交。（二（四）1）"]

    assert explain(world, case, X27="章程规定由常务副会长担任。") == 1
    assert explain(world, case, X27="章程规定由常务副会长担任。") == 0
    assert refusals(world, case) == []


def test_an_explanation_belongs_to_the_figures_it_was_given_on(world, case):
    write(world, case, NAMES)
    explain(world, case, X27="章程规定由常务副会长担任。")
    write(world, case, {"president_name": "丙某"})
    dossier = dossier_of(stages.fresh(case))

    found = next(one for one in dossier.findings if one.id == "X27")
    assert not is_explained(found, dossier.explanations["X27"])
    assert len(refusals(world, case)) == 1

    explain(world, case, X27="章程规定由常务副会长担任。")

    assert refusals(world, case) == []


def test_in_a_return_a_word_that_stands_is_shut_unless_what_it_is_on_is_named(world, case):
    write(world, case, NAMES)
    explain(world, case, X27="章程规定由常务副会长担任。")
    draft.submit(case=stages.fresh(case), actor=president(case), now=world.tick())
    case = stages.fresh(case)
    officer, asked = world.officer(case.holder), {"reason": ReturnReason.UNCLEAR, "text": "请写明。"}

    review.return_for_correction(
        case=case, items=[review.Mend("A1.2", "A1.2", **asked)], actor=officer, now=world.tick()
    )
    assert (explain(world, case, X27="另一说明。"), explain(world, case, X27="")) == (0, 0)
    assert case.explanations.get().text == "章程规定由常务副会长担任。"
    draft.answer_return(case=case, answers={"A1.2": "已写明。"}, actor=president(case), now=world.tick())
    draft.resubmit(case=stages.fresh(case), actor=president(case), now=world.tick())

    review.return_for_correction(
        case=case, items=[review.Mend("president_name", "会长", **asked)], actor=officer, now=world.tick()
    )
    assert explain(world, case, X27="另一说明。") == 1


def test_a_blank_word_takes_it_back_and_words_on_nothing_are_not_kept(world, case):
    write(world, case, NAMES)
    explain(world, case, X27="说明。", X49_1="没有这一项。", X99="没有这一项。")
    assert list(case.explanations.values_list("finding", "sentence", "text")) == [("X27", LEGAL_REP, "说明。")]

    explain(world, case, X27="  ")

    assert case.explanations.count() == 0


def test_two_findings_of_one_check_are_explained_apart(world, case):
    write(world, case, {"members_2018": "150", "members_2019": "140"})
    members = int(dossier_of(case).facts_typed["members_2020"])
    write(world, case, {"members_2018": str(members + 20), "members_2019": str(members + 10)})
    keys = [one.key for one in dossier_of(stages.fresh(case)).findings if one.id == "X49"]

    assert keys == ["X49-1", "X49-2"]
    assert explain(world, case, X49_1="停业退会。") == 1
    assert [one for one in refusals(world, case) if "会员数由" in one] == [
        f"会员数由2019年底{members + 10}个减至填报日{members}个。须写明情况后才能提交。（二（二）2）"
    ]


def test_a_hint_never_blocks(world, case):
    name = dossier_of(case).facts_typed["legal_rep"]
    write(world, case, {"contact_name": name})

    assert severities(case) == [("X28", "hint")]
    assert refusals(world, case) == []


def test_words_are_frozen_with_the_revision(world, case):
    write(world, case, NAMES)
    explain(world, case, X27="章程规定由常务副会长担任。")
    assert refusals(world, case) == []

    revision = case.revisions.get()

    assert revision.content["explanations"] == [
        {"finding": "X27", "sentence": LEGAL_REP, "text": "章程规定由常务副会长担任。"}
    ]
    assert revision.digest == digest_of(revision.content)
    with pytest.raises(Refused, match="申报已提交"):
        explain(world, case, X27="另一种说法。")


# ---- what surrounds a case


def test_the_same_code_in_another_declaration_of_the_cycle_blocks(world, case):
    other = worlds.make_draft(world)
    write(world, other, {"uscc": dossier_of(case).facts_typed["uscc"]})

    assert "X05" not in [one.id for one in dossier_of(stages.fresh(other)).near_findings]
    assert severities(other) == [("X05", "block")]
    assert severities(case) == [("X05", "block")]

    draft.withdraw(case=other, actor=president(other), now=world.tick(), reason="误报。")
    assert severities(case) == []


def test_a_file_that_another_chamber_handed_in_is_pointed_out(world, case):
    other = worlds.make_draft(world)
    for one in (case, other):
        file = picture("同一张")
        draft.attach(case=one, row="A2.1", file=file, name="甲.png", actor=president(one), now=world.tick())
    assert severities(case) == []

    draft.submit(case=stages.fresh(other), actor=president(other), now=world.tick())

    assert severities(case) == [("X18", "hint")]


def test_a_revoked_title_bars_and_the_last_published_cycle_answers(world, case):
    known = dossier_of(case).around
    assert (known.barred, known.recognised_before) == (False, None)

    earlier = worlds.make_draft(world, filled=False)
    type(earlier).objects.filter(pk=earlier.pk).update(applicant=case.applicant, state=State.WITHDRAWN, holder=None)
    Recognition.objects.create(
        declaration=earlier, cycle=earlier.cycle, serial=1, number="S-1", name="某商会", unit_name="某省",
        unit_code="410000", state=TitleState.REVOKED, recognised_at=world.tick(), revoked_at=world.tick(),
    )

    assert dossier_of(stages.fresh(case)).around.barred is True
    assert severities(case) == [("X21", "block")]


@pytest.mark.parametrize(
    ("code", "internal", "found"),
    [
        ("411122", False, {"divisions": ("411122",), "province": "410000", "level": "县级"}),
        ("411100", False, {"divisions": ("411100",), "province": "410000", "level": "市级"}),
        ("100000", False, {"divisions": (), "province": "100000", "level": "全国"}),
        ("411121", True, {"divisions": (), "province": "", "level": "县级"}),
    ],
)
def test_the_register_says_where_a_chamber_belongs(world, code, internal, found):
    home = make_federation(code)
    home.internal = internal
    chamber = make_chamber(home, name="某某商会")
    case = draft.start(
        cycle=world.cycle, applicant=chamber, actor=worlds.president_of(chamber), now=world.tick()
    )
    case.home = home

    assert registered(case) == {**found, "register_name": "某某商会"}


# ---- taking the draft back


def handed_in(world, case):
    draft.submit(case=case, actor=president(case), now=world.tick())
    return stages.fresh(case)


def recall(world, case):
    try:
        draft.recall(case=case, actor=president(case), now=world.tick())
    except Refused as refused:
        return [str(refusal) for refusal in refused.refusals]
    return []


def test_a_draft_is_taken_back_changed_and_handed_in_again(world, case):
    case = handed_in(world, case)
    first = case.receipt

    assert recall(world, case) == []

    case = stages.fresh(case)
    assert (case.state, case.holder_id, case.submitted_at) == (State.DRAFT, case.applicant_id, None)
    mark(world, case, "A1.3", words="改过的说明。")
    case = handed_in(world, case)
    assert (first, case.receipt) == (f"{case.number}-01", f"{case.number}-02")
    assert [one.transition for one in case.revisions.order_by("number")] == ["submit", "submit"]
    assert case.revisions.get(number=2).content != case.revisions.get(number=1).content


BEGUN = "工商联已开始审核，不能撤回修改。确需修改的，请与办理单位联系，由其退回修改。（五（二）1）"


def test_it_is_not_taken_back_once_an_opinion_is_written_or_a_mark_is_given(world, case):
    case = handed_in(world, case)
    officer = world.officer(case.holder)
    review.save_opinion(
        case=case, text="同意。", stance=Stance.AGREE, authentic=True, actor=officer, now=world.tick()
    )
    assert recall(world, stages.fresh(case)) == [BEGUN]

    case.endorsements.all().delete()
    entry = {"A1.1": Entered(points="1", reason="不足。")}
    review.save_tier_marks(case=case, entries=entry, actor=officer, now=world.tick())
    assert recall(world, stages.fresh(case)) == [BEGUN]


def test_only_the_president_takes_it_back_and_not_when_it_could_not_be_handed_in_again(world, case):
    case = handed_in(world, case)
    filler = make_seat("chamber_filler", case.applicant)
    with pytest.raises(Refused, match="您的席位无权办理这一步。"):
        draft.recall(case=case, actor=filler, now=world.tick())

    world.clock.at = case.cycle.submission_closes - 2 * stages.MINUTE
    late = "申报已于2020年10月12日24:00截止，撤回后不能重新提交，因此不能撤回修改。（五（二）1）"
    assert recall(world, case) == [late]

    world.clock.at = case.cycle.submission_closes - timedelta(seconds=1) - 2 * stages.MINUTE
    assert recall(world, case) == []
