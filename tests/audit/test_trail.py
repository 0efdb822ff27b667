import pytest
from django.db import DatabaseError, connection, transaction

from sihao.audit.events import SENTENCES, Event
from sihao.audit.models import Entry, TrailIsAppendOnly
from sihao.audit.queries import matching_trail, trail_by, trail_of, whole_trail
from sihao.audit.record import record, tell
from tests import emptying
from tests.factories import NOW, make_federation, make_seat, make_user

pytestmark = pytest.mark.django_db


def entry(event: Event = Event.SIGNED_IN, **facts) -> Entry:
    target = facts.pop("target", None) or make_user()
    return record(event, actor=facts.pop("actor", None), target=target, at=facts.pop("at", NOW), **facts)


def test_entry_tells_who_did_what():
    seat = make_seat(
        user=make_user(name="张三"), organisation=make_federation(name="中华全国工商业联合会"), role="expert"
    )

    found = entry(
        Event.EXPORTED, actor=seat, target=seat.organisation, data={"what": "推荐汇总表"}, reason="上报"
    )

    assert tell(found) == "张三（中华全国工商业联合会·评审专家）导出推荐汇总表"
    assert (found.target_kind, found.target_id) == ("organisation", str(seat.organisation.pk))
    assert (found.path, found.reason) == ("/100000/", "上报")


def test_labels_survive_renames():
    seat = make_seat(user=make_user(name="张三"))
    found = entry(Event.STARTED, actor=seat, target=seat.organisation)
    was = (found.actor_label, found.target_label)

    seat.user.name, seat.organisation.name = "李四", "改名后的工商联"
    seat.user.save()
    seat.organisation.save()

    stored = Entry.objects.get(pk=found.pk)
    assert (stored.actor_label, stored.target_label) == was
    assert "张三" in tell(stored)


def test_system_acts_without_seat():
    assert tell(entry(Event.STARTED)) == "系统开始申报"


def test_unknown_event_raises():
    with pytest.raises(ValueError, match="not_an_event"):
        entry("not_an_event")

    assert not Entry.objects.exists()


@pytest.mark.parametrize("event", [event for event in Event if SENTENCES[event].needs])
def test_missing_fact_raises(event):
    *given, missing = SENTENCES[event].needs

    with pytest.raises(KeyError, match=missing):
        entry(event, data=dict.fromkeys(given, "甲"))

    assert not Entry.objects.exists()


@pytest.mark.parametrize("event", list(Event))
def test_every_event_tells_a_sentence(event):
    told = tell(entry(event, data=dict.fromkeys(SENTENCES[event].needs, "甲")))

    assert told
    assert "{" not in told


def test_braces_in_facts_are_plain_text():
    assert tell(entry(Event.EXPORTED, data={"what": "{actor.__class__}"})) == "系统导出{actor.__class__}"


def test_facts_cannot_stand_in_for_the_actor():
    assert tell(entry(Event.STARTED, data={"actor": "冒名者"})) == "系统开始申报"


def test_long_labels_are_cut():
    found = entry(target=make_federation(name="长" * 100))

    assert len(found.target_label) <= 200


def test_entry_of_nobody_known_has_no_key():
    assert entry(target=type(make_user())(name="未知登录名")).target_id == ""


def test_queries_return_target_actor_and_all():
    seat = make_seat()
    other = entry()
    first = entry(Event.STARTED, actor=seat, target=seat.organisation)
    second = entry(Event.SUBMITTED, actor=seat, target=seat.organisation)

    assert list(trail_of(seat.organisation)) == [first, second]
    assert list(trail_by(seat.user_id)) == [second, first]
    assert list(whole_trail()) == [second, first, other]
    assert list(matching_trail(person=seat.user.username, event=Event.STARTED)) == [first]
    assert list(matching_trail(person=seat.user.name)) == [second, first]


def test_days_are_whole_days_in_beijing():
    at_midnight = NOW.replace(month=8, day=31, hour=16, minute=0)  # 00:00 on 1 September in Beijing
    before, after = entry(at=at_midnight.replace(hour=15, minute=59)), entry(at=at_midnight)
    day = NOW.date()

    assert list(matching_trail(since=day)) == [after]
    assert list(matching_trail(until=day)) == [after, before]
    assert list(matching_trail(until=day.replace(month=8, day=31))) == [before]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda one: one.save(),
        lambda one: one.delete(),
        lambda one: Entry.objects.filter(pk=one.pk).update(reason="改"),
        lambda one: Entry.objects.all().delete(),
    ],
    ids=["save", "delete", "update many", "delete many"],
)
def test_entries_refuse_change(attempt):
    one = entry()

    with pytest.raises(TrailIsAppendOnly, match="办理留痕只能追加"):
        attempt(one)

    assert list(Entry.objects.all()) == [one]


def raw(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_database_itself_refuses_update():
    one = entry(reason="原文")

    with pytest.raises(DatabaseError, match="append-only"):
        raw("UPDATE audit_entry SET reason = 'changed'")

    assert Entry.objects.get(pk=one.pk).reason == "原文"


def test_bulk_update_is_refused_too():
    one = entry()

    with pytest.raises((TrailIsAppendOnly, DatabaseError)):
        Entry.objects.bulk_update([one], ["reason"])


def test_database_itself_refuses_delete():
    one = entry()

    with pytest.raises(DatabaseError, match="append-only"):
        raw("DELETE FROM audit_entry")

    assert Entry.objects.get() == one


def test_database_knows_the_events():
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(
            event="invented", at=NOW, actor_label="", target_kind="", target_id="", target_label=""
        )


def test_person_in_the_trail_cannot_be_deleted():
    seat = make_seat()
    entry(actor=seat)

    with pytest.raises(DatabaseError):
        seat.user.delete()


@pytest.mark.django_db(transaction=True)
def test_test_databases_can_still_be_emptied():
    entry()

    emptying.empty()

    assert not Entry.objects.exists()
    assert emptying.tables_with_rows() == []
    entry()
    with pytest.raises(DatabaseError):
        raw("DELETE FROM audit_entry")
