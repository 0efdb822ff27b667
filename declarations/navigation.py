"""The entries at the left for each seat, and the facts the shell prints."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from declarations.queries.lists import cycle_and_unread
from scoring.queries import programme_of
from sihao.accounts.permissions import allowed
from sihao.accounts.shell import Entries, register_facts, register_navigation

PUBLIC = (
    ("public:home", "首页"),
    ("public:notice", "通知与日程"),
    ("public:standards", "认定标准"),
    ("public:announcement", "公示"),
    ("public:recognised", "认定名单"),
    ("public:check", "证书查验"),
)
SIGNED_IN = (
    ("declarations.worklist", "declarations:worklist", "待办"),
    ("declarations.cases", "declarations:cases", "申报件"),
    ("declarations.board", "declarations:board", "推荐名单"),
    ("declarations.campaigns", "declarations:campaigns", "建设和认定"),
    ("declarations.city_programmes", "declarations:programmes", "标准管理"),
    ("declarations.department_reading", "declarations:batches", "各省上报"),
    ("declarations.department_reading", "declarations:department", "进展"),
    ("declarations.sign_verdict", "declarations:verdicts", "复审结论"),
    ("declarations.meeting", "declarations:agendas", "审议和公布"),
    ("accounts.send_mail_again", "declarations:outbox_mail", "邮件"),
)


def entries(request: HttpRequest) -> Entries:
    """Return the public entries, or the seat's own: at most six, the seventh is the accounts'."""
    seat = getattr(request, "seat", None)
    if seat is None:
        return [_entry(request, name, label) for name, label in PUBLIC]
    return [_entry(request, name, label) for permission, name, label in SIGNED_IN if allowed(seat, permission)]


def _entry(request: HttpRequest, name: str, label: str) -> dict[str, Any]:
    url = reverse(name)
    inside = request.path == url or (
        request.path.startswith(url) and url not in {"/", reverse("declarations:worklist")}
    )
    return {"label": label, "url": url, "current": inside, "count": None}


def facts(request: HttpRequest) -> dict[str, Any]:
    """Return the cycle, the status of its standard, and how many messages are unread.

    The page of a case has read all that along with the case (``CaseView.case``): its own cycle stands above it.
    """
    known = getattr(request, "cycle_and_unread", None)
    cycle, unread = known or cycle_and_unread(getattr(request, "seat", None))
    return {
        "cycle_label": cycle.name if cycle else "",
        "standard_status": programme_of(cycle.programme).short_status if cycle else "",
        "unread": unread,
    }


register_navigation(entries, place=10)
register_facts(facts)
