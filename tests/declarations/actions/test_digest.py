"""The daily digest: one plain mail a person, nothing when there is nothing, nothing twice."""

from datetime import datetime, timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations import tasks
from declarations.actions.digest import write_digests
from declarations.models import Declaration, Notice, Recusal
from sihao import clock
from sihao.accounts.actions.mailing import send_waiting
from sihao.accounts.models import Mail, User
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_seat, make_user
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db

MORNING = datetime(2020, 10, 12, 8, 0, tzinfo=worlds.BEIJING)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


@pytest.fixture
def officer(ground):
    """Return the county's officer with an address; nobody else has one."""
    seat = ground.afresh().officer(ground.case.holder)
    User.objects.filter(pk=seat.user_id).update(email="county@example.org", name="张三")
    return seat


def test_digest_tells_what_is_due_and_what_is_new(ground, officer):
    case = ground.case

    assert write_digests(now=MORNING) == 1
    send_waiting(clock=lambda: MORNING)

    [sent] = outbox.outbox
    assert (sent.to, sent.subject) == (["county@example.org"], "每日摘要：3个工作日内到期1件，新消息1条")
    assert sent.body == (
        "张三：\n"
        "\n"
        "截至2020年10月12日 08:00，您在“四好”商会申报评审系统有以下事项。\n"
        "\n"
        "【411122工商业联合会 · 经办人】\n"
        "\n"
        "3个工作日内到期1件：\n"
        f"  1. 示例商会1（{case.number}），审核中，限10月13日24:00，还有1天\n"
        "\n"
        "新消息1条：\n"
        "  1. 示例商会1提交了申报，请审核（9月28日 09:10）\n"
        "\n"
        "请登录办理：http://127.0.0.1:8000/work/\n"
        "本邮件每个工作日8时发送一次，没有逾期、到期和新消息时不发送。请勿回复。\n"
    )


def test_second_pass_of_the_day_writes_nothing(officer):
    write_digests(now=MORNING)
    write_digests(now=MORNING + timedelta(hours=3))

    assert Mail.objects.count() == 1


def test_news_that_come_after_the_mail_of_the_day_stand_in_tomorrows(officer):
    write_digests(now=MORNING)
    Notice.objects.create(seat=officer, key="later", title="午后的消息", sent_at=MORNING)

    assert write_digests(now=MORNING + timedelta(hours=3)) == 0
    assert Notice.objects.get(key="later").mailed_at is None
    write_digests(now=MORNING + timedelta(days=1))
    assert "午后的消息" in Mail.objects.order_by("id").last().body


def test_news_are_told_once_and_what_is_due_every_day(officer):
    write_digests(now=MORNING)
    write_digests(now=MORNING + timedelta(days=1))

    bodies = list(Mail.objects.order_by("id").values_list("body", flat=True))
    assert ["新消息1条" in body for body in bodies] == [True, False]
    assert ["到期1件" in body for body in bodies] == [True, True]


@pytest.mark.parametrize(("at", "told"), [("2020-10-08 23:59", False), ("2020-10-09 00:00", True)])
def test_what_is_due_within_three_working_days_is_told(ground, officer, at, told):
    Notice.objects.all().delete()
    write_digests(now=datetime.fromisoformat(at).replace(tzinfo=worlds.BEIJING))

    assert Mail.objects.exists() is told


def test_what_is_overdue_is_called_so(ground, officer):
    write_digests(now=ground.case.due_at)

    mail = Mail.objects.get()
    assert mail.title == "每日摘要：逾期1件"
    told = f"示例商会1（{ground.case.number}），审核中，限10月13日24:00，已逾期1天"
    assert f"逾期1件：\n  1. {told}\n" in mail.body


def test_draft_whose_window_is_over_is_no_longer_due(ground):
    draft = worlds.make_draft(ground.afresh())
    president = worlds.president_of(draft.applicant)
    User.objects.filter(pk=president.user_id).update(email="chamber@example.org")

    assert write_digests(now=draft.due_at - timedelta(seconds=1)) == 1
    assert write_digests(now=draft.due_at + timedelta(days=1)) == 0


def test_who_steps_back_hears_nothing_of_the_case(ground, officer):
    Recusal.objects.create(
        user=officer.user, declaration=ground.case, reason="亲属", declared_by=officer, declared_at=worlds.NOW
    )

    assert write_digests(now=MORNING) == 0
    assert Notice.objects.get(seat=officer).mailed_at is None


def test_nothing_to_hear_is_no_mail(ground):
    make_seat(Role.OFFICER, federation_of_code(worlds.NEIGHBOUR), make_user(email="quiet@example.org"))

    assert write_digests(now=MORNING) == 0


def test_who_has_no_address_no_seat_or_no_account_gets_none(ground, officer):
    User.objects.filter(pk=officer.user_id).update(is_active=False)
    assert write_digests(now=MORNING) == 0
    User.objects.filter(pk=officer.user_id).update(is_active=True)
    officer.ended_at = worlds.NOW
    officer.save(update_fields=["ended_at"])
    assert write_digests(now=MORNING) == 0


def test_read_and_old_messages_are_not_told(ground, officer):
    Declaration.objects.update(due_at=None)
    mine = Notice.objects.filter(seat=officer)
    mine.update(read_at=worlds.NOW)
    assert write_digests(now=MORNING) == 0
    mine.update(read_at=None, sent_at=MORNING - timedelta(days=14, seconds=1))
    assert write_digests(now=MORNING) == 0
    mine.update(sent_at=MORNING - timedelta(days=14))
    assert write_digests(now=MORNING) == 1


def test_two_seats_at_one_organisation_hear_it_once(ground, officer):
    leader = make_seat(Role.LEADER, officer.organisation, officer.user)
    heard = Notice.objects.get(seat=officer)
    Notice.objects.create(seat=leader, key=heard.key, title=heard.title, sent_at=heard.sent_at)

    write_digests(now=MORNING)

    body = Mail.objects.get().body
    assert "【411122工商业联合会 · 经办人、分管领导】" in body
    assert body.count("提交了申报") == body.count("限10月13日24:00") == 1


def test_only_the_first_twenty_are_listed(ground, officer):
    Notice.objects.bulk_create(
        Notice(seat=officer, key=f"n{n}", title=f"消息{n}", sent_at=worlds.NOW) for n in range(24)
    )

    write_digests(now=MORNING)

    assert "  另有5条，请登录查看。\n" in Mail.objects.get().body
    assert not Notice.objects.filter(seat=officer, mailed_at=None).exists()


def test_without_a_mail_server_nothing_is_written_or_marked(officer, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    assert write_digests(now=MORNING) == 0
    assert Notice.objects.filter(seat=officer, mailed_at=None).exists()


def test_a_page_of_digests_asks_the_same_whatever_it_holds(ground, officer):
    asked = []
    for count in (1, 2, 30):
        for _ in range(count):
            make_seat(Role.OFFICER, officer.organisation, make_user(email="more@example.org"))
        Mail.objects.all().delete()
        Notice.objects.update(mailed_at=None)
        with CaptureQueriesContext(connection) as queries:
            write_digests(now=MORNING)
        asked.append(sum("INSERT" not in query["sql"] for query in queries))

    assert asked[0] == asked[1] == asked[2]


# ---- when


@pytest.mark.parametrize(
    ("hour", "minute", "turn"), [(7, 59, ""), (8, 0, "2020-10-12"), (23, 59, "2020-10-12"), (0, 0, "")]
)
def test_digest_has_its_turn_from_eight_in_beijing(hour, minute, turn):
    assert tasks.morning(MORNING.replace(hour=hour, minute=minute)) == turn


@pytest.mark.parametrize(("day", "turn"), [(8, ""), (9, "2020-10-09"), (10, "2020-10-10"), (11, "")])
def test_digest_has_no_turn_on_a_holiday(day, turn):
    assert tasks.morning(MORNING.replace(day=day)) == turn


def test_clock_has_its_turn_every_half_hour():
    turns = [tasks.half_hour(MORNING + timedelta(minutes=minutes)) for minutes in (0, 29, 30, 60)]

    assert turns[0] == turns[1]
    assert len(set(turns)) == 3


def test_every_turn_is_taken_once(ground, officer, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(clock, "now", lambda: MORNING)

    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_turns(MORNING)
        tasks.take_turns(MORNING + timedelta(minutes=1))

    kinds = sorted(Job.objects.values_list("kind", flat=True))
    assert kinds == ["check_invariants", "clock", "daily_digest", "send_mail"]
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert [sent.to for sent in outbox.outbox] == [["county@example.org"]]
