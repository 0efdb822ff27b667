"""What cases have in common in the demo world: copied passages, a telephone, files, a figure far too large."""

from collections.abc import Iterable
from io import BytesIO

from declarations.actions import consulting, cross, draft, preliminary
from declarations.actions.consulting import Cited
from declarations.actions.reading import read_evidence
from declarations.demo import stages
from declarations.demo.answers import copied_passage, deeds_of
from declarations.demo.stages import World
from declarations.models import Declaration
from declarations.queries.review import mend_label
from declarations.states import CrossKind, Ground, State
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from sihao.documents import docx
from sihao.documents.paper import Paper, Paragraph

PHONE = "13900000000"
FAR_TOO_MUCH = "98000"
FIGURES = str.maketrans("六二八", "五三九")
TAKEN_TOO_EARLY = "2017:05:03 10:00:00"
UNCLEAR = "会员名册第2页扫描不清，请补充清晰的扫描件，并说明填报日会员数的出处。（示例）"
CLARIFIED = "已请商会重新扫描，名册第2页共列会员141个，与填报日会员数一致。（示例）"
COPIED = "主要事迹中“会员接待日”一段与另一件申报文字相同，仅数字不同，请核实。（示例）"
ADMITTED = "经核实，该段系商会工作人员从兄弟商会材料中摘用，与本会情况不符。（示例）"


def _president(case: Declaration) -> Seat:
    seats = case.applicant.seats.select_related("user", "organisation")
    return seats.get(role=Role.CHAMBER_PRESIDENT)


def plant(world: World, drafts: Iterable[Declaration]) -> None:
    """Let one draft take a passage of another unit's, two give one telephone and one file, one a figure too large."""
    cases = list(drafts)
    other = next((case for case in cases if case.unit_id != cases[0].unit_id), None)
    if other is None:
        return
    passage = copied_passage()
    told = (
        (cases[0], {"deeds": deeds_of(cases[0].applicant_name, passage), "charity_amount": FAR_TOO_MUCH}),
        (other, {"deeds": deeds_of(other.applicant_name, passage.translate(FIGURES))}),
    )
    for case, answers in told:
        actor = _president(case)
        answers |= {"contact_mobile": PHONE}
        draft.save_answers(case=case, answers=answers, actor=actor, now=world.tick())
        file = {"file": stages.picture("meeting 2019"), "name": "示例会议照片.png"}
        draft.attach(case=case, row="A1.2", actor=actor, now=world.tick(), **file)
    _alike_evidence(world, cases[0], other, passage)


def _alike_evidence(world: World, first: Declaration, second: Declaration, passage: str) -> None:
    """Let two have a record of nearly the same words, and one photograph that was taken too early and saved again."""
    brought = (
        (first, passage, {}, "示例服务手册说明.docx", "示例走访照片.jpg"),
        (second, passage.translate(FIGURES), {"small": True}, "示例办事指南.docx", "示例调研照片.jpg"),
    )
    for case, words, how, document, photo in brought:
        file = BytesIO(docx.write(Paper(f"{case.applicant_name}情况说明", (Paragraph(words),))))
        facts = {"case": case, "actor": _president(case)}
        draft.attach(row="B2.1", file=file, name=document, now=world.tick(), **facts)
        file = stages.photograph(2017, taken=TAKEN_TOO_EARLY, **how)
        draft.attach(row="B2.1", file=file, name=photo, now=world.tick(), **facts)


def too_early(world: World, case: Declaration) -> None:
    """Let a draft have a photograph that was taken before the period."""
    file = {"file": stages.photograph(1, taken=TAKEN_TOO_EARLY), "name": "示例活动照片.jpg"}
    draft.attach(case=case, row="A1.2", actor=_president(case), now=world.tick(), **file)
    read_evidence(now=world.tick())


def look_across(world: World) -> None:
    """Compare the cases that came up; let one unit clarify its material, and propose to disqualify who copied."""
    cross.compare(cycle=world.cycle, now=world.tick(), actor=world.seats["department"])
    here = Declaration.objects.filter(cycle=world.cycle, state=State.PRELIMINARY_REVIEW)
    copied = here.filter(case_findings__cross__kind=CrossKind.TEXT).order_by("-pk").first()
    plain = here.exclude(case_findings__cross__kind=CrossKind.TEXT).order_by("-pk").first()
    words = {"actor": world.seats["department"]}
    if plain is not None and world.cycle.clarifies:
        items = [_cited(plain, "members_2020", "名册第2页扫描不清，无法核对。（示例）")]
        consulting.ask_clarification(case=plain, reason=UNCLEAR, items=items, now=world.tick(), **words)
        leader = world.leader(plain.unit)
        consulting.answer_clarification(case=plain, text=CLARIFIED, actor=leader, now=world.tick())
    if copied is not None:
        items = [_cited(copied, "deeds", "主要事迹末段，见跨件比对。（示例）")]
        words |= {"ground": Ground.UNTRUE, "reason": COPIED, "items": items, "now": world.tick()}
        preliminary.propose_disqualification(case=copied, **words)
        leader = world.leader(copied.unit)
        consulting.speak(case=copied, text=ADMITTED, actor=leader, now=world.tick())


def _cited(case: Declaration, item: str, text: str) -> Cited:
    return Cited(item, mend_label(programme_of(case.cycle.programme), item), text)
