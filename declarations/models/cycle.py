"""A cycle of recognition: calendar, parameters, quotas, kept counts."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from declarations.second_person import two_persons_by_default
from declarations.states import State, Verb
from scoring.models import ProgrammeVersion
from sihao.accounts.models import Organisation
from sihao.audit.canonical import Hash
from sihao.prepared import Read


class Cycle(Read):
    """One round of a programme; everything that changes from round to round is a column here or in the programme.

    ``decider`` is the federation that runs it for those beneath it; without one the national node decides.
    """

    slug = models.SlugField("代号", unique=True)
    name = models.CharField("周期", max_length=40)
    title = models.CharField("全称", max_length=120)
    honour = models.CharField("称号", max_length=60)
    programme = models.ForeignKey(ProgrammeVersion, models.PROTECT, related_name="cycles", verbose_name="认定标准")
    workflow = models.CharField("程序", max_length=20)
    decider = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="own_cycles", verbose_name="认定单位"
    )
    verb = models.CharField("结果的称谓", max_length=4, choices=Verb, default=Verb.RECOGNISE)
    law_note = models.TextField("开展依据的说明", blank=True)
    notice_title = models.CharField("通知标题", max_length=200)
    notice_text = models.TextField("通知全文", blank=True)
    is_sample = models.BooleanField("示例数据", default=False)
    opens_at = models.DateTimeField("开始申报")
    submission_closes = models.DateTimeField("商会申报截止")
    county_closes = models.DateTimeField("县级审核截止")
    city_closes = models.DateTimeField("市级审核截止")
    province_closes = models.DateTimeField("省级上报截止")
    places_total = models.PositiveIntegerField("拟认定总数")
    places_share = models.DecimalField("名额占商会总数的比例", max_digits=5, decimal_places=4, default=Decimal("0.03"))
    counts_as_of = models.CharField("商会统计截至", max_length=20, default="2018年底")
    two_persons = models.JSONField("两人办理的事项", default=two_persons_by_default)
    holder_days = models.PositiveSmallIntegerField("每级办理时限（工作日）", default=10)
    answer_days = models.PositiveSmallIntegerField("退回、沟通答复时限（工作日）", default=5)
    clarifies = models.BooleanField("初审可要求说明材料问题", default=True)
    second_look_days = models.PositiveSmallIntegerField("申请复核时限（工作日）", default=5)
    returns_max = models.PositiveSmallIntegerField("每级退回次数上限", default=3)
    failing_self_blocks = models.BooleanField("自评未达条件不能提交", default=True)
    readers = models.PositiveSmallIntegerField("每件评审专家数", default=2)
    reading_days = models.PositiveSmallIntegerField("专家评审时限（工作日）", default=10)
    load_spread = models.PositiveSmallIntegerField("专家件数相差上限", default=1)
    third_spread = models.DecimalField(
        "总分相差超过几分须有第三名专家", max_digits=5, decimal_places=2, default=Decimal(25)
    )
    sheet_reopenings = models.PositiveSmallIntegerField("每份评分表退回重评次数上限", default=1)
    refills = models.BooleanField("取消资格后由备选递补", default=False)
    severity_share = models.DecimalField(
        "专家宽严差提示界线（占总分）", max_digits=5, decimal_places=4, default=Decimal("0.02")
    )
    severity_cases = models.PositiveSmallIntegerField("专家宽严差至少评阅件数", default=5)
    panel_method = models.CharField("一般指标取分方法", max_length=20, default="median")
    draw_lead_hours = models.PositiveSmallIntegerField("抽样种子公布多久后方可抽取（小时）", default=24)
    visit_team = models.PositiveSmallIntegerField("每个调研组至少人数", default=2)
    public_notice = models.BooleanField("公布前公示", default=True)
    notice_days = models.PositiveSmallIntegerField("公示期（工作日）", default=5)
    objection_days = models.PositiveSmallIntegerField("异议答复时限（日）", default=15)
    statement_days = models.PositiveSmallIntegerField("撤销认定前商会陈述时限（工作日）", default=10)
    barred_cycles = models.PositiveSmallIntegerField("撤销认定后不得申报的周期数", default=1)
    certificate_prefix = models.CharField("证书编号前缀", max_length=20)
    trail_hash = models.CharField("留痕封存算法", max_length=8, choices=Hash, default=Hash.SHA256)
    published_at = models.DateTimeField("名单公布时间", null=True, blank=True)
    published_digest = models.CharField("名单摘要值", max_length=64, blank=True)
    released_at = models.DateTimeField("结果公开时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "认定周期"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("submission_closes"))
                & Q(submission_closes__lte=F("county_closes"))
                & Q(county_closes__lte=F("city_closes"))
                & Q(city_closes__lte=F("province_closes")),
                name="cycle_deadlines_ordered",
                violation_error_message="各级截止时间应当由下而上依次不早于下一级。",
            ),
            models.CheckConstraint(
                condition=Q(visit_team__gte=2),
                name="cycle_visits_by_two",
                violation_error_message="实地抽查调研组至少两人。",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(published_at__isnull=False),
                name="cycle_released_after_publication",
            ),
            models.CheckConstraint(
                condition=Q(notice_days__gte=5),
                name="cycle_notice_long_enough",
                violation_error_message="公示期不少于5个工作日。",
            ),
            models.CheckConstraint(condition=Q(verb__in=Verb.values), name="cycle_verb_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Milestone(models.Model):
    """One line of the public calendar, in the notice's words."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="milestones", verbose_name="周期")
    place = models.PositiveSmallIntegerField("次序")
    period = models.CharField("时间", max_length=60)
    text = models.TextField("事项")
    ends_at = models.DateTimeField("截止", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "日程"
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["cycle", "place"], name="milestone_place_once")]

    def __str__(self) -> str:
        return f"{self.period} {self.text}"


class Quota(Read):
    """The places of a recommending unit in a cycle; ``used`` moves only with the shortlist."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="quotas", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="quotas", verbose_name="推荐单位")
    places = models.PositiveIntegerField("名额")
    used = models.PositiveIntegerField("已用", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "推荐名额"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "organisation"], name="quota_one_a_unit"),
            models.CheckConstraint(
                condition=Q(used__lte=F("places")),
                name="quota_not_exceeded",
                violation_error_message="已用名额不能超过分配名额。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.used}/{self.places}"


class CountScope(models.TextChoices):
    """Whose counter a kept count is."""

    HOME = "home", "所在地"
    UNIT = "unit", "推荐单位"
    HOLDER = "holder", "办理单位"


class StateCount(Read):
    """How many cases of an organisation are in a state: kept in the transaction that moves a case."""

    cycle = models.ForeignKey(Cycle, models.CASCADE, related_name="counts", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name="机构")
    path = models.CharField("链条", max_length=100)
    scope = models.CharField("口径", max_length=8, choices=CountScope)
    state = models.CharField("状态", max_length=20, choices=State)
    number = models.PositiveIntegerField("件数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "件数"
        constraints = [
            models.UniqueConstraint(fields=["cycle", "organisation", "scope", "state"], name="state_count_once")
        ]
        indexes = [models.Index(fields=["scope", "path"], name="state_count_by_path")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_state_display()} {self.number}"
