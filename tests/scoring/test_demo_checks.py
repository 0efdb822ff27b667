"""The invented declarations of the demo stand up to the logic checks."""

from decimal import Decimal

import pytest

from declarations.demo.answers import LEVEL_WORDS, Profile, answers_for, code_for, marks_for
from scoring.engine import Evidence, Facts, OwnMark, Programme, Surroundings, check, load_programme
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Level

HOMES = [
    (Level.NATIONAL, "100000", "100000"),
    (Level.PROVINCE, "410000", "410000"),
    (Level.CITY, "411100", "410000"),
    (Level.COUNTY, "411122", "410000"),
]


@pytest.fixture(scope="module")
def programme(settings_folder) -> Programme:
    return load_programme((settings_folder / "sihao-2019-2020.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def settings_folder():
    from django.conf import settings

    return settings.BASE_DIR / "fixtures" / "programmes"


@pytest.mark.parametrize(("level", "code", "province"), HOMES)
@pytest.mark.parametrize("grade", [0, 1, 2])
def test_demo_answers_have_nothing_to_block_or_explain(
    programme: Programme, level: Level, code: str, province: str, grade: int
) -> None:
    home = Organisation(name="示例工商业联合会", level=level, code=code, region="示例")
    for serial in range(1, 21):
        profile = Profile(f"示例商会{serial}", code_for(home, serial), grade, serial * 7 + grade)
        typed = answers_for(profile, home)
        facts, problems = Facts.parse(programme, typed)
        entered = marks_for(programme, typed, profile)
        marks = {row: OwnMark(Decimal(one.points), words=bool(one.words)) for row, one in entered.items()}

        findings = check(
            programme,
            facts,
            marks,
            Surroundings(
                evidence={"A1.1": Evidence(1)},
                divisions=(code,),
                province=province,
                level=LEVEL_WORDS[level],
                register_name=profile.name,
                recognised_before=True,
            ),
        )

        assert problems == {}
        assert len(marks) == len(programme.rubric.items())
        assert [one for one in findings if one.severity != "hint"] == []
