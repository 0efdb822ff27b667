"""A city with two of its county federations, its province, and its own cycle open: for tests."""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from declarations.demo import counties
from declarations.demo.counties import CITY, LINYING, PROVINCE, WUYANG, Campaign
from declarations.demo.stages import DemoClock
from sihao.accounts.roles import Role
from tests.factories import make_federation, make_seat

NOW = datetime(2020, 9, 14, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ZONE = ("411102", "411103", "411104", "411171")


def make_campaign() -> Campaign:
    """Open the city's cycle over six federations; two of them, the city and the province have people."""
    for code in (LINYING, WUYANG, *ZONE):
        make_federation(code)
    staff = {}
    for code in (CITY, PROVINCE, LINYING, WUYANG):
        node = make_federation(code)
        staff[code] = (make_seat(Role.OFFICER, node), make_seat(Role.LEADER, node))
    return Campaign(counties.open_campaign(NOW), DemoClock(NOW), Random(1), staff)
