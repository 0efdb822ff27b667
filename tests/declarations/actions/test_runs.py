"""Verdict runs: what is kept with one, signing what is ready, computing again, and a diagnosis that changes no mark."""

import pytest
from django.db.models import Sum

from declarations.actions import publish, recomputing, verdicts
from declarations.actions.recomputing import Corrected, Parameters
from declarations.digests import digest_of
from declarations.models import Cycle, Declaration, Recomputation, Recusal, ScoreRun, SectionScore
from declarations.queries.facts import dossier_of
from declarations.queries.figures import feedback_of
from declarations.queries.runs import boundary_counts, in_review, ready, told_runs, why_waiting
from declarations.queries.severity import diagnosis_of
from declarations.states import SheetState, State
from scoring.models import Layer, Mark, ProgrammeVersion
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from sihao.jobs.models import Job, JobState
from tests import worlds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept
from tests.panels import plant

pytestmark = pytest.mark.django_db
HARSH = 2
ON, UNDER, FINE = 0, 1, 2
SIGNED = 3
"""The verdicts that are signed: exactly on the line, two points under it, and far from it; the others wait."""


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        world = worlds.make_world()
        panel = plant(world, cases=8, experts=5, apart={HARSH: -15}, lost={ON: 150, UNDER: 152}, noise=0)
        for case in panel.cases[:SIGNED]:
            verdicts.sign_verdict(case=case, actor=world.seats["group-head"], now=world.tick())
        yield world, panel


@pytest.fixture
def world(ground):
    world = as_it_stands(ground[0])
    world.cycle = Cycle.objects.select_related("programme").get(pk=world.cycle.pk)
    return world


@pytest.fixture
def signed(ground, world):
    return [fresh(case) for case in ground[1].cases[:SIGNED]]


@pytest.fixture
def cases(ground, world):
    """The cases that wait for their verdict."""
    return [fresh(case) for case in ground[1].cases[SIGNED:]]


@pytest.fixture
def experts(ground):
    return ground[1].experts


@pytest.fixture
def head(world):
    return world.seats["head"]


def fresh(case):
    return Declaration.objects.select_related("cycle__programme", "unit", "ledger").get(pk=case.pk)


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return [str(one) for one in caught.value.refusals]


def step_back(seat, case):
    kept = {"reason": "示例", "declared_by": seat, "declared_at": worlds.NOW}
    return Recusal.objects.create(user=seat.user, declaration=case, **kept)


def marks_as_they_are():
    return list(Mark.objects.order_by("pk").values_list("pk", "points", "version"))


# ---- the diagnosis changes nothing


def test_exactly_the_planted_expert_is_flagged(world, experts):
    found = diagnosis_of(world.seats["department"], world.cycle)

    assert [line.seat for line in found.flagged] == [experts[HARSH]]
    assert found.flagged[0].words == "偏严，建议请第三名专家"
    assert (found.limit, found.fewest, found.severity.cases) == (10, 5, 8)


def test_no_total_differs_from_the_run_without_the_diagnosis(world, cases):
    before = marks_as_they_are()
    diagnosis_of(world.seats["department"], world.cycle)
    assert marks_as_they_are() == before

    verdicts.sign_ready(cycle=world.cycle, actor=world.seats["group-head"], now=world.tick())

    totals = dict(ScoreRun.objects.values_list("declaration_id", "total"))
    assert {case.pk: totals[case.pk] for case in cases} == {case.pk: _median_total(case) for case in cases}


def _median_total(case):
    """The total by hand: marked rows as agreed, every other the middle of its three marks."""
    book = dossier_of(case).book
    sheets = [sheet.points for sheet in book.sheets if sheet.layer == Layer.EXPERT]
    agreed = book.layer(Layer.AGREED).points
    return sum(agreed.get(code, sorted(sheet[code] for sheet in sheets)[1]) for code in sheets[0])


def test_drafts_and_recused_cases_are_left_out(world, cases):
    officer = world.seats["department"]
    cases[2].expert_reviews.update(state=SheetState.ACCEPTED)
    step_back(officer, cases[3])

    assert diagnosis_of(officer, world.cycle).severity.cases == 6
    assert diagnosis_of(world.seats["head"], world.cycle).severity.cases == 7


# ---- what is kept with a run


def test_a_run_keeps_rules_inputs_basis_and_nearness(world, cases, signed):
    run = ScoreRun.objects.get(declaration=signed[ON])

    assert run.current
    assert run.programme_digest == world.cycle.programme.digest
    assert run.inputs_digest == digest_of(run.inputs)
    assert run.basis["method"] == "median"
    assert [len(sheet["digest"]) for sheet in run.basis["sheets"]] == [64] * 3
    assert set(run.basis["agreed"]) == {"assessment", "version", "total", "digest"}
    assert (run.total, run.margin, run.nearness, run.eligible) == (350, 0, "on", True)
    assert run.changes[0] == "总分350分，恰在线上，恰为350分按达线处理。"


def test_a_case_below_the_line_says_what_would_change_it(signed):
    run = ScoreRun.objects.get(declaration=signed[UNDER])

    assert (signed[UNDER].state, run.margin, run.nearness) == (State.NOT_ELIGIBLE, -2, "below")
    assert run.changes[0].startswith("总分至少还差2分：最少涉及1行，")


def test_sections_add_up_to_the_totals(signed):
    for case in signed:
        sums = SectionScore.objects.filter(declaration=case).aggregate(
            own=Sum("self_points"), unit=Sum("unit_points"), final=Sum("final_points")
        )
        assert (sums["own"], sums["unit"], sums["final"]) == (case.self_total, case.unit_total, case.final_total)


def test_feedback_has_the_units_own_chambers_with_what_was_lost(world, signed):
    other = make_federation("420000")

    lines = feedback_of(signed[0].unit, world.cycle)

    assert {line.case.pk for line in lines} == {case.pk for case in signed}
    assert all(line.lost == line.case.self_total - line.run.total for line in lines)
    assert all(set(line.sections) == {"A", "B", "C", "D", "E"} for line in lines)
    assert feedback_of(other, world.cycle) == []


# ---- signing what is ready


def test_what_is_not_ready_says_why_and_is_not_signed(world, cases):
    group_head = world.seats["group-head"]
    cases[0].expert_reviews.filter(pk=cases[0].expert_reviews.first().pk).update(state=SheetState.ACCEPTED)
    Mark.objects.filter(assessment__ledger=cases[1].ledger, assessment__layer=Layer.AGREED).delete()
    cases[2].expert_reviews.exclude(pk=cases[2].expert_reviews.first().pk).update(
        state=SheetState.RECUSED, recusal_reason="有利害关系。"
    )

    waiting = {case.pk: why_waiting(case) for case in in_review(group_head, world.cycle)}
    verdicts.sign_ready(cycle=world.cycle, actor=group_head, now=world.tick())

    assert [waiting[case.pk] for case in cases[:4]] == [
        "已确认评分2/3份",
        "专家组尚未商定否决项和基础达标项",
        "应有2名专家，现有1名",
        "",
    ]
    assert [fresh(case).state == State.EXPERT_REVIEW for case in cases[:4]] == [True, True, True, False]


def test_signing_goes_on_where_it_stopped_and_doubles_nothing(world, cases):
    group_head = world.seats["group-head"]
    verdicts.sign_verdict(case=cases[4], actor=group_head, now=world.tick())
    told = []

    verdicts.sign_ready(
        cycle=world.cycle, actor=group_head, now=world.tick(), progress=lambda done, of: told.append((done, of))
    )

    assert told == [(place, 4) for place in range(1, 5)]
    assert ScoreRun.objects.count() == 8
    assert not ready(in_review(group_head, world.cycle)).exists()
    assert refused(verdicts.order_signing, cycle=world.cycle, actor=group_head, now=world.tick()) == [
        "没有评分全部确认、商定完毕的申报件。（五（二）3）"
    ]


def test_only_the_groups_head_orders_the_signing_and_once(world, head):
    words = {"cycle": world.cycle, "now": world.tick()}

    assert refused(verdicts.order_signing, actor=head, **words) == ["由专家组组长签署复审结论。（五（二）3）"]
    first = verdicts.order_signing(actor=world.seats["group-head"], **words)
    assert verdicts.order_signing(actor=world.seats["group-head"], **words) == first


# ---- one case computed again


def correct(world, case, **rows):
    named = {code.replace("_", "."): Corrected(*said) for code, said in rows.items()}
    return recomputing.correct_rows(case=case, rows=named, actor=world.seats["head"], now=world.tick())


def test_a_corrected_row_turns_the_verdict_and_keeps_both_runs(world, signed):
    case = signed[FINE]
    before = ScoreRun.objects.get(declaration=case)

    found = correct(world, case, A1_1=("0", "登记证书已注销。"))

    case = fresh(case)
    first, second = case.score_runs.order_by("number")
    assert (case.state, case.holder, case.final_total) == (State.NOT_ELIGIBLE, None, second.total)
    assert (first.inputs_digest, first.current, second.current) == (before.inputs_digest, False, True)
    assert (second.recomputation, second.inputs["A1.1"], second.nearness) == (found, "0.00", "below")
    assert (found.before, found.after, found.cases) == ({"A1.1": "10.00"}, {"A1.1": "0"}, 1)
    assert [line.run.number for line in told_runs(case)] == [2, 1]
    entry = trail_of(case).filter(event=Event.RECOMPUTED).get()
    assert entry.reason == "A1.1：登记证书已注销。"
    assert entry.data["what"].startswith("A1.1由10分更正为0分；总分由")
    assert entry.data["what"].endswith("结论由达到认定条件变为不能参与认定")


def test_no_readers_sheet_is_touched_and_the_correction_stands_in_a_layer_of_its_own(world, signed):
    case = signed[FINE]
    sheets = Mark.objects.filter(assessment__ledger=case.ledger, assessment__layer=Layer.EXPERT)
    before = list(sheets.order_by("pk").values_list("pk", "points", "version"))

    correct(world, case, A1_1=("0", "登记证书已注销。"))
    correct(world, fresh(case), A1_1=("10", "注销有误，已恢复。"), A1_2=("0", "佐证为复印件。"))

    assert list(sheets.order_by("pk").values_list("pk", "points", "version")) == before
    layers = dossier_of(fresh(case)).book.sheets
    corrected = [sheet for sheet in layers if sheet.layer == Layer.CORRECTED]
    assert [(one.assessment.version, one.points["A1.1"]) for one in corrected] == [(1, 0), (2, 10)]
    assert all(one.assessment.locked_at for one in corrected)
    assert fresh(case).state == State.PROPOSED
    assert [run.current for run in case.score_runs.order_by("number")] == [False, False, True]


@pytest.mark.parametrize(
    ("code", "points", "reason", "told"),
    [
        ("A1.1", "10", "同上。", "A1.1现得10分，没有变动。（通知未规定）"),
        ("A1.1", "11", "多了。", "A1.1：评11分，超过该行满分10分。（通知未规定）"),
        ("A1.1", "9.3", "不整。", "A1.1：评9.3分，不是0.5分的整数倍。（通知未规定）"),
        ("A1.1", "9", " ", "A1.1：更正得分须写明理由和依据。（通知未规定）"),
        ("Z9.9", "9", "没有。", "没有“Z9.9”这一行。（通知未规定）"),
    ],
)
def test_a_correction_that_is_none_is_refused(world, signed, head, code, points, reason, told):
    rows = {code: Corrected(points, reason)}

    assert refused(recomputing.try_correction, case=signed[FINE], rows=rows, actor=head) == [told]
    assert refused(recomputing.correct_rows, case=signed[FINE], rows=rows, actor=head, now=world.tick()) == [told]


def test_who_may_correct_and_when(world, cases, signed, head):
    rows = {"A1.1": Corrected("9", "登记有误。")}
    act = {"case": signed[FINE], "rows": rows, "now": world.tick()}

    assert refused(recomputing.correct_rows, actor=world.seats["department"], **act) == [
        "由会员部负责人办理重新计算。（通知未规定）"
    ]
    assert refused(recomputing.correct_rows, actor=head, **act | {"rows": {}}) == [
        "请写明要更正的指标和得分。（通知未规定）"
    ]
    publish.freeze_agenda(cycle=world.cycle, actor=head, now=world.tick())
    assert refused(recomputing.correct_rows, actor=head, **act | {"case": fresh(signed[FINE])}) == [
        "本件已列入待审议名单。（五（二）4）"
    ]


def test_a_case_without_a_verdict_and_one_to_step_back_from_cannot_be_corrected(world, cases, head):
    rows = {"A1.1": Corrected("9", "登记有误。")}

    assert refused(recomputing.try_correction, case=cases[0], rows=rows, actor=head) == [
        "本件现为“专家复审”，没有可以重新计算的复审结论。（通知未规定）"
    ]
    step_back(head, cases[0])
    assert refused(recomputing.correct_rows, case=cases[0], rows=rows, actor=head, now=world.tick()) == [
        "您对本件应当回避，不能办理，由本单位其他人办理。（回避）"
    ]


# ---- all cases computed again


def trial(world, *, passes=False, method="median", reason="主办方书面解释：350分以下包含350分。", actor=None):
    return recomputing.order_trial(
        cycle=world.cycle,
        parameters=Parameters({"G1": passes}, method),
        reason=reason,
        actor=actor or world.seats["head"],
        now=world.tick(),
    )


def finished(found):
    """Let the job's row end as its worker would."""
    Job.objects.filter(arguments__recomputation=found.pk).update(state=JobState.DONE, finished_at=worlds.NOW)
    return Recomputation.objects.select_related("cycle__programme").get(pk=found.pk)


def test_the_other_reading_changes_the_case_on_the_line_and_no_other(world, signed, head):
    found = finished(recomputing.try_out(recomputation=trial(world)))

    assert (found.state, found.cases) == ("tried", SIGNED)
    assert [(one["case"], one["before"], one["after"]) for one in found.changes] == [
        (signed[ON].pk, ["350.00", True], ["350.00", False])
    ]
    assert ScoreRun.objects.count() == SIGNED
    assert fresh(signed[ON]).state == State.PROPOSED

    recomputing.confirm_recomputation(recomputation=found, actor=head, now=world.tick())
    recomputing.recompute_all(recomputation=found, actor=head, now=world.tick())

    cycle = Cycle.objects.select_related("programme").get(pk=world.cycle.pk)
    assert cycle.programme.digest != world.cycle.programme.digest
    assert {case.pk: fresh(case).state for case in signed} == {
        case.pk: State.NOT_ELIGIBLE if case.pk in {signed[ON].pk, signed[UNDER].pk} else State.PROPOSED
        for case in signed
    }
    assert ScoreRun.objects.filter(current=False, programme_digest=world.cycle.programme.digest).count() == SIGNED
    assert ScoreRun.objects.filter(current=True, programme_digest=cycle.programme.digest).count() == SIGNED
    entry = trail_of(cycle).get(event=Event.PARAMETERS_CORRECTED)
    assert entry.data == {"what": "总分恰为350分不达线，一般指标取中位数", "cases": SIGNED, "changed": 1}
    assert ProgrammeVersion.objects.filter(slug=world.cycle.programme.slug).count() == 2


def test_an_order_carried_out_already_changes_nothing(world, signed, head):
    found = finished(recomputing.try_out(recomputation=trial(world)))
    recomputing.confirm_recomputation(recomputation=found, actor=head, now=world.tick())
    words = {"recomputation": found, "actor": head}
    recomputing.recompute_all(now=world.tick(), **words)

    again = recomputing.recompute_all(now=world.tick(), **words)

    assert again.state == "done"
    assert ScoreRun.objects.count() == 2 * SIGNED


def test_a_verdict_signed_after_the_trial_makes_it_old(world, cases, head):
    found = finished(recomputing.try_out(recomputation=trial(world)))
    verdicts.sign_verdict(case=cases[1], actor=world.seats["group-head"], now=world.tick())

    words = {"recomputation": found, "actor": head, "now": world.tick()}
    assert refused(recomputing.confirm_recomputation, **words) == [
        "试算以后又有复审结论签署或者变动，请作罢后重新试算。（通知未规定）"
    ]
    assert recomputing.drop_recomputation(**words).state == "dropped"
    assert refused(recomputing.drop_recomputation, **words) == ["本次重新计算未采用。（通知未规定）"]
    assert refused(recomputing.confirm_recomputation, **words) == ["本次重新计算未采用，不能确认。（通知未规定）"]


def test_one_trial_at_a_time_and_none_while_its_job_runs(world, signed, head):
    first = trial(world)

    assert refused(trial, world=world) == ["已有一次重新计算尚未办结，请先确认或者作罢。（通知未规定）"]
    assert refused(recomputing.drop_recomputation, recomputation=first, actor=head, now=world.tick()) == [
        "正在后台办理，请在办完或者取消任务后再作罢。（通知未规定）"
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"passes": True}, "参数没有变动。（通知未规定）"),
        ({"reason": " "}, "请写明更正参数的理由。（通知未规定）"),
        ({"method": "lowest"}, "没有这一参数，请刷新页面后再办理。（通知未规定）"),
    ],
)
def test_a_trial_of_nothing_is_refused(world, signed, words, told):
    assert refused(trial, world=world, **words) == [told]


def test_who_may_order_a_trial_and_when(world, signed, head):
    assert refused(trial, world=world, actor=world.seats["group-head"]) == [
        "由会员部负责人办理重新计算。（通知未规定）"
    ]
    kept_away = step_back(head, signed[0])
    assert refused(trial, world=world) == ["其中有您应当回避的申报，由会员部另一位负责人办理。（回避）"]
    kept_away.delete()
    publish.freeze_agenda(cycle=world.cycle, actor=head, now=world.tick())
    assert refused(trial, world=world) == [
        "已有申报件提请主席办公会议审议，评分参数不再更正。（五（二）4）"
    ]


def test_a_method_that_needs_more_readers_ends_the_trial_with_the_reason(world, signed):
    found = trial(world, passes=True, method="trimmed_mean")

    assert refused(recomputing.try_out, recomputation=found) == [
        f"{signed[0].applicant_name}按新的取分方法不能合分，参数不能这样更正。（通知未规定）"
    ]


def test_boundary_counts_leave_out_what_is_recused(world, signed, head):
    assert boundary_counts(head, world.cycle) == {"on": 1, "below": 1, "": 1}
    step_back(head, signed[ON])
    assert boundary_counts(head, world.cycle) == {"below": 1, "": 1}
