"""What lies on the tiers' desks in the demo world: layers that differ, a review half done, a colleague's change."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from declarations.actions import marking, review
from declarations.actions.draft.writing import CaseKey
from declarations.demo import stages
from declarations.demo.stages import World
from declarations.models import Declaration
from declarations.states import Stance, State
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.models import Organisation

REASONS = (
    "佐证材料只有一次活动的记录，按一次计。（示例）",
    "活动照片未注明日期，不能确认在评价期内。（示例）",
    "同一活动已在另一项计分，本项不重复计。（示例）",
    "名单与会员名册核对，少两家。（示例）",
)
OPINIONS = {
    Layer.COUNTY: "经逐项核对并实地走访，申报材料齐全，个别指标得分已作调整，同意推荐。（示例）",
    Layer.CITY: "经复核，县级审核意见属实，个别指标材料不足，得分已作调整，同意推荐。（示例）",
}
EVERY_SECOND, EVERY_THIRD = 2, 3


def lay_out(world: World, cases: Iterable[Declaration], office: Organisation) -> None:
    """Spread three cases that an office holds: one stays half reviewed, one goes to the city, one to the province."""
    fresh = (stages.fresh(case) for case in cases)
    here = [case for case in fresh if case.state == State.LOCAL_REVIEW and case.holder_id == office.pk]
    if len(here) < EVERY_THIRD:
        return
    stays, to_city, to_province = here[-3:]
    _send_up(world, to_city, Layer.COUNTY, 0)
    _send_up(world, to_province, Layer.COUNTY, 1)
    _send_up(world, stages.fresh(to_province), Layer.CITY, 2)
    _half(world, stays)


def _lowered(case: Declaration, first: int, step: int) -> Mapping[str, Entered]:
    """Return some rows a point lower than they stand, each with a reason."""
    rows = [item for item in programme_of(case.cycle.programme).rubric.items() if item.mark is None and item.points > 1]
    stands = book_of(case.ledger_id).below(Layer.PROVINCE)
    chosen = [item for item in rows[first::step] if stands is not None and stands.points.get(item.id, 0) > 1]
    pairs = zip(chosen, REASONS, strict=False)
    return {item.id: Entered(points=stands.points[item.id] - 1, reason=words) for item, words in pairs}


def _send_up(world: World, case: Declaration, layer: Layer, offset: int) -> None:
    officer, leader = world.officer(case.holder), world.leader(case.holder)
    review.save_tier_marks(case=case, entries=_lowered(case, offset, 17), actor=officer, now=world.tick())
    review.agree_with_below(case=case, actor=officer, now=world.tick())
    words = {"text": OPINIONS[layer], "stance": Stance.AGREE, "authentic": True}
    review.save_opinion(case=case, actor=officer, now=world.tick(), **words)
    review.forward(case=case, actor=leader, now=world.tick())


def _half(world: World, case: Declaration) -> None:
    """Mark one row of two, one without its reason; then a colleague changes two rows after the officer looked."""
    officer, leader = world.officer(case.holder), world.leader(case.holder)
    below = book_of(case.ledger_id).below(Layer.COUNTY)
    if below is None:
        return
    agreed = {code: points for number, (code, points) in enumerate(below.points.items()) if number % EVERY_SECOND}
    review.agree_with_below(case=case, actor=officer, now=world.tick(), rows=agreed)
    lowered = dict(_lowered(case, 3, 19))
    lowered |= {next(iter(lowered)): Entered(points=next(iter(lowered.values())).points, reason="")}
    review.save_tier_marks(case=case, entries=lowered, actor=officer, now=world.tick())
    typed = {"text": "经核对，申报表与登记证书、年检结论一致；"}
    marking.save_review(
        case=CaseKey(case.pk), entries=lambda programme: {}, opinion=typed, actor=officer, now=world.tick()
    )
    looked = world.tick()
    marking.note_look(case=case, seat=officer, at=looked)
    changed = _lowered(case, 5, 23)
    review.save_tier_marks(case=case, entries=changed, actor=leader, now=looked + timedelta(minutes=40))
