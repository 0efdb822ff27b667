"""The chain of the trail: sealed behind the acts, without gaps; whatever a database client alters is named."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from sihao.audit import actions
from sihao.audit.actions import choose_hash, seal
from sihao.audit.canonical import GENESIS, Hash
from sihao.audit.events import Event
from sihao.audit.migrations._append_only import ENTRY, LINK, releasing
from sihao.audit.models import Chain, DailyHead, Entry, Link, TrailIsAppendOnly
from sihao.audit.queries import heads_text, verify
from sihao.audit.record import record
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def write(number=1, at=NOW, **facts):
    target = make_user()
    return [
        record(Event.EXPORTED, actor=None, target=target, at=at, data={"what": "名单"}, **facts) for _ in range(number)
    ]


def by_hand(sql, *values, table=ENTRY):
    """Do as a database client would who takes the triggers away first."""
    with connection.cursor() as cursor:
        for statement in releasing(table, connection.vendor):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, values)


def broken():
    found = verify().broken
    return found.sentence if found else None


# ---- sealing


def test_sealing_goes_on_where_it_stopped_and_leaves_no_gap(monkeypatch):
    monkeypatch.setattr(actions, "PAGE", 2)
    write(3)

    assert [seal(now=NOW), seal(now=NOW)] == [3, 0]
    write(2)
    assert seal(now=NOW) == 2

    links = Link.objects.order_by("sequence")
    assert list(links.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    keys = Entry.objects.order_by("pk").values_list("pk", flat=True)
    assert list(links.values_list("entry", flat=True)) == list(keys)
    chain = Chain.objects.get()
    assert (chain.sequence, chain.seal) == (5, links.last().seal)
    assert verify().number == 5


def test_no_more_than_a_pass_may_take_is_sealed_at_once(monkeypatch):
    monkeypatch.setattr(actions, "PAGE", 2)
    write(5)

    assert [seal(now=NOW, most=4), seal(now=NOW, most=4)] == [4, 1]


def test_what_was_committed_late_gets_the_next_place():
    """A key that was given early may be seen late: the act it belongs to was still open."""
    early, late = write(2)
    by_hand("DELETE FROM audit_entry WHERE id = %s", early.pk)
    seal(now=NOW)
    Entry.objects.bulk_create([early])

    assert seal(now=NOW + timedelta(minutes=59)) == 1

    assert list(Link.objects.order_by("sequence").values_list("entry", flat=True)) == [late.pk, early.pk]
    assert broken() is None


def test_what_was_committed_very_late_is_found_by_the_thorough_look():
    early, _ = write(2)
    by_hand("DELETE FROM audit_entry WHERE id = %s", early.pk)
    seal(now=NOW)
    Entry.objects.bulk_create([early])

    assert seal(now=NOW + timedelta(minutes=61)) == 0
    assert seal(now=NOW + timedelta(minutes=61), thorough=True) == 1


def test_sm3_from_where_it_is_chosen_on():
    write(1)
    seal(now=NOW)
    choose_hash(name=Hash.SM3)
    write(1)
    seal(now=NOW)

    assert list(Link.objects.order_by("sequence").values_list("hash", flat=True)) == ["sha256", "sm3"]
    assert broken() is None


def test_the_end_of_a_day_is_written_down_by_the_first_pass_of_a_later_one():
    write(2)
    seal(now=NOW)
    seal(now=NOW + timedelta(hours=1))
    assert not DailyHead.objects.exists()

    write(1)
    seal(now=NOW + DAY)
    seal(now=NOW + 3 * DAY)

    heads = list(DailyHead.objects.order_by("day").values_list("day", "sequence"))
    assert heads == [(NOW.date(), 2), ((NOW + DAY).date(), 3)]
    assert list(DailyHead.objects.order_by("day").values_list("seal", flat=True)) == [
        Link.objects.get(sequence=n).seal for n in (2, 3)
    ]


def test_a_pass_with_nothing_to_do_asks_as_little_however_long_the_chain(django_assert_num_queries):
    for number in (1, 3):
        write(number)
        seal(now=NOW)

        with django_assert_num_queries(5):  # the last seal within a savepoint, the seal an hour ago, what is new
            seal(now=NOW)


# ---- what is altered is named


@pytest.fixture
def sealed():
    entries = write(4, reason="原文")
    seal(now=NOW)
    return entries


def test_an_untouched_chain_holds(sealed):
    found = verify()

    assert (found.number, found.broken) == (4, None)
    assert found.seal == Link.objects.get(sequence=4).seal


@pytest.mark.parametrize(
    ("column", "value", "part"),
    [
        ("reason", "改文", "理由"),
        ("data", '{"what": "别的"}', "内容"),
        ("actor_label", "系纶", "办理人"),
        ("target_label", "别人", "对象"),
        ("target_id", "0", "对象"),
        ("event", "struck", "事项"),
        ("at", "2020-09-01 00:00:00.000001+00:00", "时间"),
        ("path", "/", "所在链条"),
    ],
)
def test_one_altered_column_is_named_with_its_entry(sealed, column, value, part):
    by_hand(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, sealed[1].pk)  # noqa: S608 our own names

    found = verify()

    assert (found.number, found.broken.sequence) == (1, 2)
    assert broken().endswith(f"条目{sealed[1].pk}）：与封存时不同的是{part}。")


def test_a_deleted_entry_is_named(sealed):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pytest.skip("SQLite checks the reference at the end of the transaction")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_link DISABLE TRIGGER ALL")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [sealed[2].pk])

    assert broken() == f"第3条留痕：条目{sealed[2].pk}已不存在。"


def test_a_deleted_entry_with_its_seal_is_named_by_its_place(sealed):
    by_hand("DELETE FROM audit_link WHERE sequence = 2", table=LINK)
    by_hand("DELETE FROM audit_entry WHERE id = %s", sealed[1].pk)

    assert broken() == "第2条留痕：封存记录缺失。"


def test_a_deleted_end_is_named(sealed):
    by_hand("DELETE FROM audit_link WHERE sequence > 2", table=LINK)
    by_hand("DELETE FROM audit_entry WHERE id >= %s", sealed[2].pk)

    assert broken() == "第3条留痕：末尾的封存记录缺失，曾封存至第4条。"


def test_an_altered_seal_is_named(sealed):
    by_hand("UPDATE audit_link SET seal = %s WHERE sequence = 3", GENESIS, table=LINK)

    assert broken().endswith("：封存值与内容和上一条的封存值不符。")
    assert verify().broken.sequence == 3


def reseal():
    """Seal everything anew, as somebody would who wants to hide an alteration."""
    with connection.cursor() as cursor:
        for table in (ENTRY, LINK):
            for statement in releasing(table, connection.vendor):
                cursor.execute(statement)
        cursor.execute("DELETE FROM audit_link")
        cursor.execute("DELETE FROM audit_chain")
    seal(now=NOW, thorough=True)


def test_a_chain_that_was_sealed_anew_does_not_fit_the_published_day(sealed):
    write(1)
    seal(now=NOW + DAY)
    by_hand("UPDATE audit_entry SET reason = 'x' WHERE id = %s", sealed[0].pk)
    reseal()

    assert broken().endswith(f"：封存值与{NOW.date()}公布的封存值不同。")
    assert verify().broken.sequence == 4


def test_nor_the_text_that_somebody_kept(sealed, tmp_path):
    write(1)
    seal(now=NOW + DAY)
    kept = tmp_path / "heads.txt"
    kept.write_text(heads_text(DailyHead.objects.all(), "封存值"), encoding="utf-8")
    by_hand("UPDATE audit_entry SET reason = 'x' WHERE id = %s", sealed[0].pk)
    by_hand("DELETE FROM audit_dailyhead", table="audit_dailyhead")
    reseal()
    assert broken() is None

    with pytest.raises(CommandError) as caught:
        call_command("verify_trail", heads=kept)

    assert str(caught.value).endswith(f"：封存值与所提供的{NOW.date()}封存值不同。此前3条相符。")


# ---- the command


def told(**options):
    out = StringIO()
    call_command("verify_trail", stdout=out, **options)
    return out.getvalue().strip()


def test_the_command_seals_first_and_says_that_all_holds():
    write(2)

    assert told() == f"办理留痕相符：共2条，本次封存2条。末条封存值：{Link.objects.get(sequence=2).seal}"


def test_the_command_names_the_first_broken_entry_with_exit_code_one(sealed):
    by_hand("UPDATE audit_entry SET reason = '改' WHERE id IN (%s, %s)", sealed[2].pk, sealed[3].pk)

    with pytest.raises(CommandError) as caught:
        told()

    assert caught.value.returncode == 1
    assert str(caught.value).startswith("办理留痕有改动。第3条留痕（导出，")
    assert str(caught.value).endswith("）：与封存时不同的是理由。此前2条相符。")


def test_the_command_reads_only_seals(tmp_path):
    file = tmp_path / "heads.txt"
    file.write_text("# 说明\n2020-10-01 3 sha256 abc\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"heads\.txt中这一行不是封存值：2020-10-01 3 sha256 abc"):
        told(heads=file)
    with pytest.raises(CommandError, match="不能读取"):
        told(heads=tmp_path / "none.txt")


# ---- append-only


@pytest.mark.parametrize("model", [Link, DailyHead], ids=["seals", "days"])
def test_seals_cannot_be_altered_nor_deleted(sealed, model):
    seal(now=NOW + DAY)
    one = model.objects.last()

    for attempt in (one.save, one.delete, model.objects.all().delete, lambda: model.objects.update(seal=GENESIS)):
        with pytest.raises(TrailIsAppendOnly):
            attempt()
    for statement in (f"UPDATE {model._meta.db_table} SET seal = ''", f"DELETE FROM {model._meta.db_table}"):  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
