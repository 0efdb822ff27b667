"""Which rows of the database an archive holds, in which file of it, and which it leaves out with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db.models import Model, Q

from declarations import models as m
from scoring.models import Assessment, Ledger, Mark, MarkVersion, ProgrammeVersion


@dataclass(frozen=True)
class Table:
    """The rows of one model: what they are called, how the cycle (or the case) of a row is found, what is left out."""

    model: type[Model]
    home: str
    without: frozenset[str] = frozenset()
    only: Q = field(default_factory=Q)

    @property
    def title(self) -> str:
        """What the rows are called in the file."""
        return TITLES.get(self.model, str(self.model._meta.verbose_name))


TITLES: Mapping[type[Model], str] = MappingProxyType({m.PublicationLine: "公布名单", m.Cycle: "周期"})

OFFICERS_ALONE = frozenset({"facts", "receipt"})
"""What the two named officers alone read of an objection, and what opens the public check."""

CASE_FILES: Mapping[str, tuple[Table, ...]] = MappingProxyType(
    {
        "申报.json": (Table(m.Declaration, "pk", frozenset({"desk"})),),
        "评分台账.json": (
            Table(Assessment, "ledger__declaration"),
            Table(Mark, "assessment__ledger__declaration"),
            Table(MarkVersion, "assessment__ledger__declaration"),
        ),
        "评分结果.json": (Table(m.ScoreRun, "declaration"), Table(m.SectionScore, "declaration")),
        "审核.json": (
            Table(m.Endorsement, "declaration"),
            Table(m.ReturnSlip, "declaration"),
            Table(m.ReturnItem, "slip__declaration"),
            Table(m.DeltaRound, "declaration"),
            Table(m.DeltaTask, "round__declaration"),
            Table(m.DeltaRow, "task__round__declaration"),
            Table(m.Decline, "declaration"),
            Table(m.Question, "declaration"),
            Table(m.Reply, "question__declaration"),
            Table(m.PreliminaryReview, "declaration"),
            Table(m.Consultation, "declaration"),
            Table(m.CitedItem, "consultation__declaration"),
            Table(m.Statement, "consultation__declaration"),
            Table(m.WithdrawalRequest, "declaration"),
            Table(m.CaseFinding, "declaration"),
            Table(m.Visit, "declaration"),
            Table(m.VisitMember, "visit__declaration", frozenset({"person"})),
            Table(m.VisitEntry, "visit__declaration"),
            Table(m.ExpertReview, "declaration"),
            Table(m.ThirdReading, "declaration"),
            Table(m.Consensus, "declaration"),
            Table(m.ConsensusVoice, "review__declaration"),
            Table(m.AgreedProof, "declaration"),
            Table(m.ClockStep, "declaration"),
            Table(m.SentUp, "declaration"),
        ),
        "决定通知.json": (Table(m.DecisionLetter, "declaration"),),
    }
)

KEPT_FILES = (
    Table(m.Attachment, "declaration"),
    Table(m.Annex, "reply__question__declaration"),
    Table(m.StatementFile, "statement__consultation__declaration"),
    Table(m.VisitPhoto, "visit__declaration"),
)
"""Files that were handed in with a case; always listed, and put in where that is asked for."""

CYCLE_FILES: Mapping[str, tuple[Table, ...]] = MappingProxyType(
    {
        "一_周期/周期.json": (Table(m.Cycle, "pk"), Table(m.Milestone, "cycle")),
        "一_周期/名额.json": (
            Table(m.Quota, "cycle"),
            Table(m.QuotaPlan, "cycle"),
            Table(m.PlaceOverride, "plan__cycle"),
            Table(m.ChamberCount, "cycle"),
            Table(m.Region, "cycle"),
            Table(m.ForwardLimit, "cycle"),
            Table(m.ForwardedPlace, "limit__cycle"),
        ),
        "一_周期/延期.json": (Table(m.Extension, "cycle"),),
        "三_推荐名单/推荐名单.json": (
            Table(m.Batch, "cycle"),
            Table(m.ListVersion, "batch__cycle"),
            Table(m.Meeting, "cycle"),
            Table(m.MeetingPoint, "meeting__cycle"),
            Table(m.Attendee, "meeting__cycle"),
            Table(m.StandingAside, "point__meeting__cycle"),
            Table(m.Ballot, "meeting__cycle"),
            Table(m.MinutesSignature, "meeting__cycle"),
            Table(m.SealedPaper, "version__batch__cycle"),
            Table(m.PaperScan, "paper__version__batch__cycle"),
            Table(m.BatchReceipt, "batch__cycle"),
            Table(m.SendBack, "batch__cycle"),
            Table(m.SendBackItem, "send_back__batch__cycle"),
        ),
        "三_推荐名单/实地抽查.json": (
            Table(m.SpotDraw, "cycle"),
            Table(m.DrawRun, "draw__cycle"),
            Table(m.VisitReport, "cycle"),
        ),
        "四_审议/专家分派.json": (
            Table(m.PanelMember, "cycle"),
            Table(m.AssignmentPlan, "cycle"),
            Table(m.PlannedPair, "plan__cycle"),
        ),
        "四_审议/跨件比对.json": (Table(m.Comparison, "cycle"), Table(m.CrossFinding, "cycle")),
        "四_审议/重新计算.json": (Table(m.Recomputation, "cycle"),),
        "四_审议/审议.json": (Table(m.Agenda, "cycle"), Table(m.AgendaItem, "agenda__cycle")),
        "五_公示和异议/公示.json": (Table(m.PublicNotice, "cycle"), Table(m.NoticeEntry, "notice__cycle")),
        "五_公示和异议/异议.json": (
            Table(m.Objection, "cycle", OFFICERS_ALONE),
            Table(m.ObjectionPiece, "objection__cycle", only=Q(shared=True)),
        ),
        "六_公布/公布.json": (Table(m.Publication, "cycle"), Table(m.PublicationLine, "publication__cycle")),
        "六_公布/认定.json": (
            Table(m.Recognition, "cycle"),
            Table(m.Inquiry, "recognition__cycle"),
            Table(m.Relinquishment, "recognition__cycle"),
            Table(m.Story, "recognition__cycle"),
        ),
        "七_反馈/反馈材料.json": (Table(m.FeedbackPack, "cycle"),),
        "一_周期/两人办理.json": (Table(m.Pending, "cycle", frozenset({"preparer", "settler"})),),
    }
)

ELSEWHERE: Mapping[type[Model], str] = MappingProxyType(
    {
        m.Revision: "固定版本，各为一个文件",
        m.IssuedPaper: "九_文书登记",
        ProgrammeVersion: "认定标准.toml",
        Ledger: "各评分层所属的编号",
    }
)

LEFT_OUT: Mapping[type[Model], str] = MappingProxyType(
    {
        m.Objector: "姓名和联系方式只由两名登记人查看",
        m.Tip: "可能使反映人被认出",
        m.Knock: "来源的摘要，只保存一天",
        m.NamedOfficer: "见留痕",
        m.Tie: "人员的亲属、任职关系，不属于某一周期",
        m.Recusal: "事由涉及个人，办理情况见留痕",
        m.Answer: "填写过程，提交的内容在固定版本",
        m.AnswerVersion: "填写过程，提交的内容在固定版本",
        m.Explanation: "填写过程，提交的内容在固定版本",
        m.FilledSheet: "离线填写的过程文件",
        m.Upload: "上传的过程文件",
        m.FileContent: "由佐证文件读出，文件另列；比对结果在跨件比对",
        m.FileMark: "由佐证文件读出，文件另列；比对结果在跨件比对",
        m.FileLikeness: "由佐证文件读出，文件另列；比对结果在跨件比对",
        m.CountSheet: "导入的过程文件",
        m.PoolSheet: "导入的过程文件",
        m.Look: "何人看过哪一页，不属于案卷",
        m.Notice: "系统内的提醒",
        m.Liaison: "不属于案卷",
        m.StateCount: "由各件状态得出的计数",
        m.TotalBand: "由各件得分得出的计数",
        m.IntegrityCheck: "全系统的数据检查，不属于某一周期",
        m.ProgrammeDraft: "标准起草过程，发布的文本在认定标准.toml",
        m.ProgrammeTrial: "标准起草过程，发布的文本在认定标准.toml",
        m.StageRecord: "联合会自行组织的步骤，由该联合会另行归档",
        m.InspectionFinding: "联合会自行组织的步骤，由该联合会另行归档",
        m.CampaignPaper: "联合会自行组织的步骤，由该联合会另行归档",
        m.CampaignTarget: "联合会自行组织的步骤，由该联合会另行归档",
        m.Circular: "联合会自行印发的名单，由该联合会另行归档",
    }
)


def every_table() -> Iterator[Table]:
    """Yield every table of the package."""
    for tables in (*CASE_FILES.values(), KEPT_FILES, *CYCLE_FILES.values()):
        yield from tables
