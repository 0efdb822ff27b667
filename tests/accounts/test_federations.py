import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from time import process_time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sihao.accounts.actions import load_federations
from sihao.accounts.divisions import CORRECTIONS, Span, code_table, divisions_since, federations, succession
from sihao.accounts.federations import FIXTURE, Federation, chain_paths, read_federations, write_federations
from sihao.accounts.models import Organisation
from sihao.accounts.queries import federation_of_code, national_node, organisations_under
from sihao.accounts.queries import federations as living_federations
from sihao.accounts.roles import Kind, Level
from sihao.audit.models import Entry
from tests.factories import NOW, make_chamber
from tests.kept import kept

CYCLE = date(2020, 10, 15)
ROSTER = read_federations()
BY_CODE = {one.code: one for one in ROSTER}


def living(day: date) -> list[Federation]:
    return [one for one in ROSTER if (one.valid_from or day) <= day <= (one.valid_to or day)]


# ---- the file


def test_file_is_what_the_code_table_gives():
    assert federations() == ROSTER


def test_file_survives_writing_and_reading(tmp_path):
    write_federations(ROSTER, tmp_path / "copy.json", source=json.loads(FIXTURE.read_text())["source"])

    assert (tmp_path / "copy.json").read_bytes() == FIXTURE.read_bytes()


def test_living_tree_of_2020_has_the_official_counts():
    official = Counter(one.level for one in living(CYCLE) if not one.internal)
    internal = Counter(one.level for one in living(CYCLE) if one.internal)

    assert official == {Level.NATIONAL: 1, Level.PROVINCE: 31, Level.CITY: 333, Level.COUNTY: 2844}
    assert internal == {Level.PROVINCE: 1, Level.CITY: 14, Level.COUNTY: 1}


def test_whole_roster_keeps_what_was_abolished():
    assert Counter(one.level for one in ROSTER) == {
        Level.NATIONAL: 1,
        Level.PROVINCE: 32,
        Level.CITY: 359,
        Level.COUNTY: 3207,
    }


@pytest.mark.parametrize(
    ("day", "counties"),
    [("2010-12-31", 2856 - 2), ("2019-12-31", 2846), ("2021-12-31", 2843), ("2024-12-31", 2846)],
)
def test_other_years_have_the_official_counts(day, counties):
    # 2010 lacks 万盛区 and 双桥区, whose codes were given to 綦江区 and 大足区.
    found = [one for one in living(date.fromisoformat(day)) if one.level == Level.COUNTY and not one.internal]

    assert len(found) == counties


def test_living_bodies_hang_on_living_bodies():
    alive = {one.code for one in living(CYCLE)}

    assert [one for one in living(CYCLE) if one.parent not in alive | {""}] == []


def test_every_tier_hangs_on_a_higher_one():
    assert [one for one in ROSTER if one.parent and BY_CODE[one.parent].level >= one.level] == []


def test_names_of_living_federations_are_unique_and_end_alike():
    names = Counter(one.name for one in living(CYCLE))

    assert [name for name, times in names.items() if times > 1] == []
    assert all(name.endswith("工商业联合会") for name in names)


def test_no_placeholder_is_a_federation():
    regions = {one.region for one in ROSTER}

    assert not regions & {"市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位", "林区"}
    assert not {one.code[:2] for one in ROSTER} & {"71", "81", "82"}


@pytest.mark.parametrize(
    ("code", "name", "path"),
    [
        ("100000", "中华全国工商业联合会", "/100000/"),
        ("410000", "河南省工商业联合会", "/100000/410000/"),
        ("150000", "内蒙古自治区工商业联合会", "/100000/150000/"),
        ("660000", "新疆生产建设兵团工商业联合会", "/100000/660000/"),
        ("661400", "新疆生产建设兵团第十四师工商业联合会", "/100000/660000/661400/"),
        ("411100", "漯河市工商业联合会", "/100000/410000/411100/"),
        ("411102", "漯河市源汇区工商业联合会", "/100000/410000/411100/411102/"),
        ("411103", "漯河市郾城区工商业联合会", "/100000/410000/411100/411103/"),
        ("411104", "漯河市召陵区工商业联合会", "/100000/410000/411100/411104/"),
        ("411121", "舞阳县工商业联合会", "/100000/410000/411100/411121/"),
        ("411122", "临颍县工商业联合会", "/100000/410000/411100/411122/"),
        ("411171", "漯河经济技术开发区工商业联合会", "/100000/410000/411100/411171/"),
        ("110101", "北京市东城区工商业联合会", "/100000/110000/110101/"),
        ("500229", "城口县工商业联合会", "/100000/500000/500229/"),
        ("419001", "济源市工商业联合会", "/100000/410000/419001/"),
        ("429021", "神农架林区工商业联合会", "/100000/420000/429021/"),
        ("469021", "定安县工商业联合会", "/100000/460000/469021/"),
        ("659001", "石河子市工商业联合会", "/100000/650000/659001/"),
        ("441900", "东莞市工商业联合会", "/100000/440000/441900/"),
        ("522327", "册亨县工商业联合会", "/100000/520000/522300/522327/"),
    ],
)
def test_sample_federations(code, name, path):
    assert BY_CODE[code].name == name
    assert chain_paths(ROSTER)[code] == path


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_cities_without_districts_have_nothing_beneath(code):
    assert [one for one in living(CYCLE) if one.parent == code] == []


def test_only_our_own_codes_are_internal():
    assert {one.code for one in ROSTER if one.internal} == {
        "411171",
        "660000",
        *(f"66{number:02}00" for number in range(1, 15)),
    }


@pytest.mark.parametrize(
    ("gone", "until", "heir"),
    [
        ("110103", "2009-12-31", "110101"),
        ("411023", "2015-12-31", "411003"),
        ("410728", "2018-12-31", "410783"),
        ("522400", "2010-12-31", "520500"),
        ("522422", "2010-12-31", "520521"),
        ("320611", "2019-12-31", "320613"),
        ("371200", "2017-12-31", "370100"),
        ("330103", "2020-12-31", "330105"),
        ("330104", "2020-12-31", ""),
    ],
)
def test_abolished_federations_keep_their_dates_and_heirs(gone, until, heir):
    assert (BY_CODE[gone].valid_to, BY_CODE[gone].successor) == (date.fromisoformat(until), heir)


def test_heirs_were_there_when_the_other_went():
    pairs = [(one, BY_CODE[one.successor]) for one in ROSTER if one.successor]

    assert len(pairs) == 364
    assert [
        (gone.code, heir.code) for gone, heir in pairs if not gone.valid_to or heir.parent == gone.code
    ] == []
    assert [
        gone.code for gone, heir in pairs if heir.valid_from and (heir.valid_from - gone.valid_to).days > 1
    ] == []
    assert [gone.code for gone, heir in pairs if heir.valid_to and heir.valid_to <= gone.valid_to] == []


def test_renamed_federation_stays_one():
    assert (BY_CODE["420600"].region, BY_CODE["420600"].formerly) == ("襄阳市", "襄樊市（至2009年）")
    assert BY_CODE["420600"].valid_to is None


# ---- reading the code table


def divisions(*lines: tuple[str, tuple[Span, ...]]) -> dict:
    return {one.code: one for one in divisions_since(dict(lines))}


def test_names_with_a_gap_are_two_divisions():
    found = divisions(("990001", (Span(1983, 1990, "旧区"), Span(2012, None, "新区"))))

    assert (found["990001"].name, found["990001"].start, found["990001"].former_names) == ("新区", 2012, ())


def test_division_abolished_long_ago_is_left_out():
    assert divisions(
        ("990001", (Span(1983, 2009, "旧县"),)), ("990002", (Span(None, 2010, "崇文区"),))
    ).keys() == {"990002"}


def test_two_possible_heirs_leave_none():
    found = divisions(
        ("990121", (Span(None, 2015, "某县"),)),
        ("990101", (Span(2015, None, "某区"),)),
        ("990181", (Span(2015, None, "某市"),)),
    )

    assert _derived(found) == {}


def test_heir_is_born_in_the_year_the_other_went():
    found = divisions(("990121", (Span(None, 2015, "某县"),)), ("990101", (Span(2014, None, "某区"),)))

    assert _derived(found) == {}


def _derived(found: dict) -> dict[str, str]:
    merged = {one.code: one for one in divisions_since(code_table())}
    heirs = succession([*merged.values(), *found.values()])
    return {code: heir for code, heir in heirs.items() if code in found}


def test_corrections_name_codes_of_the_table():
    added = {"330113", "330114"}

    assert {code for code in CORRECTIONS if code not in code_table()} == set()
    assert added <= CORRECTIONS.keys()


# ---- loading


@dataclass(frozen=True)
class Loaded:
    """What loading the whole roster once gave and cost."""

    count: int
    seconds: float
    queries: int


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    with kept(django_db_blocker), CaptureQueriesContext(connection) as asked:
        started = process_time()
        count = load_federations(federations=ROSTER, now=NOW)
        yield Loaded(count, process_time() - started, len(asked))


@pytest.fixture
def loaded(once, db) -> Loaded:
    return once


def test_load_is_quick_and_whole(loaded):
    assert loaded.seconds < 4  # about 1 s of our own work
    assert loaded.queries <= 120
    assert loaded.count == Organisation.objects.count() == 3599
    assert living_federations(CYCLE).count() == 3225


def test_loading_again_changes_nothing(loaded):
    before = list(Organisation.objects.order_by("pk").values())

    load_federations(federations=ROSTER, now=NOW)

    assert list(Organisation.objects.order_by("pk").values()) == before


def test_loading_again_refreshes_names_and_leaves_chambers(loaded):
    county = federation_of_code("411122")
    chamber = make_chamber(county, uscc="51410000MJ0000001A")
    Organisation.objects.filter(pk=county.pk).update(name="写错的名称", successor=national_node())

    load_federations(federations=ROSTER, now=NOW)

    county.refresh_from_db()
    assert (county.name, county.successor, county.kind) == ("临颍县工商业联合会", None, Kind.FEDERATION)
    assert list(county.children.all()) == [chamber]


def test_loaded_city_has_its_six_units(loaded):
    units = organisations_under(federation_of_code("411100"))

    assert [one.code for one in units] == [
        "411100",
        "411102",
        "411103",
        "411104",
        "411121",
        "411122",
        "411171",
    ]
    assert units[1].parent == units[0]


def test_loaded_heirs_are_linked(loaded):
    assert federation_of_code("110103").successor == federation_of_code("110101")
    assert Organisation.objects.exclude(successor=None).count() == 364


def test_loading_leaves_one_entry(loaded):
    entry = Entry.objects.get()

    assert (entry.sentence, entry.target_label) == ("系统载入工商联名录，共3599个", "中华全国工商业联合会")
