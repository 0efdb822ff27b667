"""Public pages and lists as they are asked for: certificate check, hostile words, keyset paging, numbers of queries."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.html import escape, strip_tags

from declarations.models import (
    ChamberCount,
    Cycle,
    Milestone,
    Quota,
    QuotaPlan,
    Recognition,
)
from declarations.states import State, TitleState
from scoring.models import ProgrammeVersion
from sihao import clock
from sihao.accounts.models import Seat
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import kept
from tests.rows import declare, recognise

pytestmark = pytest.mark.django_db
MANY = 130


@pytest.fixture(scope="module")
def cycle(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        for code in (worlds.COUNTY, "420000"):
            make_federation(code)
        yield worlds.make_cycle()


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: worlds.NOW)
    return worlds.NOW


def body(answer: object) -> str:
    """Return the words of the main part."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(strip_tags(f"<main{main}")).split())


# ---- the certificate check


def test_a_certificate_in_force_is_told_by_one_word_and_one_sentence(client, cycle):
    one = recognise(cycle, ["河南省食品商会"])[0]

    answer = client.get(f"/recognised/{one.number}/")

    assert answer.status_code == 200
    assert body(answer) == (
        "证书查验SH2020-0001 证书查验 有效 河南省食品商会 2020年9月28日认定为2019—2020年度全国“四好”商会。"
        " 证书编号SH2020-0001 推荐单位410000工商业联合会 商会类型行业商会 周期2019—2020年度"
        " 查验时间：2020年9月28日 09:00 查验另一份证书"
    )


def test_an_expired_certificate_says_since_when_it_was_one(client, cycle):
    one = recognise(cycle, ["河南省食品商会"])[0]
    Recognition.objects.filter(pk=one.pk).update(state=TitleState.EXPIRED)

    words = body(client.get(f"/recognised/{one.number}/"))

    assert "已到期 河南省食品商会 曾于2020年9月28日认定为2019—2020年度全国“四好”商会，有效期已满。" in words


def test_a_revoked_certificate_says_when_it_was_revoked(client, cycle):
    one = recognise(cycle, ["河南省食品商会"])[0]
    at = worlds.NOW + timedelta(days=20)
    Recognition.objects.filter(pk=one.pk).update(state=TitleState.REVOKED, revoked_at=at, revoked_why="违法")

    words = body(client.get(f"/recognised/{one.number}/"))

    assert "已撤销 河南省食品商会 原认定为2019—2020年度全国“四好”商会，已于2020年10月18日撤销。" in words


def test_a_number_nobody_has_is_told_so(client, cycle):
    answer = client.get("/recognised/SH2020-9999/")

    assert answer.status_code == 404
    assert "查无此证 没有编号为“SH2020-9999”的证书。请核对证书下方的编号后重新查验。" in body(answer)


TYPED = ["SH2020-0001", " sh2020-0001 ", "ｓｈ２０２０－０００１", "SH 2020 - 0001", "SH2020—0001"]


def test_the_number_is_read_as_people_type_it(client, cycle):
    recognise(cycle, ["河南省食品商会"])

    led = [client.get("/certificate/", {"number": typed}) for typed in TYPED]

    assert [(answer.status_code, answer["Location"]) for answer in led] == [(302, "/recognised/SH2020-0001/")] * 5
    assert "有效 河南省食品商会" in body(client.get(led[0]["Location"]))


def test_an_empty_number_is_asked_for_again(client, cycle):
    assert "请填写证书编号。" in body(client.get("/certificate/", {"number": ""}))
    assert "请填写证书编号。" not in body(client.get("/certificate/"))


def test_what_is_no_number_stays_in_the_field_with_the_reason(client, cycle):
    answer = client.get("/certificate/", {"number": "豫/2020"})

    assert answer.status_code == 200
    assert "证书编号由文字、字母、数字和“-”组成，请按证书上所印填写。" in body(answer)
    assert 'value="豫/2020"' in answer.content.decode()


# ---- hostile input

WORDS = [
    "",
    "\x00",
    "商会\x00",
    "%",
    "_",
    "\\",
    "'",
    '"',
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}",
    "😀" * 20,
    "商" * 10_000,
    "\u202e\u200b\ufeff",
    "a\u0301" * 30,
    "..",
    "../../etc/passwd",
    "\r\nX-Evil: 1",
    "-0",
    "9" * 400,
]
RAW = ["%ED%A0%80", "%FF%FE", "%C0%AF", "%00", "%", "%zz", "%E5%95", "%25%30%30", "+", "%F0%9F%98%80"]
# What is not understood of one field narrows nothing, so that one address can carry the words in every field.
LIST = "/recognised/?words={0}&unit={0}&kind={0}&cycle={0}&state={0}&after={0}"
ASKED = [LIST, "/certificate/?number={}", "/recognised/{}/", "/standards/{}/"]


@pytest.mark.parametrize("address", ASKED)
def test_hostile_words_never_break_a_page(client, cycle, address):
    recognise(cycle, ["河南省食品商会"])
    raw = [*map(quote_all, WORDS), *RAW]

    answers = {word: client.get(address.format(word)).status_code for word in raw}

    assert set(answers.values()) <= {200, 302, 404}


def quote_all(word: str) -> str:
    return quote(word, safe="")


@pytest.mark.parametrize("word", ["<script>alert(1)<b>", "{{ 7|add:7 }}", '"><i>'])
def test_words_are_shown_as_words(client, cycle, word):
    shown = [
        client.get("/recognised/", {"words": word}).content.decode(),
        client.get("/certificate/", {"number": word}).content.decode(),
        client.get(f"/recognised/{quote_all(word)}/").content.decode(),
    ]

    assert [word in page for page in shown] == ["{" in word] * 2 + [False]
    assert all(escape(word) in page for page in shown[:2])


def test_hostile_words_never_break_a_list_of_cases(cycle):
    officer = signed_in(make_seat(Role.DEPARTMENT_OFFICER))
    declare(cycle, ["示例商会"], home=make_federation(worlds.COUNTY), state=State.LOCAL_REVIEW)

    addresses = ["/work/cases/?words={0}&state={0}&after={0}", "/work/notices/?after={0}"]

    for word in (*map(quote_all, WORDS), *RAW):
        assert [officer.get(address.format(word)).status_code for address in addresses] == [200] * 2


def test_a_cursor_that_is_not_ours_gives_the_first_page(client, cycle):
    recognise(cycle, [f"商会{n}" for n in range(60)])
    page = client.get("/recognised/")
    first, cursor = numbers(page), page.context["page"].next

    turned = [cursor[:-1], cursor[::-1], cursor.replace(":", "."), cursor + "x", "f", "1", "[]", "eyJhIjoxfQ:x:y"]

    assert [numbers(client.get("/recognised/", {"after": wrong})) for wrong in turned] == [first] * len(turned)


def test_public_pages_answer_to_reading_alone(client, cycle):
    for url in ("/", "/notice/", "/standards/", "/recognised/", "/certificate/", "/quotas/", "/help/"):
        assert (client.head(url).status_code, client.post(url).status_code) == (200, 405)
        assert client.get(url).cookies == {}


def test_before_there_is_a_cycle_the_pages_stand(client, cycle):
    Quota.objects.all().delete()
    ChamberCount.objects.all().delete()
    QuotaPlan.objects.all().delete()
    Cycle.objects.all().delete()
    pages = ("/", "/notice/", "/standards/", "/recognised/", "/certificate/", "/quotas/", "/recognised/X/", "/help/")

    assert [client.get(url).status_code for url in pages] == [200, 404, 200, 200, 200, 404, 404, 200]
    assert "现在没有开放的认定周期。" in body(client.get("/"))


# ---- the calendar of the first page


def test_the_first_page_says_until_when_one_may_declare(client, cycle, monkeypatch):
    assert "正在接受申报" in body(client.get("/"))

    monkeypatch.setattr(clock, "now", lambda: cycle.submission_closes)
    assert "正在接受申报" not in body(client.get("/"))

    Cycle.objects.filter(pk=cycle.pk).update(published_at=worlds.NOW)
    assert "认定名单已公布 2020年9月28日公布。查看认定名单" in body(client.get("/"))


def test_every_page_with_indicators_says_that_they_are_reconstructed(client, cycle):
    for url in ("/", "/standards/", "/standards/sihao-2019-2020/"):
        assert "重建稿，非官方" in body(client.get(url))


# ---- paging by key


def numbers(answer: object) -> list[str]:
    return re.findall(r">(SH2020-\d+)</a>", answer.content.decode())


def test_the_recognised_list_is_walked_once_in_order_forward_and_back(client, cycle):
    rows = recognise(cycle, [f"商会{n:03d}" for n in range(MANY)])
    page = client.get("/recognised/")
    forward = numbers(page)
    while page.context["page"].next_url:
        page = client.get("/recognised/" + page.context["page"].next_url)
        forward += numbers(page)
    back = numbers(page)
    while page.context["page"].previous_url:
        page = client.get("/recognised/" + page.context["page"].previous_url)
        back = numbers(page) + back

    assert forward == back == [row.number for row in rows]


def test_a_narrowed_list_keeps_its_words_from_page_to_page(client, cycle):
    recognise(cycle, [f"食品商会{n:03d}" if n % 2 else f"家居商会{n:03d}" for n in range(120)])

    first = client.get("/recognised/", {"words": "食品"})
    second = client.get("/recognised/" + first.context["page"].next_url)

    assert (len(numbers(first)), len(numbers(second))) == (50, 10)
    assert 'value="食品"' in second.content.decode()
    assert second.context["page"].next_url == ""


# ---- numbers of queries


def signed_in(seat: Seat) -> Client:
    client = Client()
    client.force_login(seat.user)
    return client


def asks(client: Client, url: str, number: int, check: object) -> None:
    """Ask twice: what is read once a process has been read by then."""
    client.get(url)
    with check(number):
        answer = client.get(url)
    assert answer.status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_other_public_pages_ask_a_fixed_number_of_times(client, cycle, django_assert_num_queries, rows):
    recognise(cycle, [f"商会{n}" for n in range(rows)])
    Milestone.objects.filter(cycle=cycle, place__gt=rows).delete()
    Quota.objects.exclude(pk__in=list(Quota.objects.values_list("pk", flat=True)[:rows])).delete()
    another_standard(rows)

    asks(client, "/", 4, django_assert_num_queries)
    asks(client, "/standards/", 2, django_assert_num_queries)
    asks(client, "/standards/sihao-2019-2020/", 2, django_assert_num_queries)
    asks(client, "/quotas/", 4, django_assert_num_queries)
    asks(client, "/recognised/SH2020-0001/", 2, django_assert_num_queries)
    asks(client, "/certificate/", 1, django_assert_num_queries)


def another_standard(rows: int) -> None:
    """Publish the standard under as many further names as there shall be rows."""
    first = ProgrammeVersion.objects.get()
    for n in range(1, rows):
        fields = {"slug": f"copy-{n}", "title": f"副本{n}", "text": first.text, "digest": f"{n:064d}"}
        ProgrammeVersion.objects.create(published_at=worlds.NOW, **fields)
