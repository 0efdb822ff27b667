"""Who may hold which seat: levels of the tree, kinds of organisation, roles."""

from django.db.models import IntegerChoices, TextChoices


class Level(IntegerChoices):
    """The tier of a federation; a chamber carries the tier of its home federation."""

    NATIONAL = 0, "全国"
    PROVINCE = 1, "省级"
    CITY = 2, "市级"
    COUNTY = 3, "县级"


class Kind(TextChoices):
    """What an organisation is."""

    FEDERATION = "federation", "工商联"
    CHAMBER = "chamber", "商会"


class ChamberType(TextChoices):
    """What kind of chamber it is, as the application form asks (reconstructed)."""

    TRADE = "行业商会"
    ORIGIN = "异地商会"
    TOWN = "乡镇（街道）商会"
    PARK = "园区商会"
    MARKET = "市场商会"
    BUILDING = "楼宇商会"
    GENERAL = "综合性商会"
    OTHER = "其他"


class Role(TextChoices):
    """The capacity in which a person acts for an organisation."""

    CHAMBER_FILLER = "chamber_filler", "填报员"
    CHAMBER_PRESIDENT = "chamber_president", "会长"
    OFFICER = "officer", "经办人"
    LEADER = "leader", "分管领导"
    DEPARTMENT_OFFICER = "department_officer", "会员部经办人"
    DEPARTMENT_HEAD = "department_head", "会员部负责人"
    EXPERT = "expert", "评审专家"
    GROUP_HEAD = "group_head", "专家组组长"
    MEETING_SECRETARY = "meeting_secretary", "主席办公会议秘书"
    SUPERVISION = "supervision", "监督人员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


CHAMBER_ROLES = frozenset({Role.CHAMBER_FILLER, Role.CHAMBER_PRESIDENT})
TIER_ROLES = frozenset({Role.OFFICER, Role.LEADER})
DEPARTMENT_ROLES = frozenset({Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_HEAD})
EXPERT_ROLES = frozenset({Role.EXPERT, Role.GROUP_HEAD})
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
NATIONAL_ROLES = DEPARTMENT_ROLES | EXPERT_ROLES | ADMIN_ROLES | {Role.MEETING_SECRETARY, Role.SUPERVISION}
