"""From the sealed papers to the department: scans, receipt, recall, acceptance, sending back; each refusal."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from declarations.actions import batch as lists
from declarations.actions import deciding, draft, review, sealing, upward
from declarations.actions.confirming import confirm
from declarations.actions.deciding import Decision
from declarations.actions.quota import set_quota
from declarations.actions.upward import Defect
from declarations.demo import stages
from declarations.models import (
    Answer,
    Batch,
    BatchReceipt,
    Declaration,
    Meeting,
    Notice,
    PaperScan,
    Pending,
    Quota,
    SealedPaper,
)
from declarations.queries.batches import mark_of, meeting_of, papers_of
from declarations.queries.report import report_draft
from declarations.queries.upward import person_refusals
from declarations.states import (
    BatchState,
    FormDefect,
    PaperKind,
    ScanState,
    State,
)
from scoring.models import Mark
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.jobs.models import Job
from sihao.ui.formats import points
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db
HENAN = worlds.PROVINCE
CLAUSE = "（五（二）1）"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("store")):
        world = worlds.make_world()
        worlds.make_shortlisted(world, HENAN)
        case = worlds.make_shortlisted(world, HENAN)
        stages.hold_meeting(world, case.unit)
        stages.seal(world, case.unit)
        yield Ground(world, case)


@pytest.fixture
def world(ground):
    return ground.afresh()


@pytest.fixture
def unit(ground):
    return ground.case.unit


@pytest.fixture
def sealed(ground):
    return Batch.objects.get()


@pytest.fixture
def sent(world, unit, sealed):
    at = world.tick()
    upward.send_up(batch=sealed, actor=world.leader(unit), now=at)
    upward.recommend_listed(batch=sealed, actor=world.leader(unit), now=at)
    return Batch.objects.get()


def refused(action, **keywords):
    with pytest.raises(Refused) as caught:
        action(**keywords)
    return [str(refusal) for refusal in caught.value.refusals]


def arrange(world, unit, **changes):
    people = stages.leading_body(world.leader(unit), world.officer(unit))
    plan = deciding.Arrangement("主席会议", timezone.localdate(world.clock.at), "会议室", people)
    plan = replace(plan, **changes)
    batch = Batch.objects.get()
    return deciding.arrange_meeting(
        batch=batch, arrangement=plan, actor=world.officer(unit), now=world.tick()
    )


def decide(world, unit, **words):
    officer = world.officer(unit)
    decision = Decision(**{"minutes": "同意推荐。", **words})
    deciding.save_decision(batch=Batch.objects.get(), decision=decision, actor=officer, now=world.tick())
    return deciding.conclude_meeting(batch=Batch.objects.get(), actor=officer, now=world.tick())


def by_rank(unit):
    cases = Declaration.objects.filter(unit=unit, rank__isnull=False).order_by("rank")
    return list(cases.values_list("applicant_name", flat=True))


# ---- sealed papers


def test_only_a_report_written_anew_becomes_another_edition(world, unit, sealed):
    officer = world.officer(unit)
    sealing.unseal_batch(batch=sealed, actor=officer, now=world.tick())
    sealing.save_report(batch=sealed, text="另写的报告。", basis="", actor=officer, now=world.tick())

    job = sealing.issue_papers(batch=sealed, actor=officer, now=world.tick())

    used = {one.kind: one for one in papers_of(Batch.objects.get(), meeting_of(sealed))}
    assert (job.kind, {kind: one.paper.edition for kind, one in used.items()}) == (
        "print_papers",
        {PaperKind.REPORT: 2, PaperKind.SUMMARY: 1, PaperKind.MINUTES: 1},
    )
    assert [one.complete for one in used.values()] == [False, True, True]


@pytest.fixture
def report(world, unit, sealed):
    """The printed report of three pages, of a list whose other papers are there."""
    sealing.unseal_batch(batch=sealed, actor=world.officer(unit), now=world.tick())
    paper = SealedPaper.objects.get(kind=PaperKind.REPORT)
    SealedPaper.objects.filter(pk=paper.pk).update(pages=3)
    PaperScan.objects.filter(paper=paper).update(removed_at=world.tick())
    return paper


def bring(world, unit, paper, *pages, mark=None, name="报告.png", drawn=None):
    """Bring a file whose pages have these codes: a number is that page's own, other words stand as they are."""
    mark = mark or mark_of(Batch.objects.get(), SealedPaper.objects.get(pk=paper.pk))
    read = [[mark.on(one, 3).text] if isinstance(one, int) else [one] if one else [] for one in pages]
    officer, batch = world.officer(unit), Batch.objects.get()
    file = drawn or stages.scanned(f"{name}{pages}")
    scan = sealing.bring_scan(batch=batch, paper=paper, file=file, name=name, actor=officer, now=world.tick())
    return sealing.judge_scan(scan=scan, read=read, actor=officer, now=world.tick())


def standing(paper):
    return next(one for one in papers_of(Batch.objects.get(), None) if one.paper.pk == paper.pk)


def test_a_paper_is_brought_page_by_page(world, unit, report):
    first = bring(world, unit, report, 3, 1)
    missing = standing(report)
    second = bring(world, unit, report, 2)

    assert (first.state, first.covers, missing.lack) == (
        ScanState.MATCHED,
        [1, 3],
        "《推荐审核情况报告》缺第2页的扫描件。",
    )
    assert (second.state, standing(report).complete) == (ScanState.MATCHED, True)


def test_a_scan_of_an_old_version_is_refused_with_both_versions_and_the_changed_rows(world, unit, report):
    old = mark_of(Batch.objects.get(), report)
    lists.reopen_batch(
        batch=Batch.objects.get(), reason="次序调整", actor=world.officer(unit), now=world.tick()
    )
    first, second = by_rank(unit)
    stages.ranking.move(
        case=Declaration.objects.get(rank=2), to=1, actor=world.officer(unit), now=world.tick()
    )
    stages.ranking.give_reason(
        case=Declaration.objects.get(rank=1), reason="示范", actor=world.officer(unit), now=world.tick()
    )
    lists.freeze_batch(batch=Batch.objects.get(), actor=world.officer(unit), now=world.tick())
    arrange(world, unit)
    decide(world, unit)
    batch = Batch.objects.get()
    draft_of = report_draft(batch, meeting_of(batch))
    words = {"batch": batch, "actor": world.officer(unit), "now": world.tick()}
    sealing.save_report(text=draft_of.text, basis="", **words)
    sealing.issue_papers(**words)
    SealedPaper.objects.filter(replaced_at=None).update(pages=3, stored="x")

    scan = bring(world, unit, SealedPaper.objects.get(kind="report", replaced_at=None), 1, 2, 3, mark=old)

    short = (old.digest[:16].upper(), batch.digest[:16].upper())
    assert scan.state == ScanState.REFUSED
    assert scan.why == [
        f"第1、2、3页属于名单第1版（摘要值{short[0]}），现为第2版（摘要值{short[1]}）。",
        f"第1版以后的改动：{second}：次序由第2位变为第1位；{first}：次序由第1位变为第2位。",
    ]


def test_the_wrong_paper_and_a_forged_code_are_refused(world, unit, report):
    minutes = mark_of(Batch.objects.get(), SealedPaper.objects.get(kind=PaperKind.MINUTES))

    wrong = bring(world, unit, report, 1, mark=minutes)
    forged = bring(world, unit, report, mark_of(Batch.objects.get(), report).on(1, 3).body + ":AAAAAAAAAA")

    assert wrong.why == ["第1页是《会议纪要》，这里应上传《推荐审核情况报告》。"]
    assert forged.why == ["第1页的二维码不是本系统生成的，或者已被改动。"]
    assert standing(report).in_use == []


def test_what_cannot_be_read_is_confirmed_by_a_second_person(world, unit, report):
    scan = bring(world, unit, report, 1, "", 3)
    pending = Pending.objects.get(act="confirm_scan")
    lack = standing(report).lack

    told = dict(pending.told)
    assert (scan.state, scan.covers, scan.unread) == (ScanState.UNREAD, [1, 3], 1)
    assert lack == "《推荐审核情况报告》的扫描件有二维码不能识读，须由第二人核对。"
    mark = mark_of(Batch.objects.get(), SealedPaper.objects.get(pk=report.pk))
    assert (told["须核对的页次"], told["打印件上的校验码"]) == ("第2页", f"第2页 {mark.on(2, 3).check}")
    alone = refused(confirm, pending=pending, actor=world.officer(unit), now=world.tick())
    assert alone == ["拟办人不能自己确认，请由本单位另一人办理。（两人办理）"]
    confirm(pending=pending, actor=world.leader(unit), now=world.tick())
    assert (PaperScan.objects.get(pk=scan.pk).state, standing(report).complete) == (ScanState.CONFIRMED, True)


def test_unread_pages_beside_a_whole_paper_are_annexes(world, unit, report):
    scan = bring(world, unit, report, 1, 2, 3, "")

    assert (scan.state, standing(report).complete) == (ScanState.MATCHED, True)


def test_only_papers_and_pictures_are_scans_and_one_file_is_brought_once(world, unit, report):
    bring(world, unit, report, 1)

    again = refused(bring, world=world, unit=unit, paper=report, drawn=stages.scanned("报告.png(1,)"))
    text = refused(bring, world=world, unit=unit, paper=report, name="报告.txt", drawn=BytesIO(b"words"))
    damaged = refused(bring, world=world, unit=unit, paper=report, drawn=BytesIO(b"\x89PNG\r\n\x1a\n"))

    assert again == [f"“报告.png”已经上传过。{CLAUSE}"]
    assert text[0].startswith("“报告.txt”没有收下：扩展名“.txt”不在接受之列。")
    assert damaged[0].startswith("“报告.png”没有收下：")


# ---- upward


def test_the_list_goes_up_with_a_receipt_before_its_cases_follow(world, unit, sealed):
    at = world.tick()

    receipt = upward.order_upload(batch=sealed, actor=world.leader(unit), now=at)
    before = set(Declaration.objects.values_list("state", flat=True))
    followed = upward.recommend_listed(batch=sealed, actor=world.leader(unit), now=at)

    batch = Batch.objects.get()
    assert (receipt.number, receipt.cases, receipt.digest) == ("SH2020-410000-01", 2, batch.digest)
    assert [one["paper"] for one in receipt.scans] == ["推荐审核情况报告", "推荐名单汇总表（附件3）"]
    assert (before, followed, batch.state) == ({State.SHORTLISTED}, 2, BatchState.UPLOADED)
    assert set(Declaration.objects.values_list("state", flat=True)) == {State.RECOMMENDED}
    assert Job.objects.filter(kind="recommend_listed", arguments__batch=batch.pk).count() == 1
    assert upward.recommend_listed(batch=sealed, actor=world.leader(unit), now=at) == 0
    title = "410000工商业联合会上报推荐名单"
    assert set(Notice.objects.filter(title=title).values_list("seat", flat=True)) >= {
        world.seats["department"].pk
    }


def test_a_list_goes_up_until_the_last_second(world, unit, sealed):
    closes, leader = world.cycle.province_closes, world.leader(unit)

    late = refused(upward.send_up, batch=sealed, actor=leader, now=closes)
    upward.send_up(batch=sealed, actor=leader, now=closes - timedelta(seconds=1))
    followed = upward.recommend_listed(batch=sealed, actor=leader, now=closes - timedelta(seconds=1))

    assert late == [f"推荐上报已于2020年10月15日24:00截止。{CLAUSE}"]
    assert followed == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda case: Declaration.objects.filter(pk=case.pk).update(unit_total=1),
            "审核得分由{total}分变为1分",
        ),
        (lambda case: Answer.objects.filter(declaration=case).update(value="改"), "申报材料或者评分有改动"),
    ],
)
def test_a_case_that_changed_after_the_meeting_is_named(world, unit, sealed, change, words):
    case = Declaration.objects.get(rank=1)
    change(case)

    told = refused(upward.send_up, batch=sealed, actor=world.leader(unit), now=world.tick())

    words = words.format(total=points(case.unit_total))
    changed = f"集体研究以后名单有变化：{case.applicant_name}：{words}。请重新打开名单并再次研究。{CLAUSE}"
    assert changed in told
    assert Declaration.objects.get(pk=case.pk).state == State.SHORTLISTED
    assert not BatchReceipt.objects.exists()


def test_a_case_that_fails_a_gate_and_a_quota_too_small_are_told(world, unit, sealed):
    case = Declaration.objects.get(rank=1)
    Mark.objects.filter(assessment__ledger=case.ledger).update(points=0)
    Quota.objects.filter(organisation=unit).update(places=1, used=1)

    told = refused(upward.send_up, batch=sealed, actor=world.leader(unit), now=world.tick())

    assert f"按本级审核得分未达到认定条件，不能上报：{case.applicant_name}。{CLAUSE}" in told
    assert told[-1] == "推荐2家，超过推荐名额1家。（四）"


def test_where_the_cycle_asks_for_one_person_who_prepared_the_list_sends_it(world, unit, sealed):
    batch = Batch.objects.select_related("cycle", "prepared_by").get(pk=sealed.pk)
    assert [one.code for one in person_refusals(batch, batch.prepared_by)] == ["second_person"]
    batch.cycle.two_persons = []

    assert person_refusals(batch, batch.prepared_by) == ()


def test_who_prepared_the_list_does_not_send_it_from_whatever_seat(world, unit, sealed):
    other = make_seat(Role.LEADER, unit, world.officer(unit).user)

    told = refused(upward.send_up, batch=sealed, actor=other, now=world.tick())
    officer = refused(upward.send_up, batch=sealed, actor=world.officer(unit), now=world.tick())

    assert told == [f"拟定名单的人不能自己上报，请由分管领导上报。{CLAUSE}"]
    assert officer == [f"只有推荐单位可以办理推荐名单。{CLAUSE}"]


def test_a_list_that_is_not_the_meetings_does_not_go_up(world, unit, sealed):
    Meeting.objects.update(decided_digest="0" * 64)

    told = refused(upward.send_up, batch=sealed, actor=world.leader(unit), now=world.tick())

    assert told == [f"名单与会议纪要记载的不一致，请重新打开名单并再次研究。{CLAUSE}"]


def test_a_reserve_stays_when_the_list_goes_up(world, unit, sealed):
    lists.reopen_batch(batch=sealed, reason="增列备选", actor=world.officer(unit), now=world.tick())
    spare = worlds.make_at_unit(world, HENAN)
    review.reserve(case=spare, actor=world.leader(unit), now=world.tick())

    stages.send_up(world, unit)

    assert Declaration.objects.get(pk=spare.pk).state == State.SHORTLISTED
    assert BatchReceipt.objects.get().cases == 2


# ---- recalled, accepted, sent back


def test_a_list_is_recalled_until_it_is_accepted_and_goes_up_again(world, unit, sent):
    leader, words = world.leader(unit), {"reason": "核对后重报。", "now": world.tick()}

    blank = refused(upward.recall_batch, batch=sent, actor=leader, reason=" ", now=world.tick())
    recalled = upward.recall_batch(batch=sent, actor=leader, **words)
    upward.take_back_listed(batch=recalled, actor=leader, **words)
    back = set(Declaration.objects.values_list("state", "holder"))
    again = upward.send_up(batch=recalled, actor=leader, now=world.tick())

    assert blank == [f"请写明撤回的理由。{CLAUSE}"]
    assert (recalled.state, recalled.receipt, back) == (BatchState.SEALED, "", {(State.SHORTLISTED, unit.pk)})
    assert (again.number, BatchReceipt.objects.get(serial=1).recalled_at) == (
        "SH2020-410000-02",
        words["now"],
    )
    upward.recommend_listed(batch=recalled, actor=leader, now=world.tick())
    upward.accept_batch(batch=recalled, actor=world.seats["department"], now=world.tick())
    late = refused(upward.recall_batch, batch=recalled, actor=leader, reason="又有改动", now=world.tick())
    assert late == [f"推荐名单现为“已接收”，只有“已上报”、“退回补正”时可以办理。{CLAUSE}"]


def test_what_could_not_go_up_again_is_not_recalled(world, unit, sent):
    closes = world.cycle.province_closes
    words = {"batch": sent, "actor": world.leader(unit), "reason": "核对"}

    told = refused(upward.recall_batch, now=closes, **words)

    assert told == [f"推荐上报已于2020年10月15日24:00截止，撤回后不能重新上报，因此不能撤回。{CLAUSE}"]
    assert upward.recall_batch(now=closes - timedelta(seconds=1), **words).state == BatchState.SEALED


def test_what_is_still_being_registered_is_neither_recalled_nor_accepted(world, unit, sealed):
    upward.send_up(batch=sealed, actor=world.leader(unit), now=world.tick())

    recall = refused(
        upward.recall_batch, batch=sealed, reason="另议", actor=world.leader(unit), now=world.tick()
    )
    accept = refused(upward.accept_batch, batch=sealed, actor=world.seats["department"], now=world.tick())

    assert recall == [f"上报正在登记，登记完成后才能撤回。{CLAUSE}"]
    assert accept == ["名单正在登记（0/2），登记完成后再接收。（五（二）3）"]


def test_the_department_accepts_and_the_cases_are_taken_up(world, unit, sent):
    told = refused(upward.accept_batch, batch=sent, actor=world.leader(unit), now=world.tick())
    upward.accept_batch(batch=sent, actor=world.seats["department"], now=world.tick())
    taken = upward.take_up_listed(batch=sent, actor=world.seats["department"], now=world.tick())

    found = set(Declaration.objects.values_list("state", "desk"))
    assert told == ["推荐名单由全国工商联会员部接收。（五（二）3）"]
    assert (taken, found) == (2, {(State.PRELIMINARY_REVIEW, world.seats["department"].pk)})


def test_a_list_sent_back_for_form_comes_again_with_new_scans_and_the_same_cases(world, unit, sent):
    department, leader, officer = world.seats["department"], world.leader(unit), world.officer(unit)
    seal = Defect(PaperKind.REPORT, FormDefect.SEAL_UNCLEAR, "第1页")

    none = refused(upward.send_back, batch=sent, defects=[], actor=department, now=world.tick())
    back = upward.send_back(batch=sent, defects=[seal, seal], actor=department, now=world.tick())
    short = refused(upward.send_up, batch=sent, actor=leader, now=world.tick())
    late = back.due_at - timedelta(seconds=1)
    world.clock.at = late - timedelta(minutes=20)
    paper = SealedPaper.objects.get(kind=PaperKind.REPORT)
    text = mark_of(Batch.objects.get(), paper).on(1, 1).text
    scan = sealing.bring_scan(
        batch=sent,
        paper=paper,
        file=stages.scanned(f"{text}2"),
        name="重扫.png",
        actor=officer,
        now=world.tick(),
    )
    sealing.judge_scan(scan=scan, read=[[text]], actor=officer, now=world.tick())
    again = upward.send_up(batch=sent, actor=leader, now=late)

    assert none == ["请至少选择一份材料的一项形式问题。名单内容的问题在初审中处理。（五（二）3）"]
    assert [str(item) for item in back.items.all()] == ["《推荐审核情况报告》印章不清（第1页）"]
    assert short == [f"《推荐审核情况报告》须上传盖章扫描件。{CLAUSE}"]
    assert set(Declaration.objects.values_list("state", flat=True)) == {State.RECOMMENDED}
    assert (again.number, Batch.objects.get().state) == ("SH2020-410000-02", BatchState.UPLOADED)
    assert upward.recommend_listed(batch=sent, actor=leader, now=late) == 0


def test_the_term_of_a_list_sent_back_ends_to_the_second(world, unit, sent):
    world.clock.at = world.cycle.province_closes - timedelta(days=1)
    defect = Defect(PaperKind.SUMMARY, FormDefect.PAGE_MISSING)
    back = upward.send_back(batch=sent, defects=[defect], actor=world.seats["department"], now=world.tick())

    told = refused(upward.send_up, batch=sent, actor=world.leader(unit), now=back.due_at)

    assert back.due_at > world.cycle.province_closes
    assert told[-1].startswith("推荐上报已于2020年10月")


def test_a_case_on_the_way_is_neither_withdrawn_nor_given_back(world, unit, sealed):
    case = Declaration.objects.get(rank=1)

    president = worlds.president_of(case.applicant)
    told = refused(draft.withdraw, case=case, actor=president, reason="不报了", now=world.tick())

    assert told == [f"推荐名单已固定，如需调整请先重新打开名单。{CLAUSE}"]


def test_another_unit_does_nothing_with_the_list(world, unit, sealed):
    stranger = make_seat(Role.LEADER, make_federation("420000"))

    for action, words in (
        (upward.send_up, {}),
        (upward.recall_batch, {"reason": "试"}),
        (sealing.seal_batch, {}),
        (sealing.unseal_batch, {}),
        (deciding.conclude_meeting, {}),
    ):
        told = refused(action, batch=sealed, actor=stranger, now=world.tick(), **words)
        assert told == [f"只有推荐单位可以办理推荐名单。{CLAUSE}"]


def test_a_quota_is_not_cut_below_the_list(world, unit, sealed):
    told = refused(
        set_quota, cycle=world.cycle, unit=unit, places=1, actor=world.seats["head"], now=world.tick()
    )

    assert "2" in told[0]
