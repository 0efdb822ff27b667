"""What the chamber's pages are told: groups, rows, and the very reasons of the guards."""

from datetime import timedelta

import pytest

from declarations.actions import draft, review
from declarations.demo import stages
from declarations.guards import plain
from declarations.queries import drafting as pages
from declarations.queries.facts import dossier_of, facts_of
from declarations.queries.proofs import file_size
from declarations.states import ReturnReason
from declarations.workflow import WORKFLOWS
from scoring.actions import Entered
from scoring.engine import figure
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with one filled draft and one that was only begun."""
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_draft(world)), worlds.make_draft(world, filled=False)


@pytest.fixture
def world(ground):
    return ground[0].afresh()


@pytest.fixture
def case(ground):
    return stages.fresh(ground[0].case)


@pytest.fixture
def empty(ground):
    return stages.fresh(ground[1])


@pytest.fixture
def submitted(world, case):
    draft.submit(case=case, actor=author(case), now=world.tick())
    return stages.fresh(case)


def author(case):
    return worlds.president_of(case.applicant)


def dossier(case):
    return dossier_of(stages.fresh(case))


def readiness(case, now, seat=None):
    return pages.readiness_of(seat or author(case), dossier(case), now)


def test_an_empty_draft_is_told_everything_that_is_missing(world, empty):
    now = world.tick()
    told = readiness(empty, now)
    facts = facts_of(dossier(empty), now)

    assert [(blocker.title, len(blocker.links)) for blocker in told.blockers] == [
        ("申报表未填", len(facts.missing_fields)),
        ("未打分", 90),
        ("承诺", 1),
        ("认定条件", len(told.blockers[3].links)),
    ]
    assert [link.label for link in told.blockers[0].links] == list(facts.missing_fields)
    assert facts.missing_fields[0] == "一（3）商会类型"
    assert [link.label.replace(" ", "", 1) for link in told.blockers[1].links] == list(facts.unmarked_rows)
    assert told.blockers[2].links == (
        pages.Link("真实性承诺", f"/work/cases/{empty.pk}/form/#field-commitment"),
    )
    assert told.passed == (
        "已开始申报",
        "未到截止时间",
        "填写无误",
        "佐证或说明齐全",
        "高于申报数据的已写明理由",
        "逻辑校验未见阻断事项",
        "须说明的事项已说明",
    )


def test_a_finished_draft_may_be_handed_in_by_the_president_alone(world, case):
    filler = make_seat(Role.CHAMBER_FILLER, case.applicant)

    told, to_filler = readiness(case, world.tick()), readiness(case, world.tick(), filler)

    assert (told.blockers, told.count, to_filler.blockers) == ((), 0, ())
    assert (told.act.label, told.act.url) == ("提交申报", f"/work/cases/{case.pk}/step/submit/")
    assert to_filler.act is None


def test_faults_and_unproven_rows_lead_to_their_places(world, case):
    act = {"case": case, "actor": author(case), "now": world.tick()}
    draft.save_answers(answers={"uscc": "51000", "members_2020": "很多"}, **act)
    draft.save_self_marks(entries={"B1.1": Entered(words=" "), "A1.1": Entered(words="")}, **act)

    told = readiness(case, world.tick())

    assert [(blocker.title, [link.label for link in blocker.links]) for blocker in told.blockers] == [
        (
            "填写错误",
            [
                "一（2）统一社会信用代码应为18位，现为5位",
                "五（3）填报日会员数：“很多”不是数字，请只填数字，不带单位，如12",
            ],
        ),
        ("缺佐证", [f"B1.1 {dossier(case).programme.rubric.item('B1.1').name}"]),
    ]
    assert told.blockers[1].links[0].url == f"/work/cases/{case.pk}/self-assessment/#row-B1.1"


def test_a_failing_self_assessment_is_told_what_would_change_it(world, case):
    draft.save_self_marks(case=case, entries={"A1.1": Entered("0")}, actor=author(case), now=world.tick())

    (blocker,) = readiness(case, world.tick()).blockers

    assert (blocker.title, blocker.refusal.code) == ("认定条件", "self_verdict_fails")
    assert [link.label for link in blocker.links] == ["否决项A1.1须高于0分。"]
    assert [one.sentence for one in pages.live_verdict(dossier(case)).remedies] == ["否决项A1.1须高于0分。"]


def test_the_deadline_blocks_to_the_second(world, case):
    closes = case.cycle.submission_closes

    assert readiness(case, closes - timedelta(seconds=1)).blockers == ()
    (blocker,) = readiness(case, closes).blockers
    assert (blocker.title, blocker.refusal.code, blocker.links) == ("申报时间", "deadline_passed", ())


def test_every_guard_of_handing_in_is_told():
    steps = [table.transition(name) for table in WORKFLOWS.values() for name in pages.HANDING_IN]

    guards = {plain(guard) for step in steps for guard in step.guards}

    assert guards == set(pages.CHECKS)


def test_nothing_is_ready_after_handing_in(world, submitted):
    case = submitted

    assert readiness(case, world.tick()) is None


def test_progress_counts_required_fields_that_hold_an_answer(world, case):
    typed = {"uscc": "51000", "legal_rep": "", "commitment": "false"}
    draft.save_answers(case=case, answers=typed, actor=author(case), now=world.tick())

    groups = {group.title: (group.done, group.total) for group in pages.form_groups(dossier(case), world.tick())}

    assert (groups["基本情况"], groups["真实性承诺"], groups["加分"]) == ((17, 19), (0, 1), (0, 0))


def test_saved_times_are_told_on_the_same_day_only(world, empty):
    draft.save_answers(case=empty, answers={"legal_rep": "甲"}, actor=author(empty), now=world.tick())
    saved = world.clock.at

    def told(now):
        fields = (one for group in pages.form_groups(dossier(empty), now) for one in group.fields)
        return next(one.saved_at for one in fields if one.name == "legal_rep")

    assert told(saved) == f"已保存 {saved:%H:%M}"
    assert told(saved + timedelta(days=1)) == ""


def test_rows_tell_proposal_own_mark_and_what_is_wrong(world, case):
    entries = {"A1.1": Entered("9"), "A1.2": Entered("99"), "A1.4": Entered("")}
    draft.save_self_marks(case=case, entries=entries, actor=author(case), now=world.tick())

    section = pages.self_sections(dossier(case))[0]
    rows = {row.item.id: row for row in section.rows}

    assert (rows["A1.1"].flag, rows["A1.1"].sign, rows["A1.1"].differs) == ("否决项", "*", True)
    assert (rows["A1.2"].value, rows["A1.2"].problem) == ("99", "A1.2：评99分，超过该行满分7分。")
    assert (rows["A1.4"].value, rows["A1.4"].problem, rows["A1.4"].differs) == ("", "", False)
    assert (section.done, section.total) == (19, 21)
    assert [line.id for line in pages.mark_errors([section])] == ["mark-A1.2"]


def test_a_return_shows_what_stood_there_and_what_stands_now(world, submitted):
    case = submitted
    before, row = figure(pages.own_marks(dossier(case))["A1.3"].points), pages.row_url(case, "A1.3")
    items = [
        review.Mend(item="members_2020", label="填报日会员数", reason=ReturnReason.ILLOGICAL, text="请核对。"),
        review.Mend(item="A1.3", label="A1.3", reason=ReturnReason.OVERRATED, text="材料不足。"),
    ]
    review.return_for_correction(case=case, items=items, actor=world.officer(case.holder), now=world.tick())
    typed = dossier(case).answers["members_2020"].value
    draft.save_answers(case=case, answers={"members_2020": "119"}, actor=author(case), now=world.tick())

    lines = pages.slip_lines(dossier(case))

    assert [(line.before, line.after, line.changed, line.url) for line in lines] == [
        (f"{typed}个", "119个", True, f"/work/cases/{case.pk}/form/#item-members_2020"),
        (f"自评{before}分，无佐证材料", f"自评{before}分，无佐证材料", False, row),
    ]
    fields = [one for group in pages.form_groups(dossier(case), world.tick()) for one in group.fields]
    assert [one.name for one in fields if not one.disabled] == ["members_2020"]
    rows = [row for section in pages.self_sections(dossier(case)) for row in section.rows]
    assert [row.item.id for row in rows if not row.disabled] == ["A1.3"]
    offered = [code for _, choices in pages.row_choices(dossier(case)) for code, _ in choices]
    assert offered == ["A1.3", "members_2020"]
    assert [place.label for place in pages.drafting_places(dossier(case), "form")] == [
        "退回单",
        "申报表",
        "自评表",
        "佐证材料",
        "提交前检查",
    ]


@pytest.mark.parametrize(("size", "words"), [(1, "1 KB"), (1023 * 1024, "1023 KB"), (1024 * 1024 - 1, "1.0 MB")])
def test_sizes_are_told_as_people_read_them(size, words):
    assert file_size(size) == words


def test_new_evidence_counts_as_a_change_of_its_row(world, submitted):
    case = submitted
    items = [review.Mend(item="A1.4", label="A1.4", reason=ReturnReason.MISSING, text="请补。")]
    review.return_for_correction(case=case, items=items, actor=world.officer(case.holder), now=world.tick())
    words = {"row": "A1.4", "file": stages.picture("new"), "name": "补充.png", "now": world.tick()}
    draft.attach(case=case, actor=author(case), **words)

    (line,) = pages.slip_lines(dossier(case))

    assert (line.before, line.after, line.changed) == ("自评7分，无佐证材料", "自评7分，佐证材料1份", True)
