"""A city's own cycle for the tests of access: one federation with a record, a finding and a case that was sent up."""

from declarations.models import (
    CampaignPaper,
    Circular,
    Cycle,
    Declaration,
    InspectionFinding,
    Recognition,
    SentUp,
    StageRecord,
)
from declarations.states import State
from scoring.actions import open_ledger
from sihao.accounts.models import Organisation
from tests import worlds
from tests.factories import make_federation
from tests.web.crowd import Crowd

MATTER = "工作方案上报市工商联"


def cycle_of(house: Crowd) -> Cycle:
    """Return the city's cycle, by the nation's standard: who may open a page does not hang on what is printed."""
    nation, city = house.world.cycle, make_federation(worlds.CITY)
    copied = ("opens_at", "submission_closes", "county_closes", "city_closes", "province_closes")
    found, _ = Cycle.objects.get_or_create(
        slug="c411100-1",
        defaults={name: getattr(nation, name) for name in copied}
        | {"name": "本市", "title": "本市建设", "honour": "市级称号", "programme": nation.programme, "places_total": 0}
        | {"workflow": "wuhao", "decider": city, "notice_title": "方案", "certificate_prefix": "C-"},
    )
    return found


def office(house: Crowd) -> Organisation:
    """Return the federation that takes part."""
    return make_federation(worlds.COUNTY)


def record_of(house: Crowd) -> StageRecord:
    """Return what it has on record."""
    by = house.world.officer(office(house))
    facts = {"held_on": worlds.NOW.date(), "text": "方案", "recorded_by": by, "recorded_at": worlds.NOW}
    place = {"cycle": cycle_of(house), "organisation": office(house), "stage": "S1", "matter": MATTER}
    return StageRecord.objects.get_or_create(**place, defaults=facts)[0]


def finding_of(house: Crowd) -> InspectionFinding:
    """Return what the inspection found."""
    item = next(iter(house_rows(house)))
    facts = {"text": "问题", "due_on": worlds.NOW.date(), "found_at": worlds.NOW}
    facts["found_by"] = house.world.officer(make_federation(worlds.CITY))
    place = {"cycle": cycle_of(house), "organisation": office(house), "code": item}
    return InspectionFinding.objects.get_or_create(**place, defaults=facts)[0]


def house_rows(house: Crowd) -> list[str]:
    """Return the rows of the standard."""
    marks = house.cases["county"].ledger.assessments.get(layer="self").marks
    return list(marks.order_by("code").values_list("code", flat=True))


def paper_of(house: Crowd) -> CampaignPaper:
    """Return a paper of the record, the same file as a piece of evidence."""
    piece = house.piece("county")
    facts = {"name": "材料.png", "kind": piece.kind, "size": piece.size, "digest": piece.digest, "stored": piece.stored}
    return CampaignPaper.objects.get_or_create(record=record_of(house), defaults=facts)[0]


def sent_up_of(house: Crowd) -> Declaration:
    """Return a recognised case that the city sent to its province."""
    cycle, city = cycle_of(house), make_federation(worlds.CITY)
    if found := Declaration.objects.filter(cycle=cycle).first():
        return found
    case = Declaration.objects.create(
        cycle=cycle,
        applicant=office(house),
        applicant_name=office(house).name,
        number="C411100-1",
        home=city,
        unit=city,
        path=office(house).path,
        route=[city.pk],
        ledger=open_ledger(programme=cycle.programme),
        state=State.RECOGNISED,
        held_since=worlds.NOW,
        started_at=worlds.NOW,
        submitted_at=worlds.NOW,
    )
    title = {"serial": 1, "number": "C-0001", "name": case.applicant_name, "unit_name": city.name}
    title |= {"unit_code": city.code, "recognised_at": worlds.NOW, "published_at": worlds.NOW}
    Recognition.objects.create(declaration=case, cycle=cycle, **title)
    sent = {"place": 1, "reason": "得分第一", "sent_by": house.world.leader(city), "sent_at": worlds.NOW}
    SentUp.objects.create(declaration=case, **sent)
    return case


def circular_of(house: Crowd) -> Cycle:
    """Return the cycle with its list given out."""
    case, city = sent_up_of(house), make_federation(worlds.CITY)
    facts = {"number": "20号", "dated_on": worlds.NOW.date(), "count": 1, "digest": "ab", "issued_at": worlds.NOW}
    Circular.objects.get_or_create(cycle=case.cycle, defaults=facts | {"issued_by": house.world.leader(city)})
    return case.cycle
