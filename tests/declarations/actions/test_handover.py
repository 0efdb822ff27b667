"""What a successor gets when somebody leaves."""

import pytest

from declarations.models import Declaration, Notice
from sihao.accounts.actions import revoke_seat
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests import worlds
from tests.factories import make_seat
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


def test_successor_gets_what_is_open(ground):
    world, county = ground.afresh(), federation_of_code(worlds.COUNTY)
    officer, leader = world.staff[county.pk]
    heir = make_seat(Role.LEADER, county).user
    Declaration.objects.filter(pk=ground.case.pk).update(desk=officer)
    Notice.objects.create(seat=officer, key="read", title="读过的", sent_at=worlds.NOW, read_at=worlds.NOW)

    seat = revoke_seat(actor=leader, seat=officer, now=world.tick(), reason="调离", successor=heir)

    titles = list(Notice.objects.filter(seat=seat).values_list("title", flat=True))
    assert titles == ["示例商会1提交了申报，请审核"]
    assert Declaration.objects.get(pk=ground.case.pk).desk == seat
    assert Entry.objects.last().data["what"] == ["未读消息1条", "经办的申报1件"]


def test_successor_who_heard_already_hears_once(ground):
    world, county = ground.afresh(), federation_of_code(worlds.COUNTY)
    officer, leader = world.staff[county.pk]
    held = make_seat(Role.OFFICER, county)
    heard = Notice.objects.get(seat=officer)
    Notice.objects.create(seat=held, key=heard.key, title=heard.title, sent_at=heard.sent_at)

    given = revoke_seat(actor=leader, seat=officer, now=world.tick(), reason="调离", successor=held.user)

    assert given == held
    assert Notice.objects.filter(seat=held).count() == 1


def test_without_a_successor_the_office_goes_on(ground):
    world, county = ground.afresh(), federation_of_code(worlds.COUNTY)
    officer, leader = world.staff[county.pk]

    assert revoke_seat(actor=leader, seat=officer, now=world.tick(), reason="调离") is None
    assert Declaration.objects.get(pk=ground.case.pk).holder == county
