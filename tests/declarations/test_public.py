"""What anybody may ask: words folded, lists narrowed, the calendar placed, texts taken apart."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from declarations.forms.public import CertificateCheck, RecognisedSearch, folded, folded_number, spellings
from declarations.models import Cycle, Milestone, Recognition
from declarations.queries import public
from declarations.queries.paper import Line, gate_lines, lines_of_notice, standard_sections
from declarations.queries.public import Sought, recognised_list
from scoring.engine import load_programme
from scoring.models import ProgrammeVersion
from tests import worlds
from tests.factories import make_federation
from tests.kept import kept
from tests.rows import recognise


@pytest.fixture(scope="module")
def cycle(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        for code in ("410000", "420000"):
            make_federation(code)
        cycle = worlds.make_cycle()
        recognise(cycle, ["河南省食品商会（示例）", "许昌市ABC商会", "100%商会", "下划_线商会"], unit="410000")
        recognise(cycle, ["武汉市食品商会"], unit="420000", kind="异地商会")
        yield cycle


# ---- words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("SH2020-0001", "SH2020-0001"),
        (" sh2020-0001 ", "SH2020-0001"),
        ("ＳＨ２０２０－０００１", "SH2020-0001"),
        ("sh 2020 - 0001", "SH2020-0001"),
        ("SH2020—0001", "SH2020-0001"),
        ("SH2020\u20110001", "SH2020-0001"),
        ("SH2020\u30000001\u200b\x00", "SH20200001"),
        ("\ud800SH", "SH"),
        ("\u3000", ""),
    ],
)
def test_a_certificate_number_is_folded_to_the_spelling_of_the_register(typed, read):
    assert folded_number(typed) == read


def test_a_number_that_is_too_long_stays_too_long_and_no_longer():
    assert len(folded_number("好" * 10_000)) == 61
    assert len(folded_number("\ufdfa" * 10_000)) == 61


def test_folding_takes_blanks_and_signs_that_do_not_print():
    assert folded("ＡＢ　c\u200b\x07d\u3000") == "ABcd"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("商会（示例）", ("商会（示例）", "商会(示例)")),
        ("商会(示例)", ("商会(示例)", "商会（示例）")),
        (" 食品 商会 ", ("食品 商会", "食品商会")),
        ("食品商会", ("食品商会",)),
        ("\x00 \u3000", ()),
        ("字" * 61, ("字" * 60,)),
    ],
)
def test_a_name_is_looked_for_in_each_way_it_may_be_spelled(typed, names):
    assert spellings(typed) == names


# ---- the list


def searched(query: str) -> list[str]:
    rows = recognised_list(RecognisedSearch(QueryDict(query)).sought())
    return list(rows.order_by("serial").values_list("name", flat=True))


FOOD = ["河南省食品商会（示例）", "武汉市食品商会"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("words=食品", FOOD),
        ("words=食品商会(示例)", FOOD[:1]),
        ("words=食品商会（示例）", FOOD[:1]),
        ("words=ａｂｃ", ["许昌市ABC商会"]),
        ("words=sh2020－0005", FOOD[1:]),
        ("words=SH2020", []),
        ("words=100%", ["100%商会"]),
        ("words=_", ["下划_线商会"]),
        ("words='", []),
        ("words=食品&unit=420000", FOOD[1:]),
        ("words=食品&kind=异地商会", FOOD[1:]),
        ("unit=410000&kind=异地商会", []),
        ("cycle=sh2020&words=食品", FOOD),
    ],
)
def test_the_recognised_list_is_narrowed(cycle, query, names):
    Cycle.objects.filter(pk=cycle.pk).update(published_at=worlds.NOW)

    assert searched(query) == names


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["unit=999999", "kind=无此类型", "cycle=none", "words=%00", "unit[]=x&cycle=%27"])
def test_what_is_not_understood_does_not_narrow(cycle, query):
    assert len(searched(query)) == 5


@pytest.mark.django_db
def test_the_types_to_choose_from_are_those_of_the_standard(cycle):
    assert public.chamber_types()[:2] == ["行业商会", "异地商会"]
    assert ("异地商会", "异地商会") in RecognisedSearch().fields["kind"].choices


@pytest.mark.django_db
def test_the_units_to_choose_from_are_those_with_places(cycle):
    assert public.unit_choices() == list(
        cycle.quotas.order_by("organisation__code").values_list("organisation__code", "organisation__name")
    )


@pytest.mark.django_db
def test_only_published_columns_of_a_title_are_read(cycle, django_assert_num_queries):
    with django_assert_num_queries(1):
        one = recognised_list(Sought()).first()
        shown = [getattr(one, name) for name in public.SHOWN if "__" not in name]

    assert one.name in shown
    assert "declaration_id" in one.get_deferred_fields()


@pytest.mark.django_db
def test_a_certificate_is_found_by_its_number_alone(cycle):
    number = Recognition.objects.get(name="武汉市食品商会").number

    assert public.certificate_of(number).name == "武汉市食品商会"
    assert public.certificate_of(number.lower()).name == "武汉市食品商会"
    others = ("", "%", number[:-1], f"{number}0", f"{number[:-1]}_")
    assert [public.certificate_of(other) for other in others] == [None] * 5


@pytest.mark.parametrize("number", ["a/b", "..", "SH2020-0001?x=1", "\u200b", "%", "'; drop table--"])
def test_what_cannot_be_a_number_is_told_so(number):
    form = CertificateCheck({"number": number})

    assert form.errors["number"] == ["证书编号由文字、字母、数字和“-”组成，请按证书上所印填写。"]


# ---- the calendar


def kinds(cycle: Cycle, now: object) -> list[str]:
    return [stage.kind for stage in public.calendar_of(cycle, now)]


@pytest.mark.django_db
def test_the_calendar_marks_the_present_place_to_the_second(cycle):
    ends = list(Milestone.objects.filter(cycle=cycle).order_by("place").values_list("ends_at", flat=True))
    dated = [place for place, end in enumerate(ends) if end is not None]
    first, second = dated[0], dated[1]

    before = kinds(cycle, ends[first] - timedelta(seconds=1))
    after = kinds(cycle, ends[first])

    assert before[first] == "current"
    assert set(before[first + 1 :]) == {"future"}
    assert after[first] == "done"
    assert after[second] == "current"
    assert kinds(cycle, ends[dated[-1]]).count("current") == 0


@pytest.mark.django_db
def test_the_places_add_up_and_the_nation_stands_last(cycle):
    rows, total = public.places_of(cycle)

    assert (len(rows), total) == (cycle.quotas.count(), sum(row.places for row in rows))
    assert [row.organisation.level for row in rows] == sorted((row.organisation.level for row in rows), reverse=True)
    assert all("used" in row.get_deferred_fields() for row in rows)


@pytest.mark.django_db
def test_of_each_standard_the_newest_version_is_shown(cycle):
    old = ProgrammeVersion.objects.get()
    new = ProgrammeVersion.objects.create(
        slug=old.slug, title=old.title, text=old.text, digest="0" * 64, published_at=worlds.NOW
    )

    assert public.standards() == [new]


# ---- texts set as documents

NOTICE = """关于开展认定工作的通知

各省、自治区、直辖市工商联:
　　现将有关事项通知如下：
一、认定原则
（一）自愿
1.自愿申报。
附件：1.标准
2.名额
全国工商联办公厅
2020年3月31日
"""


def test_a_notice_is_taken_apart_line_by_line():
    assert lines_of_notice(NOTICE) == [
        Line("关于开展认定工作的通知", "title"),
        Line("各省、自治区、直辖市工商联:", "addressee"),
        Line("　　现将有关事项通知如下：", "text"),
        Line("一、认定原则", "heading"),
        Line("（一）自愿", "subheading"),
        Line("1.自愿申报。", "text"),
        Line("附件：1.标准", "annex"),
        Line("2.名额", "annex"),
        Line("全国工商联办公厅", "signature"),
        Line("2020年3月31日", "signature"),
    ]


def test_a_notice_without_annex_or_signature_is_read_too():
    assert [line.kind for line in lines_of_notice("标题\n正文")] == ["title", "signature"]
    assert lines_of_notice("") == []


def test_a_standard_is_read_with_its_signs_and_its_gates(settings):
    text = (settings.BASE_DIR / "fixtures/programmes/sihao-2019-2020.toml").read_text(encoding="utf-8")
    programme = load_programme(text)

    sections = standard_sections(programme)
    rows = [row for section in sections for group in section.groups for row in group.rows]

    assert [section.points for section in sections] == [125, 110, 115, 90, 60]
    assert ([row.sign for row in rows].count("*"), [row.sign for row in rows].count("※")) == (7, 7)
    assert all(row.standard for row in rows)
    assert [gate.clause for gate in gate_lines(programme)] == ["五（一）"] * 3
    assert all(gate.reading for gate in gate_lines(programme))
