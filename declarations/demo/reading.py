"""The experts of the demo world: a pool, a third reader called by the rule, and one who steps back."""

from declarations.actions import panel, pool
from declarations.demo.stages import World, fresh
from declarations.models import Declaration, ExpertReview
from declarations.states import SHEETS_WRITABLE
from scoring.actions import Entered
from scoring.models import Layer
from scoring.queries import book_of, programme_of
from sihao.accounts.queries import federation_of_code

POOL = {
    "expert": ("示例大学公共管理学院", "", ("行业商会", "综合性商会")),
    "expert-2": ("示例省社会科学院", "630000", ("异地商会", "园区商会")),
    "expert-3": ("示例商会研究中心", "", ("行业商会", "市场商会", "乡镇（街道）商会")),
}
MOST = 60
APART = 3
WEAK = "材料只反映部分工作。（示例）"


def fill_pool(world: World) -> None:
    """Enter the demo experts in the pool of the cycle."""
    for name, (employer, province, kinds) in POOL.items():
        home = federation_of_code(province) if province else None
        profile = pool.Profile(employer=f"{employer}（示例）", province=home, kinds=kinds, most=MOST)
        told = {"cycle": world.cycle, "actor": world.seats["department"], "now": world.tick()}
        pool.write_member(seat=world.seats[name], profile=profile, **told)


def disagree(world: World, case: Declaration) -> None:
    """Let both experts confirm sheets that lie apart in a baseline row, so that a third is called."""
    item = next(one for one in programme_of(case.cycle.programme).rubric.items() if one.mark == "baseline")
    lower = {item.id: Entered(points=item.points - 1, reason="只看到一次活动的记录。（示例）")}
    for name, entries in (("expert", {}), ("expert-2", lower)):
        for review in _open(case, name):
            told = {"review": review, "actor": review.expert}
            if entries:
                panel.save_expert_marks(entries=entries, comment=None, now=world.tick(), **told)
            panel.agree_with_province(now=world.tick(), **told)
            panel.confirm_sheet(now=world.tick(), **told)


def step_back(world: World, case: Declaration) -> None:
    """Let one expert find a reason to step back; the department has to find another."""
    for review in _open(case, "expert-2"):
        reason = "本人两年前曾为该会提供咨询服务。（示例）"
        panel.recuse(review=review, reason=reason, actor=review.expert, now=world.tick())


def read_apart(world: World, case: Declaration, place: int) -> Declaration:
    """Let both experts confirm sheets that differ in a few rows, the second one mostly the stricter by some points.

    Never so far that a third reader is called: the diagnosis has something to draw and flags nobody.
    """
    rubric, book = programme_of(case.cycle.programme).rubric, book_of(case.ledger_id)
    unit = book.below(Layer.PRELIMINARY)
    free = [item.id for item in rubric.items() if not item.mark and unit.points.get(item.id, 0) >= 1]
    lower = {"expert": free[:1] if place % APART == 0 else [], "expert-2": free[-1 - place % APART :]}
    for name, rows in lower.items():
        entries = {code: Entered(points=unit.points[code] - 1, reason=WEAK) for code in rows}
        for review in _open(case, name):
            told = {"review": review, "actor": review.expert}
            panel.save_expert_marks(entries=entries, comment=None, now=world.tick(), **told)
            panel.agree_with_province(now=world.tick(), **told)
            panel.confirm_sheet(now=world.tick(), **told)
    return fresh(case)


def _open(case: Declaration, name: str) -> list[ExpertReview]:
    reviews = fresh(case).expert_reviews.filter(expert__user__username=name, state__in=sorted(SHEETS_WRITABLE))
    return list(reviews.select_related("expert__user", "expert__organisation", "declaration"))


def read(world: World, cases: list[Declaration]) -> None:
    """Leave one case with a third reader called, one with a reader gone, the others to be read."""
    for act, case in zip((disagree, step_back), cases, strict=False):
        act(world, case)
