"""Who hears of a step, and in which words."""

from dataclasses import dataclass

from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES


@dataclass(frozen=True)
class Letter:
    """A message of one step; braces take the case's name, number, holder and the reason."""

    title: str
    body: str = ""


HOLDER_ROLES = CHAMBER_ROLES | TIER_ROLES | DEPARTMENT_ROLES

TO_HOLDER = {
    "submit": Letter("{name}提交了申报，请审核", "受理编号{number}。"),
    "resubmit": Letter("{name}已按退回意见重新提交，请继续审核", "受理编号{number}。"),
    "forward": Letter("下级工商联报来{name}的申报，请审核", "受理编号{number}。"),
    "return_for_correction": Letter("贵会申报已退回修改", "请按退回单列出的事项修改，逐项说明后重新提交。{reason}"),
    "recommend": Letter("{unit}推荐{name}", "受理编号{number}。"),
}
TO_CHAMBER = {
    "submit": Letter("贵会申报已提交", "受理编号{number}，现由{holder}办理。"),
    "recall": Letter("贵会申报已撤回修改", "修改后请在截止前重新提交。"),
    "resubmit": Letter("贵会申报已重新提交", "现由{holder}办理。"),
    "forward": Letter("贵会申报已报上级工商联审核", "现由{holder}办理。"),
    "decline": Letter("贵会申报本级未推荐", "理由：{reason}"),
    "recommend": Letter("贵会已推荐至全国工商联", ""),
    "disqualify": Letter("贵会申报已取消认定资格", ""),
    "recognise": Letter("贵会已认定为{honour}", "证书和牌匾另行颁发。"),
}
TO_UNIT = {
    "propose_disqualification": Letter("全国工商联拟取消{name}认定资格，请答复", "{reason}"),
    "disqualify": Letter("{name}已取消认定资格", ""),
}
