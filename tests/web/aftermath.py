"""What comes after the meeting in the small house: a notice with an objection, a title looked into, a story, a pack."""

import uuid
from datetime import timedelta

from declarations.models import (
    FeedbackPack,
    Inquiry,
    NamedOfficer,
    NoticeEntry,
    Objection,
    ObjectionPiece,
    Objector,
    PublicNotice,
    Story,
    Tip,
)
from sihao.accounts.models import Seat
from sihao.accounts.roles import DEPARTMENT_ROLES, Role
from tests import worlds
from tests.web.crowd import Crowd

OBJECTOR = {"name": "异议人甲", "contact": "13911112222"}
FACTS = "异议原文：我在该会任职三年。"


def entry_of(house: Crowd) -> NoticeEntry:
    """Return the recognised case's line on a public notice that is over."""
    case, head = house.cases["recognised"], house.national(Role.DEPARTMENT_HEAD)
    at = {"opened_at": worlds.NOW, "closes_at": worlds.NOW + timedelta(days=9), "days": 5}
    found = {"digest": "0" * 64, "opened_by": head, **at}
    notice = PublicNotice.objects.get_or_create(cycle=case.cycle, number=1, defaults=found)[0]
    named = {"place": 1, "name": case.applicant_name, "unit_name": case.unit.name, "unit_code": case.unit.code}
    return NoticeEntry.objects.get_or_create(notice=notice, declaration=case, defaults=named)[0]


def objection_for(house: Crowd, seat: Seat) -> int:
    """Return an objection that the unit reports on; a seat of the department is one of the two named officers."""
    entry = entry_of(house)
    case, officer = entry.declaration, house.national(Role.DEPARTMENT_OFFICER)
    at = {"received_at": worlds.NOW, "due_at": worlds.NOW + timedelta(days=15), "report_due": worlds.NEXT}
    done = {"officer": officer, "admitted_by": officer, "admitted_at": worlds.NOW, "summary": "核对会员数。"}
    found = {"token": uuid.uuid4(), "facts": FACTS, "state": "admitted", "number": 1, "notice": entry.notice}
    key = {"cycle": case.cycle, "declaration": case, "receipt": "YY-AAAAA-AAAAA"}
    objection = Objection.objects.get_or_create(**key, defaults=found | at | done)[0]
    Objector.objects.get_or_create(objection=objection, defaults=OBJECTOR)
    if seat.role in DEPARTMENT_ROLES:
        named = {"seat": seat, "named_by": seat, "confirmed_by": seat, "named_at": worlds.NOW}
        NamedOfficer.objects.update_or_create(cycle=case.cycle, place=1, ended_at=None, defaults=named)
    return objection.pk


def piece_of(house: Crowd) -> int:
    """Return a piece of evidence that came with the objection."""
    objection = objection_for(house, house.national(Role.DEPARTMENT_OFFICER))
    piece = house.piece("recognised")
    file = {name: getattr(piece, name) for name in ("name", "kind", "size", "digest", "stored")}
    return ObjectionPiece.objects.get_or_create(objection_id=objection, defaults=file)[0].pk


def tip_of(house: Crowd) -> int:
    """Return a tip without a name on the recognised case."""
    case = house.cases["recognised"]
    found = {"token": uuid.uuid4(), "facts": "线索", "received_at": worlds.NOW, "cycle": case.cycle}
    return Tip.objects.get_or_create(declaration=case, defaults=found)[0].pk


def title_of(house: Crowd) -> int:
    """Return the title of the recognised case, proposed to be revoked, with a story that was released."""
    title, officer = house.cases["recognised"].recognition, house.national(Role.DEPARTMENT_OFFICER)
    facts = {"ground": "false", "facts": "示例", "state": "proposed", "opened_by": officer, "opened_at": worlds.NOW}
    facts |= {"statement_due": worlds.NOW, "proposed_at": worlds.NOW, "proposed_by": officer}
    Inquiry.objects.get_or_create(recognition=title, defaults=facts)
    piece, head = house.piece("recognised"), house.national(Role.DEPARTMENT_HEAD)
    told = {"title": "示例事迹", "text": "示例。", "caption": "示例图片", "state": "released", "edited_at": worlds.NOW}
    told |= {"kind": piece.kind, "digest": piece.digest, "stored": piece.stored, "edited_by": officer}
    told |= {"released_by": head, "released_at": worlds.NOW}
    Story.objects.get_or_create(recognition=title, defaults=told)
    return title.pk


def story_of(house: Crowd) -> dict[str, str]:
    """Return the certificate number of the story and what its picture's address ends with."""
    story = Story.objects.select_related("recognition").get(recognition=title_of(house))
    return {"number": story.recognition.number, "digest": story.digest[:16]}


def pack_of(house: Crowd) -> int:
    """Return the unit of a feedback pack."""
    case, piece = house.cases["recognised"], house.piece("recognised")
    file = {"digest": piece.digest, "stored": piece.stored, "size": piece.size, "name": "反馈.xlsx"}
    found = {"basis": "0", "cases": 1, "made_at": worlds.NOW, **file}
    FeedbackPack.objects.get_or_create(cycle=case.cycle, unit=case.unit, edition=1, defaults=found)
    return case.unit_id
