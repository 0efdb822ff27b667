"""Who hears of a step, and in which words."""

from dataclasses import dataclass

from declarations.states import State
from sihao.accounts.roles import CHAMBER_ROLES, DEPARTMENT_ROLES, TIER_ROLES


@dataclass(frozen=True)
class Letter:
    """A message of one step; braces take the case's name, number, holder and the reason."""

    title: str
    body: str = ""


# These announce a decision: they are drafted with it and wait for a person who releases them.
DECISIONS = frozenset({"decline", "uphold_decline", "disqualify", "recognise"})

HOLDER_ROLES = CHAMBER_ROLES | TIER_ROLES | DEPARTMENT_ROLES

TO_HOLDER = {
    "submit": Letter("{name}提交了申报，请审核", "受理编号{number}。"),
    "resubmit": Letter("{name}已按退回意见重新提交，请继续审核", "受理编号{number}。"),
    "forward": Letter("下级工商联报来{name}的申报，请审核", "受理编号{number}。"),
    "return_for_correction": Letter("贵会申报已退回修改", "请按退回单列出的事项修改，逐项说明后重新提交。{reason}"),
    "confirm_delta": Letter("{name}的变动指标下级已核对，请办理", "受理编号{number}。"),
    "send_down": Letter("{name}的申报退回本级重新审核", "请只就指明的指标或审核意见重新办理，办完后直接交回。{reason}"),
    "reconsider": Letter("{name}的申报经复核重新审核", "受理编号{number}。"),
    "take_over": Letter("{name}的申报由本级接办，请审核", "受理编号{number}。"),
    "ask_clarification": Letter("全国工商联会员部请说明{name}的材料问题", "{reason}"),
    "answer_clarification": Letter("{unit}已说明{name}的材料问题", "{reason}"),
}
TO_PREVIOUS = {
    "take_over": Letter("{name}的申报已由{holder}接办", "本级逾期未办结。理由：{reason}"),
}
"""To who held the case before the step."""
TO_CHAMBER = {
    "move_up": Letter("贵会已推荐至全国工商联", ""),
    "submit": Letter("贵会申报已提交", "受理编号{number}，现由{holder}办理。"),
    "recall": Letter("贵会申报已撤回修改", "修改后请在截止前重新提交。"),
    "resubmit": Letter("贵会申报已重新提交", "现由{holder}办理。"),
    "forward": Letter("贵会申报已报上级工商联审核", "现由{holder}办理。"),
    "take_over": Letter("贵会申报已由上级工商联接办", "现由{holder}办理。"),
    "lapse": Letter("贵会申报未在期限内提交", "各级报送期限已过，本次申报结束，已填内容保留可查。"),
    "decline": Letter("贵会申报本级未推荐", "理由：{reason}"),
    "reconsider": Letter("贵会申报经复核重新审核", "现由{holder}办理。"),
    "ask_withdrawal": Letter("贵会已申请撤回申报", "由{unit}提出意见；办结前审核、评审照常进行。"),
    "agree_withdrawal": Letter("{unit}同意贵会撤回申报", "由全国工商联会员部办理；办结前审核、评审照常进行。"),
    "oppose_withdrawal": Letter("{unit}不同意贵会撤回申报", "理由：{reason}"),
    "refuse_withdrawal": Letter("贵会撤回申请未获接受", "理由：{reason}"),
    "accept_withdrawal": Letter("贵会申报已撤回", "全国工商联会员部已接受撤回，本次申报结束，已填内容保留可查。"),
    "uphold_decline": Letter("贵会申报经复核维持不予推荐", "理由：{reason}"),
    "recommend": Letter("贵会已推荐至全国工商联", ""),
    "recall_upload": Letter("推荐单位撤回了上报", "{unit}撤回推荐名单，调整后重新上报。"),
    "disqualify": Letter("贵会申报已取消认定资格", ""),
    "announce": Letter("贵会已列入公示名单", "公示期满无异议的，由全国工商联公布认定名单。"),
    "hold": Letter("贵会公示核查中", "公示期内收到异议，正在核查，核查期间暂缓公布。"),
    "release_hold": Letter("贵会恢复公示", "异议核查已经办结。"),
    "recognise": Letter("贵会已认定为{honour}", "证书和牌匾另行颁发。"),
    "decide_by_score": Letter("{unit}考评结果：{verb}贵会为{honour}", "证书可在申报件中取用。"),
    "end_below_score": Letter("贵会考评得分未达到认定分值", "理由：{reason}"),
    "send_to_above": Letter("{unit}已择优上报贵会", "上报理由：{reason}"),
    "confirm_above": Letter("上级工商联已确认{unit}对贵会的上报", ""),
}
TO_ABOVE = {"send_to_above": Letter("{unit}择优上报{name}，请办理", "上报理由：{reason}")}
"""To the federation next above the unit of the case."""
TO_UNIT = {
    "confirm_above": Letter("{name}的择优上报已确认", ""),
    "return_from_above": Letter("{name}的择优上报已退回", "{reason}"),
    "ask_withdrawal": Letter("{name}申请撤回申报，请提出意见", "理由：{reason}"),
    "refuse_withdrawal": Letter("{name}的撤回申请未获接受", "理由：{reason}"),
    "accept_withdrawal": Letter("{name}的申报已撤回", "受理编号{number}。"),
    "move_up": Letter("{name}由备选递补", "受理编号{number}。"),
    "propose_disqualification": Letter("全国工商联拟取消{name}认定资格，请答复", "{reason}"),
    "disqualify": Letter("{name}已取消认定资格", ""),
    "drop_flag": Letter("全国工商联撤销取消{name}认定资格的意见", "{reason}"),
    "close_clarification": Letter("{name}材料问题的说明期限已过", "全国工商联会员部已收回，继续初审。"),
}
# The other outcomes, drafted when the results are released (T31); by the state that they announce.
RESULTS = "results"
RESULTS_TO_CHAMBER = {
    State.NOT_ELIGIBLE: Letter("贵会申报未获认定", "经专家组复审，未达到认定条件，不能参与认定。"),
    State.NOT_APPROVED: Letter("贵会申报未获认定", "经全国工商联主席办公会议审议，未通过。"),
}
RESULTS_TO_UNIT = {
    State.NOT_ELIGIBLE: Letter("{name}未获认定", "经专家组复审，未达到认定条件，不能参与认定。"),
    State.NOT_APPROVED: Letter("{name}未获认定", "经全国工商联主席办公会议审议，未通过。"),
}
# A title that was revoked: drafted with its publication, to the chamber and to who recommended it.
REVOKED = "经全国工商联主席办公会议审议，撤销{honour}认定。事由：{reason}。"
REVOKED_TO_CHAMBER = Letter("贵会认定已撤销", REVOKED + "请交回牌匾和证书。")
REVOKED_TO_UNIT = Letter("{name}认定已撤销", REVOKED + "请协助收回牌匾和证书。")
# An outcome that was corrected: to whom the outcome was known.
CORRECTED = Letter("{name}的结果已更正", "原结果更正，申报回到“{state}”环节。")
# What the clock says of a holder's term; the state tells which words fit.
REMINDERS = {
    State.DRAFT: Letter("贵会申报请抓紧提交", "限{due}前提交，填写时限已过八成。"),
    State.RETURNED: Letter("贵会申报请抓紧修改", "限{due}前重新提交，修改时限已过八成。"),
}
REMINDER = Letter("{name}的申报请抓紧办理", "限{due}前办结，办理时限已过八成。")
OVERDUES = {State.RETURNED: Letter("贵会申报逾期未重新提交", "应于{due}前重新提交，请尽快办理。")}
OVERDUE = Letter("{name}的申报已逾期", "应于{due}前办结，请尽快办理。")
OVERDUES_BELOW = {
    State.RETURNED: Letter("{name}逾期未重新提交", "退回修改后应于{due}前重新提交，现由{holder}办理。"),
    State.LOCAL_REVIEW: Letter("{name}的申报在{holder}逾期", "应于{due}前办结。请督促办理，必要时接办。"),
}
OVERDUE_BELOW = Letter("{name}的申报在{holder}逾期", "应于{due}前办结，请督促办理。")
# Of a question both sides hear once; of a second look the office that declined.
QUESTION = Letter("{office}就{name}的申报提出询问，请答复", "限{due}前答复。询问内容：{text}")
ANSWER = Letter("{office}已答复就{name}的申报提出的询问", "{text}")
STATED = Letter("{office}就{name}的取消资格意见提出意见", "{text}")
"""What one side of a consultation says reaches the other."""
WITHDRAWAL_AGREED = Letter("{unit}同意{name}撤回申报，请办理", "受理编号{number}。")
"""To the department, once the recommending unit has agreed."""
SECOND_LOOK = Letter("{name}申请复核，请办理", "申请理由：{reason}")
