"""What came back in the demo world: a return that the county looks at again, and a question that waits."""

from collections.abc import Iterable
from datetime import timedelta

from declarations.actions import draft, questions, review
from declarations.actions.review import Mend
from declarations.demo import stages
from declarations.demo.stages import World
from declarations.models import Declaration
from declarations.queries.review import mend_label
from declarations.states import ReturnReason
from scoring.actions import Entered
from scoring.queries import programme_of
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Role

ASKED = (
    (ReturnReason.MISSING, "只有会议通知，没有签到表和纪要，请补充。（示例）"),
    (ReturnReason.UNCLEAR, "没有写明活动次数和参加人数，请写明。（示例）"),
)
MENDED = "2019年3月、8月和2020年5月共开展3次，参加126人次，签到表和纪要见附件。（示例）"
ANSWERS = (
    "已补充签到表和会议纪要，并写明每次的时间和人数。（示例）",
    "次数和人数已在上传的总结第二页写明，本项不再改动。（示例）",
)
QUESTION = "会员名册与年检登记的会员数相差2家，请说明原因。（示例）"


def come_back(world: World, cases: Iterable[Declaration], office: Organisation) -> None:
    """Let a unit return two rows of a case on its list; the chamber mends one, its county has to look again."""
    case = next((case for case in map(stages.fresh, cases) if case.home_id == office.pk), None)
    if case is None or case.holder_id != case.unit_id:
        return
    programme = programme_of(case.cycle.programme)
    codes = [item.id for item in programme.rubric.items() if item.mark is None][:2]
    items = [
        Mend(code, mend_label(programme, code), reason, text)
        for code, (reason, text) in zip(codes, ASKED, strict=True)
    ]
    review.return_for_correction(case=case, items=items, actor=world.officer(case.unit), now=world.tick())
    president = case.applicant.seats.select_related("user", "organisation").get(role=Role.CHAMBER_PRESIDENT)
    draft.save_self_marks(
        case=case, entries={codes[0]: Entered(words=MENDED)}, actor=president, now=world.tick()
    )
    file = {"file": stages.picture(f"{case.number} sign-in"), "name": "示例签到表.png"}
    draft.attach(case=case, row=codes[0], actor=president, now=world.tick(), **file)
    draft.answer_return(
        case=case, answers=dict(zip(codes, ANSWERS, strict=True)), actor=president, now=world.tick()
    )
    draft.resubmit(case=stages.fresh(case), actor=president, now=world.tick())


def ask(world: World, cases: Iterable[Declaration], office: Organisation) -> None:
    """Let an office ask the chamber of a case that it holds."""
    case = next(
        (case for case in map(stages.fresh, cases) if case.holder_id == office.pk and case.due_at), None
    )
    if case is None:
        return
    now = world.tick()
    due = now + timedelta(days=12)
    words = {"to": case.applicant_id, "text": QUESTION, "due": due}
    questions.ask(case=case, actor=world.officer(office), now=now, **words)
