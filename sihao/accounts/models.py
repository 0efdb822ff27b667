"""People, organisations and seats."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sihao.accounts.roles import ADMIN_ROLES, ChamberType, Kind, Level, Role
from sihao.prepared import Read


class People(BaseUserManager["User"]):
    """Fetches users by their sign-in name, as Django's backends ask."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user of that sign-in name; raises ``User.DoesNotExist``."""
        return self.get(username=username)


class User(Read, AbstractBaseUser):
    """A person with a sign-in name; what the person may do comes from seats alone.

    ``link_issued_at`` is the instant of the one activation link that counts; a new one voids the old.
    """

    username = models.CharField(
        "登录名", max_length=64, unique=True, error_messages={"unique": "该登录名已被使用。"}
    )
    name = models.CharField("姓名", max_length=50)
    email = models.EmailField("电子邮箱", blank=True)
    mobile = models.CharField("手机", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    opened_at = models.DateTimeField("开户时间")
    must_change_password = models.BooleanField("须先修改密码", default=False)
    link_issued_at = models.DateTimeField("设置链接发放时间", null=True, blank=True)

    objects = People()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        constraints = [models.CheckConstraint(condition=~Q(username="") & ~Q(name=""), name="user_named")]

    def __str__(self) -> str:
        return self.name

    @property
    def user_id(self) -> int:
        """The user's own key: a person acts in the trail as a seat does (signing in, one's own password)."""
        return self.pk


class Organisation(Read):
    """A federation or a chamber in the dated tree; ``path`` holds the chain from the national node down.

    ``path`` is "/100000/410000/411100/411122/" for a county federation; a chamber's ends in its own key ("c12/").
    ``internal`` marks a code that is ours and not GB/T 2260's (兵团 and its divisions, development zones).
    A node that was abolished keeps its row: ``valid_to`` says until when, ``successor`` what took its place.
    """

    kind = models.CharField("类别", max_length=12, choices=Kind)
    level = models.PositiveSmallIntegerField("层级", choices=Level)
    name = models.CharField("名称", max_length=100)
    region = models.CharField("地区", max_length=50, blank=True)
    code = models.CharField("行政区划代码", max_length=6, blank=True)
    internal = models.BooleanField("内部代码", default=False)
    formerly = models.CharField("曾用地区名", max_length=100, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    chamber_type = models.CharField("商会类型", max_length=20, blank=True, choices=ChamberType)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级（所在地）工商联",
    )
    path = models.CharField("链条", max_length=100, unique=True)
    valid_from = models.DateField("起", null=True, blank=True)
    valid_to = models.DateField("止", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="并入或改设为",
    )

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="organisation_kind_known"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="organisation_level_known"),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(level=Level.NATIONAL, kind=Kind.FEDERATION),
                name="organisation_only_national_has_no_parent",
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(kind=Kind.FEDERATION), name="organisation_one_federation_a_code"
            ),
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~Q(uscc=""),
                name="organisation_uscc_unique",
                violation_error_message="已有机构使用这个统一社会信用代码。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="organisation_dates_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_chamber(self) -> bool:
        """Whether this is a chamber, not a federation."""
        return self.kind == Kind.CHAMBER

    def lives_at(self, now: datetime) -> bool:
        """Return whether the organisation exists on that instant's day in Beijing."""
        day = timezone.localdate(now)
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def province_path(self) -> str:
        """The path of the provincial unit above or at this node; the national path for directly affiliated bodies."""
        parts = self.path.strip("/").split("/")
        depth = 2 if len(parts) > 1 and parts[1].isdigit() else 1
        return "/" + "/".join(parts[:depth]) + "/"


class Seat(Read):
    """A person's capacity at an organisation: user × organisation × role, from one instant until another.

    It acts until ``ended_at``; ``left_on`` is the day the person left the post, ``end_reason`` why. The seat of a
    stand-in (代办) names in whose place it acts, and ends by itself at ``until``.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="seats", verbose_name="人员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="seats", verbose_name="机构")
    role = models.CharField("角色", max_length=24, choices=Role)
    since = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True, blank=True)
    left_on = models.DateField("离任日期", null=True, blank=True)
    end_reason = models.CharField("离任原因", max_length=200, blank=True)
    stands_in_for = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代谁办理"
    )
    stands_in_name = models.CharField("所代姓名", max_length=50, blank=True)
    until = models.DateTimeField("代办至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "席位"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="seat_role_known"),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True, stands_in_for__isnull=True),
                name="seat_held_once",
                violation_error_message="这个人已经担任该角色。",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "stands_in_for"],
                condition=Q(ended_at__isnull=True, stands_in_for__isnull=False),
                name="seat_stands_in_once",
                violation_error_message="这个人已经在代办这一席位。",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for__isnull=True, until__isnull=True)
                | Q(stands_in_for__isnull=False, until__isnull=False) & ~Q(stands_in_for=F("user")),
                name="seat_stand_in_is_another_for_a_time",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at__isnull=True, role__in=sorted(ADMIN_ROLES)),
                name="seat_three_administrators_apart",
                violation_error_message="系统、安全、审计三类管理员须由不同的人担任（三员分立）。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")), name="seat_dates_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signature}（{self.organisation.name}·{self.get_role_display()}）"

    @property
    def signature(self) -> str:
        """The name as it stands under a paper: “某某”, of a stand-in “某某（代某某）”."""
        return f"{self.user.name}（代{self.stands_in_name}）" if self.stands_in_name else self.user.name

    @property
    def people(self) -> tuple[int, ...]:
        """The keys of the people who act through the seat: the person, and whose place it is."""
        return (self.user_id,) if self.stands_in_for_id is None else (self.user_id, self.stands_in_for_id)

    @property
    def path(self) -> str:
        """The chain of the organisation the seat is at."""
        return self.organisation.path


class StandIn(models.Model):
    """An appointment to stand in (代办): for one seat, by a colleague, from an instant until another.

    While it lasts the substitute holds ``seat``, which names both; it is given and taken by the clock.
    """

    absent = models.ForeignKey(Seat, models.PROTECT, related_name="stand_ins", verbose_name="被代办席位")
    substitute = models.ForeignKey(User, models.PROTECT, related_name="stand_ins", verbose_name="代办人")
    since = models.DateTimeField("起")
    until = models.DateTimeField("止")
    reason = models.CharField("事由", max_length=200)
    appointed_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="指定人")
    appointed_at = models.DateTimeField("指定时间")
    seat = models.OneToOneField(
        Seat, models.PROTECT, null=True, blank=True, related_name="appointment", verbose_name="代办席位"
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        Seat, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人"
    )
    end_reason = models.CharField("终止理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代办"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")),
                name="stand_in_ends_later",
                violation_error_message="代办结束须晚于开始。",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="stand_in_has_a_reason"),
            models.UniqueConstraint(
                fields=["absent"],
                condition=Q(ended_at__isnull=True),
                name="stand_in_one_at_a_time",
                violation_error_message="这一席位已指定代办人，请先终止原来的代办。",
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="stand_in_running")]

    def __str__(self) -> str:
        return f"{self.substitute.name}代{self.absent.user.name}"

    @property
    def path(self) -> str:
        """The chain of the office, kept by the trail."""
        return self.absent.organisation.path


class RosterImport(models.Model):
    """A roster that somebody uploaded: read, shown, and written by one act or not at all.

    ``rows`` holds what was read, ``columns`` the letter of each column, so that an error can name its cell.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="导入单位")
    name = models.CharField("文件名", max_length=160)
    digest = models.CharField("摘要值", max_length=64)
    columns = models.JSONField("各栏位置", default=dict)
    rows = models.JSONField("内容", default=list)
    brought_by = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="上传人")
    brought_at = models.DateTimeField("上传时间")
    written_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    written_at = models.DateTimeField("写入时间", null=True)
    counts = models.JSONField("写入件数", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "名册导入"
        indexes = [models.Index(fields=["organisation", "-id"], name="roster_import_of_office")]

    def __str__(self) -> str:
        return self.name


class MailKind(models.TextChoices):
    """What a mail is for."""

    ACTIVATION = "activation", "设置链接"
    DIGEST = "digest", "每日摘要"


class MailState(models.TextChoices):
    """Where a mail stands."""

    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "未发出"


class Mail(models.Model):
    """One e-mail to one person; ``key`` makes the same mail leave once.

    The body of an activation mail is written at the moment it leaves and never kept: it holds the link.
    """

    kind = models.CharField("类别", max_length=12, choices=MailKind)
    key = models.CharField("唯一标识", max_length=120, unique=True)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="mails", verbose_name="收件人")
    address = models.EmailField("邮箱")
    path = models.CharField("所在链条", max_length=100)
    title = models.CharField("标题", max_length=160)
    body = models.TextField("内容", blank=True)
    state = models.CharField("状态", max_length=8, choices=MailState, default=MailState.WAITING)
    created_at = models.DateTimeField("起草时间")
    created_by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+", verbose_name="发件人")
    claimed_at = models.DateTimeField("开始发送时间", null=True)
    sent_at = models.DateTimeField("发送时间", null=True)
    error = models.CharField("原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "邮件"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_known"),
            models.CheckConstraint(
                condition=~Q(state=MailState.SENT) | Q(sent_at__isnull=False), name="mail_sent_has_instant"
            ),
        ]
        indexes = [
            models.Index(fields=["path", "-id"], name="mail_by_path"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=[MailState.WAITING, MailState.SENDING]),
                name="mail_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title
