"""Who steps back and who stands in, in the demo world: a second provincial officer with a tie, for an absent one."""

from datetime import date, datetime

from django.utils import timezone

from declarations.actions.ties import Post, Relative, declare_kinship, declare_post
from declarations.demo.people import PROVINCE, open_demo_account
from declarations.demo.stages import World
from declarations.models import Kinship
from sihao.accounts.actions.stand_ins import appoint_stand_in
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

ACCOUNT = "province-2"
TIED_TO = "漯河市物流商会（示例）"


def set_aside(world: World, now: datetime) -> None:
    """Give the province a second officer, related to somebody of one chamber, who stands in for the first a while."""
    province = federation_of_code(PROVINCE)
    seat = open_demo_account(ACCOUNT, "示例省级经办人乙", ((province, Role.OFFICER),), now)
    world.seats[ACCOUNT] = seat
    kin = Relative(TIED_TO, Kinship.IN_LAW, "示例副会长")
    declare_kinship(relative=kin, actor=seat, now=now)
    left = date(now.year - 1, 6, 30)
    declare_post(post=Post("河南省示例行业联合会", "理事", left_on=left), actor=seat, now=now)
    appoint_stand_in(
        absent=world.seats["province"],
        substitute=seat.user,
        since=timezone.localdate(now),
        until=date(2020, 10, 16),
        reason="出差",
        actor=world.seats["province-leader"],
        now=now,
    )
