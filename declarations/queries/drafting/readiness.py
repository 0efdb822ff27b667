"""What stands against handing in, by the guards' own reasons, each with the places where it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.urls import reverse

from declarations import guards as g
from declarations.guards import Act, CaseFacts, Guard
from declarations.queries.acts import OpenAct
from declarations.queries.checks import BLOCK, HINT, Found, unreasoned_claims
from declarations.queries.drafting.form import blank_fields, mended
from declarations.queries.drafting.found import chambers_findings
from declarations.queries.drafting.marks import own_verdict
from declarations.queries.drafting.places import field_url, row_url
from declarations.queries.facts import COMMITMENT, Dossier, facts_of
from declarations.rules import is_editable
from declarations.states import State
from declarations.workflow import WORKFLOWS, refusals_of
from scoring.engine import what_would_change
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal

LISTED = frozenset(
    {
        "form_incomplete",
        "form_faulty",
        "carried_unconfirmed",
        "rows_unmarked",
        "items_unanswered",
        "claims_unreasoned",
    }
)


@dataclass(frozen=True)
class Link:
    """One thing to mend and where."""

    label: str
    url: str


@dataclass(frozen=True)
class Blocker:
    """One reason of the guards with everything it rests on."""

    title: str
    refusal: Refusal
    links: tuple[Link, ...]

    @property
    def listed(self) -> bool:
        """Whether the places say all that the sentence says."""
        return self.refusal.code in LISTED


@dataclass(frozen=True)
class Readiness:
    """Whether the case may be handed in: reasons against it, until when, and the step for whoever may take it."""

    blockers: tuple[Blocker, ...]
    passed: tuple[str, ...]
    closes: datetime
    act: OpenAct | None
    found: tuple[Found, ...]

    @property
    def blocking(self) -> tuple[Found, ...]:
        """What the checks find that must be mended, but for what a guard tells in its own words."""
        return tuple(one for one in self.found if one.finding.severity == BLOCK)

    @property
    def asking(self) -> tuple[Found, ...]:
        """What is to be explained, explained or not."""
        return tuple(one for one in self.found if one.asks)

    @property
    def hints(self) -> tuple[Found, ...]:
        """What is worth a look."""
        return tuple(one for one in self.found if one.finding.severity == HINT)

    @property
    def unexplained(self) -> int:
        """How many things still wait for a word."""
        return sum(not one.settled for one in self.asking)

    @property
    def ready(self) -> bool:
        """Whether nothing stands against handing in."""
        return not self.count

    @property
    def acts(self) -> list[OpenAct]:
        """The step as the action bar takes it."""
        return [self.act] if self.act else []

    @property
    def count(self) -> int:
        """How many things are to be mended or explained."""
        mended = sum(max(1, len(blocker.links)) for blocker in self.blockers)
        return mended + len(self.blocking) + self.unexplained


def _blank_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    blank = (spec for spec in blank_fields(dossier) if spec.id != COMMITMENT)
    numbers = dossier.programme.numbers
    return [Link(f"{numbers[spec.id]}{spec.label}", field_url(dossier.case, spec.id)) for spec in blank]


def _fault_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    numbers, problems = dossier.programme.numbers, {one.field: one.problem for one in dossier.answers.values()}
    return [
        Link(mended(numbers[spec.id], spec.label, problems[spec.id]), field_url(dossier.case, spec.id))
        for spec in dossier.programme.fields
        if problems.get(spec.id)
    ]


def _carried_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    numbers, answers = dossier.programme.numbers, dossier.answers
    return [
        Link(f"{numbers[spec.id]}{spec.label}", f"{field_url(dossier.case, spec.id)}-field")
        for spec in dossier.programme.fields
        if spec.id in answers and answers[spec.id].carried
    ]


def _row_links(name: str) -> Callable[[Dossier, CaseFacts], list[Link]]:
    """Return the links of a group of rows that the facts hold as “code and name”."""

    def links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
        wanted = set(getattr(facts, name))
        named = ((f"{item.id}{item.name}", item) for item in dossier.programme.rubric.items())
        return [
            Link(f"{item.id} {item.name}", row_url(dossier.case, item.id)) for label, item in named if label in wanted
        ]

    return links


def _commitment_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    return [Link("真实性承诺", field_url(dossier.case, COMMITMENT))]


def _verdict_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    verdict, points = own_verdict(dossier)
    return [
        Link(change.sentence, row_url(dossier.case, change.rows[0]) if change.rows else "")
        for change in what_would_change(dossier.programme, points, verdict)
    ]


def _slip_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    url = reverse("declarations:return_slip", args=[dossier.case.pk])
    items = dossier.open_items
    return [Link(item.label, f"{url}#item-{item.item}") for item in items if not item.answer.strip()]


def _claim_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    url = reverse("declarations:self_assessment", args=[dossier.case.pk])
    names = {item.id: item.name for item in dossier.programme.rubric.items()}
    codes = unreasoned_claims(dossier, dossier.findings)
    return [Link(f"{code} {names[code]}", f"{url}#reason-{code}") for code in codes]


def _room_link(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    case = dossier.case
    url = reverse("declarations:campaign_office", args=[case.cycle_id, case.applicant_id])
    return [Link("本单位各步骤", url)]


def _no_links(dossier: Dossier, facts: CaseFacts) -> list[Link]:
    return []


@dataclass(frozen=True)
class Check:
    """How a guard is told: when it refuses, when it is content (if that is worth a word), and where it is mended."""

    title: str
    met: str
    links: Callable[[Dossier, CaseFacts], list[Link]] = _no_links


CHECKS = MappingProxyType(
    {
        g.cycle_is_open: Check("申报时间", "已开始申报"),
        g.before_submission_closes: Check("申报时间", "未到截止时间"),
        g.form_complete: Check("申报表未填", "申报表已填齐", _blank_links),
        g.form_faultless: Check("填写错误", "填写无误", _fault_links),
        g.carried_confirmed: Check("上期沿用，未确认", "", _carried_links),
        g.every_row_marked: Check("未打分", "已逐项打分", _row_links("unmarked_rows")),
        g.every_mark_proven: Check("缺佐证", "佐证或说明齐全", _row_links("unproven_rows")),
        g.claims_reasoned: Check("高于申报数据", "高于申报数据的已写明理由", _claim_links),
        g.nothing_contradicts: Check("逻辑校验", "逻辑校验未见阻断事项"),
        g.everything_explained: Check("须说明事项", "须说明的事项已说明"),
        g.commitment_signed: Check("承诺", "已作真实性承诺", _commitment_links),
        g.self_verdict_passes: Check("认定条件", "自评达到认定条件", _verdict_links),
        g.returned_items_answered: Check("退回事项", "退回事项已逐项说明", _slip_links),
        g.records_filed: Check("步骤记录", "各步骤应有的记录已登记", _room_link),
        g.findings_closed: Check("督查问题", "督查问题已全部销号", _room_link),
    }
)
UNTOLD = Check("其他", "")
BY_CHECKS = frozenset({g.nothing_contradicts, g.everything_explained})
"""Guards whose sentences stand on the page one by one, each with its places."""


def readiness_of(seat: Seat, dossier: Dossier, now: datetime) -> Readiness | None:
    """Return what stands against handing in, by the very guards of the step; None when it is not a draft or return."""
    case = dossier.case
    if not is_editable(seat, case):
        return None
    step = WORKFLOWS[case.cycle.workflow].transition("submit" if case.state == State.DRAFT else "resubmit")
    facts, act = facts_of(dossier, now), Act(actor=seat.user_id, people=seat.people)
    said = {g.plain(guard): refusals_of(guard, facts, act) for guard in step.guards}
    blockers = tuple(
        _blocker(guard, found[0], dossier, facts) for guard, found in said.items() if found and guard not in BY_CHECKS
    )
    content = (CHECKS[guard].met for guard, found in said.items() if not found and guard in CHECKS)
    passed = tuple(words for words in content if words)
    url = reverse("declarations:step", kwargs={"pk": case.pk, "name": step.name})
    refusals = tuple(refusal for found in said.values() for refusal in found)
    handing = OpenAct(step.label, url, "primary", refusals=refusals)
    return Readiness(
        blockers,
        passed,
        facts.submission_closes,
        handing if allowed(seat, step.permission, case) else None,
        tuple(chambers_findings(dossier, dossier.findings)),
    )


def _blocker(guard: Guard, refusal: Refusal, dossier: Dossier, facts: CaseFacts) -> Blocker:
    check = CHECKS.get(guard, UNTOLD)
    return Blocker(check.title, refusal, tuple(check.links(dossier, facts)))
