"""A meeting that decides: who was there, who stood aside, how it voted on what, and who signed its minutes."""

from django.db import models
from django.db.models import F, Q

from declarations.models.batch import DIGEST, ListVersion
from declarations.models.cycle import Cycle
from declarations.models.declaration import Declaration
from declarations.states import (
    Choice,
    DecisionWay,
    Duty,
    MeetingKind,
    MeetingState,
    PointResult,
    Presence,
)
from sihao.accounts.models import Organisation, Seat, User


class Meeting(models.Model):
    """One meeting of an organisation's leading body on a frozen, ranked list (经领导班子集体研究).

    ``agenda`` is the list put before it (a version of a recommendation list; other agendas leave it empty and are known
    by ``agenda_digest``); ``decided`` is the list it left behind. ``digest`` is over the whole record: what is signed.
    """

    kind = models.CharField("事项", max_length=16, choices=MeetingKind, default=MeetingKind.RECOMMENDATION)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="meetings", verbose_name="周期")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="meetings", verbose_name="单位")
    agenda = models.ForeignKey(
        ListVersion, models.PROTECT, null=True, related_name="meetings", verbose_name="提交研究的名单"
    )
    agenda_digest = models.CharField("提交研究名单的摘要值", max_length=DIGEST)
    state = models.CharField("状态", max_length=10, choices=MeetingState, default=MeetingState.PREPARED)
    name = models.CharField("会议名称", max_length=100)
    held_on = models.DateField("会议日期")
    place = models.CharField("会议地点", max_length=100, blank=True)
    way = models.CharField("决定方式", max_length=10, choices=DecisionWay, default=DecisionWay.CONSENSUS)
    minutes = models.TextField("会议纪要", blank=True)
    decided = models.ForeignKey(
        ListVersion, models.PROTECT, null=True, related_name="decided_by", verbose_name="研究确定的名单"
    )
    decided_digest = models.CharField("研究确定名单的摘要值", max_length=DIGEST, blank=True)
    digest = models.CharField("纪要摘要值", max_length=DIGEST, blank=True)
    prepared_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="筹备人")
    prepared_at = models.DateTimeField("筹备时间")
    concluded_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    concluded_at = models.DateTimeField("登记时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "集体研究会议"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MeetingState.values), name="meeting_state_known"),
            models.UniqueConstraint(
                fields=["agenda"], condition=~Q(state=MeetingState.VOID), name="meeting_one_a_list"
            ),
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CONCLUDED)
                | Q(concluded_at__isnull=False, concluded_by__isnull=False)
                & ~Q(minutes="")
                & ~Q(decided_digest="")
                & ~Q(digest=""),
                name="meeting_concluded_is_whole",
                violation_error_message="会议须有纪要和研究确定的名单。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{self.name}"

    @property
    def path(self) -> str:
        """The organisation's chain, kept by the trail."""
        return self.organisation.path


class Attendee(models.Model):
    """One person of a meeting with post and presence; ``user`` where the person can sign in the system."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendees", verbose_name="会议")
    place = models.PositiveSmallIntegerField("次序")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=60)
    presence = models.CharField("到会", max_length=10, choices=Presence, default=Presence.PRESENT)
    duty = models.CharField("会上职责", max_length=10, choices=Duty, default=Duty.MEMBER)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="账号")

    class Meta:
        verbose_name = verbose_name_plural = "参会人员"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "place"], name="attendee_place_once"),
            models.UniqueConstraint(fields=["meeting", "name", "post"], name="attendee_once"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(duty=Duty.CHAIR),
                name="attendee_one_chair",
                violation_error_message="会议只有一位主持人。",
            ),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(duty=Duty.RECORDER),
                name="attendee_one_recorder",
                violation_error_message="会议只有一位记录人。",
            ),
            models.UniqueConstraint(
                fields=["meeting", "user"], condition=Q(user__isnull=False), name="attendee_one_account"
            ),
            models.CheckConstraint(
                condition=~Q(duty=Duty.CHAIR) | Q(presence=Presence.PRESENT),
                name="attendee_chair_is_present",
                violation_error_message="主持人须出席会议。",
            ),
            models.CheckConstraint(
                condition=~Q(duty=Duty.RECORDER) | ~Q(presence=Presence.ABSENT),
                name="attendee_recorder_is_there",
                violation_error_message="记录人须到会。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.post}）"


class MeetingPoint(models.Model):
    """One case of the agenda: what it was when the list was frozen, what the meeting said, and by how many votes.

    ``voters`` is how many could vote: those present less those who stood aside.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="points", verbose_name="会议")
    place = models.PositiveIntegerField("次序")
    declaration = models.ForeignKey(
        Declaration, models.PROTECT, related_name="meeting_points", verbose_name="申报"
    )
    number = models.CharField("受理编号", max_length=30)
    name = models.CharField("商会名称", max_length=100)
    total = models.CharField("审核得分", max_length=12, blank=True)
    result = models.CharField("结果", max_length=8, choices=PointResult, default=PointResult.LISTED)
    decided_place = models.PositiveIntegerField("研究确定的次序", null=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    in_favour = models.PositiveSmallIntegerField("赞成", null=True)
    against = models.PositiveSmallIntegerField("反对", null=True)
    abstained = models.PositiveSmallIntegerField("弃权", null=True)
    voters = models.PositiveSmallIntegerField("应表决人数", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "研究事项"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "place"], name="meeting_point_place_once"),
            models.UniqueConstraint(fields=["meeting", "declaration"], name="meeting_point_once"),
            models.UniqueConstraint(
                fields=["meeting", "decided_place"],
                condition=Q(decided_place__isnull=False),
                name="meeting_point_decided_once",
                violation_error_message="研究确定的次序不能重复。",
            ),
            models.CheckConstraint(
                condition=Q(result=PointResult.LISTED) | Q(decided_place__isnull=True) & ~Q(reason=""),
                name="meeting_point_struck_has_reason",
                violation_error_message="不列入的须写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(in_favour__isnull=True, against__isnull=True, abstained__isnull=True)
                | Q(voters__isnull=False, voters=F("in_favour") + F("against") + F("abstained")),
                name="meeting_point_votes_agree",
                violation_error_message="赞成、反对、弃权之和须等于应表决人数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.name}"

    @property
    def is_struck(self) -> bool:
        """Return whether the case does not stay on the list."""
        return self.result == PointResult.STRUCK


class StandingAside(models.Model):
    """A person who took no part in deciding one case, and why (回避)."""

    point = models.ForeignKey(MeetingPoint, models.CASCADE, related_name="aside", verbose_name="研究事项")
    attendee = models.ForeignKey(Attendee, models.CASCADE, related_name="aside", verbose_name="参会人员")
    reason = models.CharField("回避事由", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "会议回避"
        constraints = [
            models.UniqueConstraint(fields=["point", "attendee"], name="standing_aside_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="standing_aside_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.attendee.name}回避{self.point.name}"


class Ballot(models.Model):
    """What one person said in a named vote: on the list as a whole (no point), or on one case otherwise."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="ballots", verbose_name="会议")
    attendee = models.ForeignKey(Attendee, models.CASCADE, related_name="ballots", verbose_name="参会人员")
    point = models.ForeignKey(
        MeetingPoint, models.CASCADE, null=True, related_name="ballots", verbose_name="研究事项"
    )
    choice = models.CharField("表决", max_length=10, choices=Choice)

    class Meta:
        verbose_name = verbose_name_plural = "表决"
        constraints = [
            models.UniqueConstraint(
                fields=["attendee"], condition=Q(point__isnull=True), name="ballot_one_on_the_list"
            ),
            models.UniqueConstraint(
                fields=["attendee", "point"], condition=Q(point__isnull=False), name="ballot_one_on_a_point"
            ),
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="ballot_choice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.attendee.name}{self.get_choice_display()}"


class MinutesSignature(models.Model):
    """Who signed the minutes in the system, when, and over which digest."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="signatures", verbose_name="会议")
    attendee = models.ForeignKey(Attendee, models.PROTECT, related_name="signatures", verbose_name="参会人员")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="席位")
    digest = models.CharField("所签纪要的摘要值", max_length=DIGEST)
    signed_at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = verbose_name_plural = "纪要签署"
        constraints = [models.UniqueConstraint(fields=["attendee"], name="minutes_signature_once")]

    def __str__(self) -> str:
        return f"{self.attendee.name}签署"
