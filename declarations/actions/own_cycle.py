"""A federation opens a cycle of its own, knowingly: which standard, what the result is called, on what basis."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from declarations.actions.second_person import Confirmed, Prepared, prepare
from declarations.models import Cycle, Milestone, Pending
from declarations.queries.campaign import own_programmes
from declarations.second_person import Paired
from declarations.states import Verb
from scoring.engine import Programme
from scoring.models import ProgrammeVersion
from scoring.queries import programme_of
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.ui.formats import beijing, deadline

LAW = "《创建示范活动管理办法（试行）》"
LAW_NOTE = (
    "2022年4月起施行的《创建示范活动管理办法（试行）》规定，市、县两级除党委、政府外的其他单位不得自行开展创建示范活动。"
    "开展本项工作的依据或者批准文件由本单位在此写明；结果称“认定”“确认”还是“通报”由本单位选定；任何环节不得收费。"
)


INSTANTS = ("opens_at", "submission_closes", "decides_by")


@dataclass(frozen=True)
class OwnCycle:
    """What a federation decides when it opens a cycle: names, windows, wording, basis, and that it knows the law."""

    name: str
    title: str
    honour: str
    plan: str
    verb: Verb
    law_note: str
    knows: bool
    opens_at: datetime
    submission_closes: datetime
    decides_by: datetime


@transaction.atomic
def open_own_cycle(*, programme: ProgrammeVersion, words: OwnCycle, actor: Seat, now: datetime) -> Cycle:
    """Open a cycle of the actor's own federation by a published programme.

    Raises ``Refused`` for a programme that such a federation does not decide, without the word that the law is known
    or the basis, and for windows out of order.
    """
    if not allowed(actor, "declarations.open_own"):
        raise Refused.because("not_permitted", "由市级工商联分管领导开启。")
    parsed = programme_of(programme)
    _refuse(programme, words, actor)
    number = Cycle.objects.filter(decider=actor.organisation).count() + 1
    code = actor.organisation.code
    cycle = Cycle.objects.create(
        slug=f"c{code}-{number}",
        name=words.name.strip(),
        title=words.title.strip(),
        honour=words.honour.strip(),
        programme=programme,
        workflow=parsed.workflow,
        decider=actor.organisation,
        verb=words.verb,
        law_note=words.law_note.strip(),
        notice_title=words.plan.strip(),
        opens_at=words.opens_at,
        submission_closes=words.submission_closes,
        county_closes=words.submission_closes,
        city_closes=words.decides_by,
        province_closes=words.decides_by,
        places_total=0,
        public_notice=False,
        certificate_prefix=f"{code}-{timezone.localdate(now).year}-{number:02d}-",
    )
    _milestones(cycle, parsed)
    told = {"programme": programme.digest, "verb": cycle.verb, "law_note": cycle.law_note}
    record(Event.CYCLE_OPENED, actor=actor, target=cycle, at=now, data=told)
    return cycle


# ---- an officer prepares it, the leader opens it


@transaction.atomic
def prepare_opening(*, programme: ProgrammeVersion, words: OwnCycle, actor: Seat, now: datetime) -> Pending:
    """Put the opening of a cycle before the leader of the office, who is another person; it is read whole there.

    Raises ``Refused`` for what the leader could not open either, and where nobody could confirm it.
    """
    if not allowed(actor, "declarations.prepare_own"):
        raise Refused.because("not_permitted", "由市级工商联经办人提请，分管领导开启。")
    _refuse(programme, words, actor)
    prepared = Prepared(
        act=Paired.OPEN_OWN,
        subject=actor.organisation,
        title=f"开启{words.title.strip()}",
        told=_told(programme, words),
        payload={"programme": programme.pk, **_kept(words)},
        basis=programme.digest,
    )
    return prepare(prepared=prepared, cycle=None, actor=actor, now=now)


def _told(programme: ProgrammeVersion, words: OwnCycle) -> list[tuple[str, str]]:
    return [
        ("认定标准", f"{programme.title}，摘要值{programme.digest[:16]}"),
        ("周期", words.name),
        ("全称", words.title),
        ("称号", words.honour),
        ("实施方案", words.plan),
        ("结果的称谓", Verb(words.verb).label),
        ("开展依据", words.law_note),
        ("已知悉", LAW_NOTE),
        ("开始申请", beijing(words.opens_at, "date")),
        ("申请截止", deadline(words.submission_closes, with_year=True)),
        ("考评截止", deadline(words.decides_by, with_year=True)),
    ]


def _kept(words: OwnCycle) -> dict[str, object]:
    return {
        one.name: value.isoformat() if isinstance(value := getattr(words, one.name), datetime) else value
        for one in fields(words)
    }


def _read(payload: Mapping[str, Any]) -> OwnCycle:
    told = {one.name: payload[one.name] for one in fields(OwnCycle)}
    told |= {name: datetime.fromisoformat(told[name]) for name in INSTANTS} | {"verb": Verb(told["verb"])}
    return OwnCycle(**told)


def _open_prepared(pending: Pending, actor: Seat, now: datetime) -> Cycle:
    programme = ProgrammeVersion.objects.get(pk=pending.payload["programme"])
    return open_own_cycle(programme=programme, words=_read(pending.payload), actor=actor, now=now)


def _newest(pending: Pending) -> str:
    """Return the digest of the standard as its newest version has it: a later one asks to be looked at again."""
    slug = ProgrammeVersion.objects.values_list("slug", flat=True).get(pk=pending.payload["programme"])
    return ProgrammeVersion.objects.filter(slug=slug).order_by("-id").values_list("digest", flat=True)[0]


OPENING = Confirmed(_open_prepared, _newest)


def _refuse(programme: ProgrammeVersion, words: OwnCycle, actor: Seat) -> None:
    if programme not in own_programmes(actor.organisation):
        raise Refused.because("not_own", "这个标准不由本级认定，不能据此开启。")
    if not words.knows or not words.law_note.strip():
        sentence = "请写明开展本项工作的依据，并确认已知悉有关规定。"
        raise Refused.because("law_unknown", sentence, LAW)
    if not words.opens_at < words.submission_closes <= words.decides_by:
        raise Refused.because("windows_out_of_order", "开始申请须早于申请截止，申请截止不得晚于考评截止。")


def _milestones(cycle: Cycle, parsed: Programme) -> None:
    """Write the stages of the programme as the cycle's calendar."""
    zone = timezone.get_current_timezone()
    Milestone.objects.bulk_create(
        Milestone(
            cycle=cycle,
            place=place,
            period=f"{stage.start.year}年{stage.start.month}月—{stage.end.month}月",
            text=f"{stage.name}：{'、'.join(stage.deliver)}",
            ends_at=datetime.combine(stage.end, time.max, zone),
        )
        for place, stage in enumerate(parsed.stages, start=1)
    )
