"""Which acts a second person of the same office confirms (两人办理): a parameter of the cycle, act by act."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import TextChoices


class Paired(TextChoices):
    """Every act that a cycle may ask two persons for."""

    ADOPT_QUOTAS = "adopt_quotas", "采用推荐名额分配"
    ADOPT_LIMITS = "adopt_limits", "采用下级报送名额分配"
    UPLOAD_BATCH = "upload_batch", "推荐名单上报"
    CONFIRM_SCAN = "confirm_scan", "核对盖章扫描件"
    DISQUALIFY = "disqualify", "取消认定资格"
    DEADLINE_EXCEPTION = "deadline_exception", "办理期限例外"
    OPEN_NOTICE = "open_notice", "开始公示"
    PUBLISH = "publish", "公布名单"
    NOTICE_RULES = "notice_rules", "公示设置"
    NAME_OFFICERS = "name_officers", "指定异议登记人"
    SETTLE_OBJECTION = "settle_objection", "异议结论"
    REVOKE_TITLE = "revoke_title", "公布撤销认定"
    CORRECT = "correct", "更正结果"
    FORWARD = "forward", "报上级审核"
    DECLINE = "decline", "不予推荐"
    SHORTLIST = "shortlist", "列入拟推荐"
    ASSIGN_EXPERTS = "assign_experts", "确认专家分派方案"
    OPEN_OWN = "open_own", "开启建设和认定工作"


CONFIRMED_BY: Mapping[str, str] = MappingProxyType(
    {
        Paired.ADOPT_QUOTAS: "declarations.adopt_places",
        Paired.ADOPT_LIMITS: "declarations.adopt_places",
        Paired.DEADLINE_EXCEPTION: "declarations.grant_extension",
        Paired.CONFIRM_SCAN: "declarations.confirm_scan",
        Paired.OPEN_NOTICE: "declarations.confirm_publication",
        Paired.PUBLISH: "declarations.confirm_publication",
        Paired.NOTICE_RULES: "declarations.confirm_in_department",
        Paired.NAME_OFFICERS: "declarations.confirm_in_department",
        Paired.SETTLE_OBJECTION: "declarations.confirm_publication",
        Paired.REVOKE_TITLE: "declarations.confirm_publication",
        Paired.CORRECT: "declarations.confirm_correction",
        Paired.FORWARD: "declarations.confirm_step",
        Paired.DECLINE: "declarations.confirm_step",
        Paired.SHORTLIST: "declarations.confirm_step",
        Paired.OPEN_OWN: "declarations.confirm_own",
    }
)
"""The permission that the second person of an act needs; it is asked about the prepared act."""


PAIRED_STEPS: Mapping[str, Paired] = MappingProxyType(
    {"forward": Paired.FORWARD, "decline": Paired.DECLINE, "shortlist": Paired.SHORTLIST}
)
"""The steps of a case that a cycle may ask two persons for; by default none: many county offices have one officer."""


class PendingState(TextChoices):
    """Where an act stands that was prepared for a second person."""

    WAITING = "waiting", "待确认"
    CONFIRMED = "confirmed", "已确认"
    SENT_BACK = "sent_back", "已退回"
    TAKEN_BACK = "taken_back", "已撤回"


def two_persons_by_default() -> list[str]:
    """Return the acts that need two persons unless a cycle says otherwise (many county offices have one officer)."""
    return [
        Paired.ADOPT_QUOTAS,
        Paired.UPLOAD_BATCH,
        Paired.DISQUALIFY,
        Paired.DEADLINE_EXCEPTION,
        Paired.OPEN_NOTICE,
        Paired.PUBLISH,
        Paired.SETTLE_OBJECTION,
        Paired.REVOKE_TITLE,
    ]


ALWAYS_PAIRED = frozenset({Paired.NOTICE_RULES, Paired.NAME_OFFICERS, Paired.CORRECT})
"""These ask for two persons whatever a cycle says."""
