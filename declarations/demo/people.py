"""The demo accounts and the bodies they act for."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from sihao.accounts.actions import add_chamber, grant_seat, open_account
from sihao.accounts.models import Organisation, Seat, User
from sihao.accounts.queries import federation_of_code
from sihao.accounts.roles import Role

PASSWORD = "Sihao-demo-2020"  # noqa: S105 printed in the README; demo data is never served publicly

NATION, PROVINCE, CITY, COUNTY = "100000", "410000", "411100", "411122"
NEIGHBOUR_COUNTY, OTHER_PROVINCE = "411121", "420000"


@dataclass(frozen=True)
class Account:
    """One demo account: plain sign-in name, person's name, and its seats as (organisation code, role)."""

    username: str
    name: str
    seats: tuple[tuple[str, Role], ...]


ACCOUNTS = (
    Account("county", "示例县级经办人", ((COUNTY, Role.OFFICER), (COUNTY, Role.LEADER))),
    Account(
        "county-neighbour",
        "示例邻县经办人",
        ((NEIGHBOUR_COUNTY, Role.OFFICER), (NEIGHBOUR_COUNTY, Role.LEADER)),
    ),
    Account("city", "示例市级经办人", ((CITY, Role.OFFICER), (CITY, Role.LEADER))),
    Account("province", "示例省级经办人", ((PROVINCE, Role.OFFICER),)),
    Account("province-leader", "示例省级分管领导", ((PROVINCE, Role.LEADER),)),
    Account("other-province", "示例他省经办人", ((OTHER_PROVINCE, Role.OFFICER),)),
    Account("department", "示例会员部经办人", ((NATION, Role.DEPARTMENT_OFFICER),)),
    Account("head", "示例会员部负责人", ((NATION, Role.DEPARTMENT_HEAD),)),
    Account("expert", "示例专家甲", ((NATION, Role.EXPERT),)),
    Account("expert-2", "示例专家乙", ((NATION, Role.EXPERT),)),
    Account("expert-3", "示例专家丙", ((NATION, Role.EXPERT),)),
    Account("group-head", "示例专家组组长", ((NATION, Role.GROUP_HEAD),)),
    Account("secretary", "示例会议秘书", ((NATION, Role.MEETING_SECRETARY),)),
    Account("supervision", "示例监督人员", ((NATION, Role.SUPERVISION),)),
    Account("sysadmin", "示例系统管理员", ((NATION, Role.SYSTEM_ADMIN),)),
    Account("secadmin", "示例安全管理员", ((NATION, Role.SECURITY_ADMIN),)),
    Account("auditadmin", "示例审计管理员", ((NATION, Role.AUDIT_ADMIN),)),
)


def open_demo_account(
    username: str,
    name: str,
    seats: tuple[tuple[Organisation, Role], ...],
    now: datetime,
    password: str | None = PASSWORD,
) -> Seat:
    """Open an account with its seats and return the first; without a password there is no mail.

    Such a person is given the common way in by ``let_in``.
    """
    email = f"{username}@example.org" if password else ""
    user = open_account(username=username, name=name, email=email, password=password, actor=None, now=now)
    granted = [grant_seat(user=user, organisation=at, role=role, actor=None, now=now) for at, role in seats]
    return granted[0]


def let_in() -> None:
    """Give everybody who has no password the one of the demo accounts, computed once, as it takes its time."""
    everybody = User.objects.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    everybody.update(password=make_password(PASSWORD), link_issued_at=None)


def people(now: datetime) -> dict[str, Seat]:
    """Open every demo account of the federations; return each one's first seat by sign-in name."""
    return {
        account.username: open_demo_account(
            account.username,
            account.name,
            tuple((federation_of_code(code), role) for code, role in account.seats),
            now,
        )
        for account in ACCOUNTS
    }


def chamber(name: str, home: Organisation, uscc: str, now: datetime) -> Organisation:
    """Register a demo chamber under its home federation."""
    return add_chamber(name=name, home=home, uscc=uscc, actor=None, now=now)
