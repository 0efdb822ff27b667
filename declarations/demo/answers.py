"""Invented declarations: answers that reach the standard, varied by chance, and ways to fall short of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from django.conf import settings
from stdnum.cn import uscc

from scoring.actions import Entered
from scoring.engine import Facts, Item, Programme, possible_points, propose
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Level

LEVEL_WORDS = {Level.NATIONAL: "全国", Level.PROVINCE: "省级", Level.CITY: "市级", Level.COUNTY: "县级"}


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((settings.BASE_DIR / "fixtures" / "demo" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Profile:
    """How good an invented chamber is: ``grade`` 0 (best) to 2 picks the level of its judged rows."""

    name: str
    code: str
    grade: int
    seed: int


def code_for(home: Organisation, serial: int) -> str:
    """Return a valid, invented unified social credit code of a body registered at the home's division."""
    body = f"{serial:08d}"
    stem = f"51{home.code}{body}{_organisation_check(body)}"
    return stem + uscc.calc_check_digit(stem)


def _organisation_check(body: str) -> str:
    """Return the check character of an organisation code (GB 11714), modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return "0123456789X"[(11 - total % 11) % 11]


def invented_name(rng: Random) -> str:
    """Return an invented person's name that says so."""
    names = _file("names.toml")
    return rng.choice(names["surnames"]) + rng.choice(names["given"])


def _two_names(rng: Random) -> tuple[str, str]:
    """Return two different persons, as a president is no full-time secretary-general."""
    first = invented_name(rng)
    while (second := invented_name(rng)) == first:
        pass
    return first, second


def trades() -> list[str]:
    """Return the invented chambers' trades."""
    return list(_file("names.toml")["trades"])


def answers_for(profile: Profile, home: Organisation) -> dict[str, object]:
    """Return a whole application form as typed."""
    rng = Random(profile.seed)  # noqa: S311 invented data, repeatable by seed
    strong = _file("strong.toml")
    president, secretary = _two_names(rng)
    return {
        **strong["answers"],
        "name": profile.name,
        "uscc": profile.code,
        "level": LEVEL_WORDS[Level(home.level)],
        "region_code": home.code,
        "reg_authority": f"{home.region or '民政部'}民政部门（示例）",
        "competent_unit": home.name,
        "legal_rep": president,
        "president_name": president,
        "president_company": f"示例{rng.choice(trades())}有限公司董事长",
        "president_mobile": f"1380000{rng.randrange(10000):04d}",
        "contact_name": secretary,
        "contact_mobile": f"1390000{rng.randrange(10000):04d}",
        "sg_name": secretary,
        "sg_mobile": f"1390000{rng.randrange(10000):04d}",
        "address": f"{home.region}示例路{rng.randrange(1, 200)}号",
        "deeds": deeds_of(profile.name),
        **_variation(rng, profile.grade),
    }


def deeds_of(name: str, more: str = "") -> str:
    """Return invented deeds in the name of a chamber, with a further passage if one is given."""
    texts = _file("strong.toml")["texts"]
    return f"{name}{texts['deeds'].strip()}{more}"


def copied_passage() -> str:
    """Return a passage that one chamber took from another."""
    return "\n" + str(_file("strong.toml")["texts"]["copied"]).strip()


def _variation(rng: Random, grade: int) -> dict[str, object]:
    """Return a few figures that differ from chamber to chamber without touching a gate."""
    members = 100 + rng.randrange(60)
    enterprises = members - 8
    return {
        "members_2018": str(members - 12),
        "members_2019": str(members - 4),
        "members_2020": str(members),
        "unit_members_2020": str(enterprises),
        "individual_members_2020": str(members - enterprises),
        "ent_members_2019": str(enterprises - 4),
        "ent_members_2020": str(enterprises),
        "visited_2019": str(enterprises // 4),
        "visited_2020": str(enterprises // 4 + 2),
        "contacted_2019": str(enterprises * 2 // 3),
        "contacted_2020": str(enterprises * 2 // 3 + 3),
        "reachable_2019": str(enterprises * 9 // 10 - 2),
        "reachable_2020": str(enterprises * 9 // 10),
        "villages_paired": str(3 - grade),
        "policy_studies": str(3 - grade),
        "evaluation_grade": ("5A", "4A", "3A")[grade],
        "innovation_spread": ("省级", "市级", "县级")[grade],
    }


def marks_for(programme: Programme, answers: Mapping[str, object], profile: Profile) -> dict[str, Entered]:
    """Return a self-assessment: what the facts support, and a grade for the rows that people judge."""
    rng = Random(profile.seed + 1)  # noqa: S311 invented data, repeatable by seed
    facts, _ = Facts.parse(programme, answers)
    words = _file("strong.toml")["texts"]["words"]
    proposed = propose(programme, facts)
    return {
        item.id: Entered(points=_points(item, proposed[item.id].points, rng, profile.grade), words=words)
        for item in programme.rubric.items()
    }


def _points(item: Item, proposed: object, rng: Random, grade: int) -> object:
    if proposed is not None:
        return proposed
    steps = possible_points(item.rule)
    return steps[min(len(steps) - 2, max(0, grade - rng.randrange(2)))]
