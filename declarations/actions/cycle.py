"""Opening a cycle from its file: calendar, notice, quotas."""

import csv
import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from declarations.actions.campaign import set_target
from declarations.actions.places import Source, write_numbers
from declarations.actions.quota import set_quota
from declarations.models import Cycle, Milestone, QuotaPlan, Region
from declarations.states import Standing
from declarations.working_days import official
from scoring.engine import METHODS, TRIM_FROM
from scoring.queries import latest_version
from sihao.accounts.models import Organisation, Seat
from sihao.accounts.queries import federation_of_code, national_node
from sihao.accounts.refusals import Refusal, Refused
from sihao.accounts.roles import Kind
from sihao.audit.actions import choose_hash
from sihao.audit.canonical import Hash, HashMissing
from sihao.audit.events import Event
from sihao.audit.record import record

COPIED = (
    "name",
    "title",
    "honour",
    "workflow",
    "notice_title",
    "certificate_prefix",
    "places_total",
    "opens_at",
    "province_closes",
)
STAGGERED = ("city_closes", "county_closes", "submission_closes")
"""The deadlines below the national one, from the top down: stated, or so many working days before the one above."""


@transaction.atomic
def open_cycle(*, path: Path, sample: bool, actor: Seat | None, now: datetime) -> Cycle:
    """Open the cycle of a file (once; a second time the open cycle is returned as it stands).

    Raises ``Refused`` when its programme is not published or its quotas do not add up to the total.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if found := Cycle.objects.filter(slug=data["slug"]).first():
        return found
    programme = latest_version(data["programme"])
    if programme is None:
        raise Refused((Refusal("programme_missing", f"认定标准{data['programme']}尚未发布，请先发布标准。"),))
    refuse_method(data.get("parameters", {}))
    _seal_with(data.get("parameters", {}).get("trail_hash", Hash.SHA256))
    text = (path.parent / data["notice_file"]).read_text(encoding="utf-8") if "notice_file" in data else ""
    cycle = Cycle.objects.create(
        slug=data["slug"],
        programme=programme,
        notice_text=text,
        is_sample=sample,
        **{name: data[name] for name in COPIED},
        **_own(data),
        **staggered(data),
        **data.get("parameters", {}),
    )
    _milestones(cycle, data.get("milestones", []))
    told = {"programme": programme.digest, "trail_hash": cycle.trail_hash}
    record(Event.CYCLE_OPENED, actor=actor, target=cycle, at=now, data=told)
    _targets(cycle, data.get("targets", []), actor, now)
    _regions(cycle, data.get("regions", []))
    if "counts_file" in data:
        _counts(cycle, path.parent.parent / data["counts_file"], data.get("places_floor", 0), actor, now)
    if "quota_file" in data:
        _quotas(cycle, path.parent.parent / data["quota_file"], actor, now)
    return cycle


def _own(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cycle has that a federation runs itself: the federation, its wording and its basis."""
    if "decider" not in data:
        return {}
    told = {name: data[name] for name in ("verb", "law_note") if name in data}
    return {"decider": federation_of_code(data["decider"]), "public_notice": False, **told}


def _targets(cycle: Cycle, lines: list[dict[str, Any]], actor: Seat | None, now: datetime) -> None:
    """Set where each federation of the file stood before the cycle."""
    for line in lines:
        for code in line["codes"]:
            set_target(
                cycle=cycle,
                organisation=federation_of_code(code),
                standing=Standing(line["standing"]),
                before_year=line.get("before_year"),
                actor=actor,
                now=now,
            )


def refuse_method(parameters: Mapping[str, Any]) -> None:
    """Refuse a way of settling marks that there is not, or that the cycle's readers are too few for."""
    method, readers = parameters.get("panel_method", "median"), parameters.get("readers", 2)
    if method not in METHODS:
        raise Refused.because("method_unknown", f"没有“{method}”这种合分办法，可用：{'、'.join(METHODS)}。")
    if method == "trimmed_mean" and readers < TRIM_FROM:
        words = f"去掉最高分和最低分后取平均，每件至少要{TRIM_FROM}名专家，本周期设为{readers}名。"
        raise Refused.because("readers_too_few", words)


def _seal_with(name: str) -> None:
    """Have the trail sealed from now on as the cycle opened last asks."""
    try:
        choose_hash(name=name)
    except HashMissing as missing:
        raise Refused.because("hash_missing", str(missing)) from missing


def staggered(data: Mapping[str, Any]) -> dict[str, datetime]:
    """Return the deadlines of the tiers below, back from the national one; what the file states as a date stands."""
    closes, above = {}, data["province_closes"]
    for name in STAGGERED:
        above = closes[name] = data.get(name) or official().before(above, data["working_days_before"][name])
    return closes


def _milestones(cycle: Cycle, lines: list[dict[str, Any]]) -> None:
    Milestone.objects.bulk_create(
        Milestone(cycle=cycle, place=place, period=line["period"], text=line["text"], ends_at=line.get("ends_at"))
        for place, line in enumerate(lines, start=1)
    )


def _regions(cycle: Cycle, lines: list[dict[str, Any]]) -> None:
    Region.objects.bulk_create(
        Region(cycle=cycle, place=place, name=line["name"], weight=Decimal(line["weight"]), codes=line["codes"])
        for place, line in enumerate(lines, start=1)
    )


def _counts(cycle: Cycle, path: Path, floor: int, actor: Seat | None, now: datetime) -> None:
    """Write the chambers counted that come with the cycle, and begin the nation's plan with its floor."""
    text = path.read_text(encoding="utf-8")
    numbers = {row["单位代码"]: int(row["商会数"]) for row in csv.DictReader(text.splitlines())}
    plan = QuotaPlan.objects.create(cycle=cycle, owner=national_node(), total=cycle.places_total, floor=floor)
    source = Source(path.name, sha256(text.encode()).hexdigest())
    write_numbers(plan=plan, numbers=numbers, source=source, actor=actor, now=now)


def _quotas(cycle: Cycle, path: Path, actor: Seat | None, now: datetime) -> None:
    """Set the places of the file; their sum must be the cycle's total."""
    with path.open(encoding="utf-8", newline="") as file:
        places = {row["单位代码"]: int(row["名额"]) for row in csv.DictReader(file)}
    if sum(places.values()) != cycle.places_total:
        sentence = f"各单位名额合计{sum(places.values())}，应为{cycle.places_total}。"
        raise Refused((Refusal("quota_sum", sentence, "四"),))
    units = Organisation.objects.filter(kind=Kind.FEDERATION, code__in=places)
    for unit in units.order_by("code"):
        set_quota(cycle=cycle, unit=unit, places=places[unit.code], actor=actor, now=now)
