"""The invariants: a whole world breaks none; each thing that a database client alters breaks the one that names it."""

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from html import unescape
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.test import Client
from django.utils.html import strip_tags

from declarations import store, tasks
from declarations.actions import (
    confirming,
    consulting,
    extensions,
    integrity,
    preliminary,
    publication,
    publish,
    upward,
)
from declarations.demo import stages
from declarations.models import (
    Attachment,
    Batch,
    CheckCause,
    CitedItem,
    Consultation,
    Cycle,
    Deadline,
    DecisionLetter,
    Declaration,
    Endorsement,
    ExpertReview,
    Extension,
    IntegrityCheck,
    ListVersion,
    Objection,
    PanelMember,
    PublicNotice,
    Quota,
    Recognition,
    Recusal,
    Revision,
    ScoreRun,
    StateCount,
    TotalBand,
)
from declarations.queries.invariants import INVARIANTS, Gate, Scope, before, look
from declarations.states import State
from scoring.actions import Entered, open_layer, publish_programme, save_marks
from scoring.models import Assessment, Layer, Ledger, Mark, MarkVersion, ProgrammeVersion
from sihao.accounts.actions.stand_ins import appoint_stand_in
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.models import Seat
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.actions import seal
from sihao.audit.migrations._append_only import ENTRY, releasing
from sihao.audit.models import Chain, DailyHead, Entry, Link
from sihao.jobs.tasks import run
from tests import worlds
from tests.altering import ROWS, alter
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with a recognised chamber, one that was disqualified, one before the experts, a draft, an extension."""
    folder = tmp_path_factory.mktemp("evidence")
    with kept(django_db_blocker), building(folder):
        world = worlds.make_world()
        listed = [worlds.make_shortlisted(world, worlds.PROVINCE) for _ in range(2)]
        stages.send_up(world, listed[0].unit)
        stages.accept(world, listed[0].unit)
        enrol(world)
        won, lost = map(stages.fresh, sorted(listed, key=lambda case: case.pk))
        stages.sign(world, stages.score(world, stages.assign(world, stages.pass_preliminary(world, won))))
        stages.decide(world)
        publication.publish_list(cycle=world.cycle, actor=world.seats["head"], now=world.tick())
        disqualify(world, lost)
        draft = worlds.make_draft(world)
        leave_room(draft)
        put_off(world, draft)
        object_to(world, won)
        stand_in(world)
        Cycle.objects.update(places_total=sum(Quota.objects.values_list("places", flat=True)))
        seal(now=world.tick())
        seal(now=world.tick() + timedelta(days=1))
        yield world, won.pk, lost.pk, draft.pk, folder


def enrol(world):
    """The first expert takes one case at most, and gets one."""
    facts = {"most": 1, "employer": "某大学", "written_at": worlds.NOW}
    PanelMember.objects.create(cycle=world.cycle, seat=world.seats["expert"], **facts)


def disqualify(world, case):
    case = stages.flag(world, case, reason="数据不实。")
    consulting.speak(case=case, text="情况属实。", actor=world.leader(case.unit), now=world.tick())
    preliminary.disqualify(case=case, actor=world.seats["head"], now=world.tick())


def put_off(world, case):
    waiting = extensions.propose(
        cycle=world.cycle,
        organisation=case.applicant,
        deadline=Deadline.SUBMISSION,
        until=world.cycle.submission_closes + timedelta(days=1),
        reason="停电。",
        actor=world.seats["department"],
        now=world.tick(),
    )
    confirming.confirm(pending=waiting, actor=world.seats["head"], now=world.tick())


def leave_room(case):
    """Other rules that a ledger could be put under, an empty layer for marks, a mark that is none, kept as typed."""
    text = ProgrammeVersion.objects.get().text.replace("sihao-2019", "other-2019")
    publish_programme(text=text, actor=None, now=worlds.NOW)
    open_layer(ledger=case.ledger, layer=Layer.CORRECTED)
    layer = open_layer(ledger=case.ledger, layer=Layer.SELF)
    save_marks(assessment=layer, entries={"A1.1": Entered(points="很多")}, actor=None, now=worlds.NOW)


DUE = worlds.NOW + timedelta(days=15)


def object_to(world, case):
    """The cycle has no public notice: an objection that was answered at the last instant, as rows."""
    head, at = world.seats["head"], worlds.NOW
    span = {"days": 5, "opened_by": head, "opened_at": at, "closes_at": at + timedelta(days=7)}
    notice = PublicNotice.objects.create(cycle=world.cycle, number=1, digest="0" * 64, **span)
    told = {"receipt": "Y0001", "token": uuid4(), "facts": "数据不实。", "received_at": at, "due_at": DUE}
    settled = {"state": "refused", "refusal": "no_facts", "answer": "没有具体事实。", "settled_by": head}
    facts = {**told, **settled, "settled_at": DUE, "number": 1}
    Objection.objects.create(cycle=world.cycle, notice=notice, declaration=case, **facts)


def stand_in(world):
    """The county's officer is away: a colleague stands in."""
    officer, leader = world.staff[make_federation(worlds.COUNTY).pk]
    colleague = make_seat(Role.OFFICER, officer.organisation)
    day = worlds.NOW.date() + timedelta(days=30)
    now = worlds.NOW + timedelta(days=30)
    appoint_stand_in(
        absent=officer, substitute=colleague.user, since=day, until=day, reason="出差。", actor=leader, now=now
    )


@pytest.fixture
def world(ground, db, settings):
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = ground[4]
    mine = as_it_stands(ground[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def won(ground, world):
    return stages.fresh(Declaration(pk=ground[1]))


def by_hand(sql, *values, index="", constraint=""):
    """Do as a database client would to whom no rule of the database is sacred."""
    with connection.cursor() as cursor:
        if index:
            cursor.execute(f"DROP INDEX {index}")
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if constraint and connection.vendor == "postgresql":
            table, name = constraint.split(".")
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        elif constraint:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        for statement in releasing(ENTRY, connection.vendor) if ENTRY in sql else ():
            cursor.execute(statement)
        cursor.execute(sql, values)
        if constraint and connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def waiting(at):
    """Look at the terms as they stand at an instant, when the objection is not answered."""
    unsettled = {"state": "received", "refusal": "", "settled_at": None, "settled_by": None}
    Objection.objects.update(**unsettled)
    return found(27, at=at)


def found(number, **scope):
    """Return the breaches of one invariant in words."""
    [result] = look([number], Scope(**{"deep": True, **scope}))
    return [f"{one.kind}：{one.words}" for one in result.examples]


def failing(**scope):
    return [result.number for result in look(sorted(INVARIANTS), Scope(**{"deep": True, **scope})) if result.count]


# ---- the whole


def test_a_world_built_by_the_acts_breaks_none(world, django_assert_max_num_queries):
    """The number of queries is that of the invariants, and of the pages of rows that some read by key."""
    with django_assert_max_num_queries(140):
        assert failing() == []
    assert failing(cycle=world.cycle, deep=False) == []


def test_there_are_the_thirty_one_of_the_design():
    """Features d.7 numbers them; each says what holds in a sentence of its own."""
    assert sorted(INVARIANTS) == list(range(1, 32))
    assert [one.number for one in INVARIANTS.values()] == list(INVARIANTS)
    assert len({one.sentence for one in INVARIANTS.values()}) == 31


def test_each_of_them_is_seen_broken():
    """Those not in the list have tests of their own below; nobody is added without one."""
    assert {number for number, _, _ in BROKEN} == set(INVARIANTS)


# ---- each broken alone


def altered(rows, **values):
    """Return an act that alters rows past everything."""
    return lambda house: rows(house).update(**values)


class House:
    """What a breaker may want; a case is read when one wants it."""

    def __init__(self, world, keys):
        self.world, self.keys = world, keys

    @cached_property
    def won(self):
        return stages.fresh(Declaration(pk=self.keys[0]))

    @cached_property
    def draft(self):
        return stages.fresh(Declaration(pk=self.keys[2]))


def first(model, **wanted):
    return model.objects.filter(pk=model.objects.filter(**wanted).order_by("pk").values_list("pk", flat=True).first())


def append_to_programme(house):
    version = house.world.cycle.programme
    ProgrammeVersion.objects.filter(pk=version.pk).update(text=version.text + "\n# x")


def recuse_reader(house):
    review = ExpertReview.objects.filter(declaration=house.won).first()
    facts = {"reason": "同学", "declared_by": review.expert, "declared_at": worlds.NOW}
    Recusal.objects.create(user=review.expert.user, declaration=house.won, **facts)


def desk_recused(house):
    Declaration.objects.filter(pk=house.draft.pk).update(desk=house.world.seats["department"])
    facts = {"reason": "同学", "declared_by": house.world.seats["department"], "declared_at": worlds.NOW}
    Recusal.objects.create(user=house.world.seats["department"].user, declaration=house.draft, **facts)


def release_letter(house, **values):
    settled = {"state": "released", "settled_by": house.world.seats["head"], "settled_at": worlds.NOW}
    first(DecisionLetter).update(**settled, **values)


COUNTED, SHEET, MEMBER = "expert_review_counts_confirmed", "declarations_expertreview", "declarations_panelmember"


def unconfirm(house):
    """The database itself holds that a counted sheet is confirmed."""
    by_hand(f"UPDATE {SHEET} SET confirmed_at = NULL", constraint=f"{SHEET}.{COUNTED}")  # noqa: S608 our own names


def at_least(house, most):
    """The database itself holds that who reads takes one case at least."""
    constraint = f"{MEMBER}.panel_member_reads_something"
    by_hand(f"UPDATE {MEMBER} SET most = %s", most, constraint=constraint)  # noqa: S608 our own names


def confirm_late(house):
    run = ScoreRun.objects.get()
    ExpertReview.objects.update(confirmed_at=run.run_at + timedelta(microseconds=1))


BROKEN = [
    (
        1,
        lambda h: by_hand(
            "UPDATE declarations_declaration SET applicant_id = %s WHERE id = %s",
            h.won.applicant_id,
            h.draft.pk,
            index="declaration_one_a_cycle",
        ),
        "申报：同一商会有2件未撤回的申报",
    ),
    (2, lambda h: first(Declaration, pk=h.draft.pk).update(holder=h.won.unit), "申报：办理单位与状态不符"),
    (2, lambda h: Cycle.objects.filter(pk=h.draft.cycle_id).update(workflow="wuhao"), "申报：状态不在程序表内"),
    (
        3,
        lambda h: first(Declaration, pk=h.won.pk).update(state=State.NOT_APPROVED),
        "申报：末条留痕记载的状态与现在的状态不同",
    ),
    (
        3,
        lambda h: first(Declaration, pk=h.won.pk).update(version=h.won.version + 1),
        "申报：办理{after}次，留痕{was}条",
    ),
    (
        4,
        lambda h: by_hand("UPDATE audit_entry SET reason = 'x' WHERE id = %s", Entry.objects.order_by("pk")[0].pk),
        "与封存时不同的是理由",
    ),
    (5, lambda h: Cycle.objects.update(places_total=1), "认定周期：各单位名额合计"),
    (6, lambda h: first(Declaration, pk=h.won.pk).update(rank=7), "推荐名单：推荐排序不连续：2件，末位7"),
    (7, lambda h: first(Revision, declaration=h.won).update(digest="0" * 64), "固定版本：摘要值与内容不符"),
    (
        8,
        lambda h: first(Mark, code="A1.1", assessment__ledger=h.won.ledger).update(points="1.5"),
        "得分：与修改记录的最后一次不同",
    ),
    (
        8,
        lambda h: first(Mark, code="A1.1", assessment__ledger=h.won.ledger).update(points="0.3"),
        "得分：A1.1得分不符合计分单位",
    ),
    (8, lambda h: first(Mark, code="A1.1").update(maximum="99"), "得分：A1.1满分与标准不符"),
    (8, lambda h: first(Mark, code="A1.1").update(reason="改"), "得分：与修改记录的最后一次不同"),
    (8, lambda h: first(MarkVersion, code="A1.1").update(words="改"), "得分修改记录：A1.1第1次修改的记录有改动"),
    (
        8,
        lambda h: by_hand(
            "UPDATE scoring_mark SET points = -1 WHERE id = %s",
            Mark.objects.order_by("pk")[0].pk,
            constraint="scoring_mark.mark_between_zero_and_maximum",
        ),
        "得分：得分低于0或者高于满分",
    ),
    (9, lambda h: first(Assessment, locked_at__isnull=False).update(total="1"), "评分层：总分与各项得分之和不符"),
    (9, lambda h: first(Declaration, pk=h.won.pk).update(final_total="1"), "申报：复审得分与最后一次评分结果不符"),
    (10, lambda h: ScoreRun.objects.update(total="1"), "评分结果：结论与重新计算的不同"),
    (10, lambda h: ScoreRun.objects.update(inputs={"A1.1": "1"}), "评分结果：得分摘要值与得分不符"),
    (11, lambda h: ScoreRun.objects.update(inputs={}), "评分结果：缺少带标记的指标"),
    (12, append_to_programme, "认定标准：摘要值与标准文件不符"),
    (12, lambda h: ScoreRun.objects.update(programme_digest="0" * 64), "评分结果：评分结果的标准不是本周期的标准"),
    (13, recuse_reader, "专家评审：专家应当回避本件"),
    (14, lambda h: Cycle.objects.update(readers=3), "申报：已确认的专家评分不足"),
    (17, lambda h: Consultation.objects.update(outcome="dropped"), "申报：没有三类事由之一"),
    (15, unconfirm, "专家评审：评分结果产生时尚未确认"),
    (15, confirm_late, "专家评审：评分结果产生时尚未确认"),
    (15, lambda h: first(Assessment, layer=Layer.EXPERT).update(locked_at=None), "专家评审：已确认的评分没有固定"),
    (16, lambda h: at_least(h, 0), "专家评审：专家件数超过本人最多评审件数"),
    (
        17,
        lambda h: Consultation.objects.update(closed_by=h.world.seats["department"]),
        "沟通：提出人与确认人是同一人",
    ),
    (
        17,
        lambda h: Consultation.objects.update(answered_at=None),
        "沟通：推荐单位没有答复，答复期限也没有届满",
    ),
    (17, lambda h: CitedItem.objects.all().delete(), "沟通：没有写明涉及的指标和依据"),
    (18, lambda h: Endorsement.objects.update(text=""), "固定版本：报出时没有签批的审核意见"),
    (19, lambda h: Batch.objects.update(prepared_by=h.world.leader(h.won.unit)), "推荐名单：拟定人与上报人是同一人"),
    (19, lambda h: first(ListVersion).update(listing=[]), "名单版本：摘要值与名单不符"),
    (20, lambda h: first(Attachment).update(row="Z9"), "佐证材料：没有这一事项"),
    (21, lambda h: Recognition.objects.update(name="别的商会"), "认定：公布的名称与申报单位名称不同"),
    (21, lambda h: Cycle.objects.update(published_digest="0" * 64), "认定周期：名单摘要值与公布的名单不符"),
    (22, lambda h: Recognition.objects.update(serial=2), "认定：共1个，末号2"),
    (22, lambda h: Recognition.objects.update(number="SH2020-0009"), "认定：证书编号与序号1不符"),
    (23, lambda h: release_letter(h, decision="results"), "决定通知：结果公开以前已发出"),
    (24, lambda h: release_letter(h, key="x"), "决定通知：唯一标识与事由、收件单位不符"),
    (
        25,
        lambda h: Extension.objects.update(confirmed_by=h.world.seats["department"]),
        "延期：拟办人与批准人是同一人",
    ),
    (26, desk_recused, "申报：初审经办人应当回避本件"),
    (27, lambda h: Objection.objects.update(settled_at=DUE + timedelta(microseconds=1)), "异议：逾期答复而没有提示"),
    (
        28,
        lambda h: by_hand(
            "UPDATE declarations_cycle SET county_closes = opens_at",
            constraint="declarations_cycle.cycle_deadlines_ordered",
        ),
        "认定周期：截止时间次序不对",
    ),
    (
        29,
        lambda h: by_hand("UPDATE audit_entry SET target_id = '0' WHERE event = 'list_published'"),
        "认定：没有公布名单的留痕",
    ),
    (30, lambda h: Seat.objects.exclude(stands_in_name="").update(stands_in_name=""), "席位：没有写明所代的人"),
    (
        30,
        lambda h: by_hand("UPDATE audit_entry SET target_id = '0' WHERE event = 'stand_in_begun'"),
        "代办：代办开始没有写明两人的留痕",
    ),
    (31, lambda h: Quota.objects.filter(used__gt=0).update(used=1), "推荐名额：已用名额1个，占用名额的申报2件"),
    (31, lambda h: first(StateCount, scope="unit", state="draft").update(number=5), "件数：草稿计数为5，实有1件"),
    (31, lambda h: first(TotalBand, number__gt=0).delete(), "总分分布："),
]


@pytest.mark.parametrize(("number", "breaks", "words"), BROKEN, ids=[f"{one[0]}-{n}" for n, one in enumerate(BROKEN)])
def test_what_is_altered_is_named(ground, world, number, breaks, words):
    house = House(world, ground[1:4])
    if "{was}" in words:
        words = words.format(was=house.won.version, after=house.won.version + 1)

    breaks(house)

    assert any(words in one for one in found(number)), found(number)


# ---- one byte of any column of trail, ledger and revisions


WATCHED = {
    **dict.fromkeys((Entry, Link, DailyHead, Chain), (4,)),
    **dict.fromkeys((Ledger, ProgrammeVersion), (11, 12)),
    **dict.fromkeys((Assessment, Mark, MarkVersion), (8, 9)),
    Revision: (7,),
}
"""Which invariants watch over a table."""
REFUSED = {"Entry.id", "Link.entry", "Chain.id"}
"""The database itself takes no other value: it is referred to, it is there once."""
OF_NO_MEANING = {
    **dict.fromkeys(("Ledger.id", "Assessment.id", "ProgrammeVersion.id"), "referred to: the database refuses it"),
    **dict.fromkeys(("DailyHead.id", "Mark.id", "MarkVersion.id", "Revision.id"), "a row's place; it tells nothing"),
    "Chain.hash": "a wish for seals to come; each seal tells which it was made with",
}
COLUMNS = [(model, field.name) for model in WATCHED for field in model._meta.concrete_fields]
COLUMNS = [one for one in COLUMNS if f"{one[0].__name__}.{one[1]}" not in OF_NO_MEANING]


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=[f"{one.__name__}.{name}" for one, name in COLUMNS])
def test_one_byte_of_any_column_is_named(world, model, column):
    """A column that is added to one of the tables and that nothing watches over fails here."""
    never = f"{model.__name__}.{column}" in REFUSED
    taken = alter(model, column, rows=4 if never else ROWS)

    named = any(one.count for number in WATCHED[model] for one in look([number], Scope(deep=True)))
    assert (taken, named) == ((False, False) if never else (True, True))


def test_what_is_taken_out_whole_is_named(world):
    """A frozen copy, a mark, the first line of a mark's history."""
    models.QuerySet(Mark).filter(pk=Mark.objects.order_by("pk")[0].pk).delete()
    assert found(8) == ["得分修改记录：修改记录所记的得分已不存在"]
    last = Revision.objects.order_by("pk").last()
    models.QuerySet(Revision).filter(pk=last.pk)._raw_delete("default")
    assert found(7) == ["固定版本：留痕记载的这一版已不存在"]


# ---- terms and loads, both sides


def test_an_objection_not_answered_is_named_an_hour_after_its_term(world):
    """The clock has that hour to flag it."""
    hour = timedelta(hours=1)

    assert waiting(DUE + hour) == []
    assert waiting(DUE + hour + timedelta(microseconds=1)) == ["异议：逾期没有答复，也没有提示"]


def test_an_expert_may_have_as_many_as_the_person_takes(world):
    assert PanelMember.objects.get().most == 1
    assert found(16) == []


# ---- files


def spoil(piece, content):
    path = store._root() / piece.stored
    was = path.read_bytes()
    path.write_bytes(content(was))
    return path, was


def test_one_byte_of_a_file_is_named_by_the_deep_look(world):
    piece = Attachment.objects.order_by("pk").first()
    path, was = spoil(piece, lambda bytes_: bytes_[:-1] + bytes([bytes_[-1] ^ 1]))

    try:
        assert found(20) == ["佐证材料：文件内容有变化"]
        assert found(20, deep=False) == []
    finally:
        path.write_bytes(was)


def test_a_file_that_is_shorter_or_gone_is_named_by_every_look(world):
    piece = Attachment.objects.order_by("pk").first()
    path, was = spoil(piece, lambda bytes_: bytes_[:-1])

    try:
        assert found(20, deep=False) == ["佐证材料：文件大小有变化"]
        path.unlink()
        assert found(20, deep=False) == ["佐证材料：文件已不存在"]
    finally:
        path.write_bytes(was)


# ---- before the steps


def test_what_is_looked_at_before_which_step():
    assert before(Gate.UPLOAD) == [1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 18, 19, 20, 25, 26, 28, 31]
    assert set(before(Gate.AGENDA)) >= {4, 7, 8, 9, 10, 12, 13, 14, 15, 17, 20}
    assert set(before(Gate.PUBLICATION)) >= {4, 7, 8, 9, 10, 12, 21, 22, 23, 24, 29, 31}


def refused(act, *arguments, **words):
    with pytest.raises(Refused) as caught:
        act(*arguments, **words)
    return [str(one) for one in caught.value.refusals]


TOLD = (
    "数据完整性第31条不成立：各处计数与实际件数相同（1处，首处为推荐名额{pk}：已用名额{used}个，占用名额的申报{real}件）。"
    "请联系审计管理员查明后再办理。（完整性检查）"
)


@pytest.fixture
def gates(settings):
    settings.INTEGRITY_GATES = True


def test_a_list_does_not_go_up_while_its_data_do_not_hold(world, gates, won):
    """The one unit's counter is wrong: its list waits; nothing of it was written; mended, it goes up."""
    batch, leader = Batch.objects.get(unit=won.unit), world.leader(won.unit)
    Batch.objects.filter(pk=batch.pk).update(state="sent_back")
    quota = Quota.objects.get(organisation=won.unit)
    Quota.objects.filter(pk=quota.pk).update(used=1)

    assert refused(upward.order_upload, batch=batch, actor=leader, now=world.tick()) == [
        TOLD.format(pk=quota.pk, used=1, real=2)
    ]
    assert (Batch.objects.get(pk=batch.pk).state, batch.receipts.count()) == ("sent_back", 1)

    Quota.objects.filter(pk=quota.pk).update(used=2)
    upward.order_upload(batch=batch, actor=leader, now=world.tick())
    assert (Batch.objects.get(pk=batch.pk).state, batch.receipts.count()) == ("uploaded", 2)


def test_another_units_data_do_not_hold_a_list_up(world, gates, won):
    Quota.objects.filter(organisation=won.unit).update(used=1)

    integrity.refuse_broken(gate=Gate.UPLOAD, cycle=world.cycle, unit=world.seats["head"].organisation_id)
    [told] = refused(integrity.refuse_broken, gate=Gate.UPLOAD, cycle=world.cycle, unit=won.unit_id)

    assert told == TOLD.format(pk=Quota.objects.get(organisation=won.unit).pk, used=1, real=2)


@pytest.mark.parametrize("gate", [Gate.AGENDA, Gate.PUBLICATION])
def test_an_altered_trail_stops_the_nations_steps(world, gates, gate):
    by_hand("UPDATE audit_entry SET reason = 'x' WHERE id = %s", Entry.objects.order_by("pk")[2].pk)

    [told] = refused(integrity.refuse_broken, gate=gate, cycle=world.cycle)

    assert told.startswith("数据完整性第4条不成立：办理留痕逐条相连，没有改动（1处，首处为办理留痕3：第3条留痕（")


def test_the_agenda_is_refused_by_its_own_act(world, gates, won):
    national = world.seats["head"].organisation
    Declaration.objects.filter(pk=won.pk).update(state=State.PROPOSED, holder=national)

    told = refused(publish.freeze_agenda, cycle=world.cycle, actor=world.seats["head"], now=world.tick())

    assert [one.partition("：")[0] for one in told] == ["数据完整性第3条不成立", "数据完整性第31条不成立"]


# ---- kept, shown, ordered


@pytest.fixture
def few(monkeypatch):
    """Where it is only told and shown what was found, look at three invariants alone."""
    for number in INVARIANTS.keys() - {1, 9, 10}:
        monkeypatch.delitem(INVARIANTS, number)


def check(world):
    return integrity.check_invariants(cause=CheckCause.NIGHTLY, clock=world.tick)


def test_a_check_is_kept_with_what_it_found(world, won, few):
    Declaration.objects.filter(pk=won.pk).update(final_total="1")

    one = IntegrityCheck.objects.get(pk=check(world).pk)

    assert (one.failing, len(one.results), one.ended_at > one.begun_at) == (1, len(INVARIANTS), True)
    [line] = [line for line in one.results if line["count"]]
    assert line == {
        "number": 9,
        "count": 1,
        "error": "",
        "examples": [
            {"kind": "申报", "key": str(won.pk), "words": "复审得分与最后一次评分结果不符", "case": won.pk}
        ],
    }


def test_one_that_cannot_be_looked_at_hides_no_other(world, won, few, monkeypatch, caplog):
    """Broken data may be such that a look itself breaks."""
    Declaration.objects.filter(pk=won.pk).update(final_total="1")
    monkeypatch.setitem(INVARIANTS, 10, replace(INVARIANTS[10], find=lambda scope: 1 / 0))

    one = check(world)

    told = [(line["number"], line["count"], line["error"]) for line in one.results]
    assert told == [(1, 0, ""), (9, 1, ""), (10, 0, "检查时出错，没有得到结果，错误已记录，请联系系统管理员。")]
    assert one.failing == 2
    assert [record.message for record in caplog.records] == ["invariant 10 could not be looked at"]


def told_by_command(**options):
    out = StringIO()
    call_command("check_invariants", stdout=out, **options)
    return out.getvalue().splitlines()


def test_the_command_says_of_each_whether_it_holds(world, few):
    lines = told_by_command(cycle=world.cycle.slug)

    assert lines[0] == " 1 每家商会在一个周期内至多有一件未撤回的申报：成立"
    assert lines[-1] == f"{len(INVARIANTS)}条全部成立。"


def test_the_command_names_what_does_not_hold_with_exit_code_one(world, won, few):
    Declaration.objects.filter(pk=won.pk).update(final_total="1")
    out = StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("check_invariants", stdout=out, quick=True)

    assert (str(caught.value), caught.value.returncode) == ("1条不成立。", 1)
    said = "固定的评分层总分等于各项得分之和，各处所记总分一致"
    assert f" 9 {said}：不成立，1处\n   - 申报{won.pk}：复审得分与最后一次评分结果不符\n" in out.getvalue()
    with pytest.raises(CommandError, match="没有代号为none的周期。"):
        told_by_command(cycle="none")


def test_the_night_has_one_turn_from_two_oclock_on():
    at = worlds.NOW.replace(hour=1, minute=59)

    assert (tasks.night(at), tasks.night(at + timedelta(minutes=1))) == ("", "2020-09-28")


def read(seat, path="/work/integrity/"):
    client = Client()
    client.force_login(seat.user)
    session = client.session
    session[SESSION_KEY] = seat.pk
    session.save()
    body = client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(strip_tags(f"<main{body}")).split())


def test_the_page_names_cases_only_to_who_may_open_them(world, won, few):
    """The audit administrator reads how many and of which kind; who steps back from the case reads no more."""
    Declaration.objects.filter(pk=won.pk).update(final_total="1")
    check(world)
    tied = make_seat(Role.DEPARTMENT_OFFICER, world.seats["head"].organisation)
    facts = {"reason": "同学", "declared_by": tied, "declared_at": worlds.NOW}
    Recusal.objects.create(user=tied.user, declaration=won, **facts)
    named = f"申报{won.pk}：复审得分与最后一次评分结果不符（{won.number}）"

    pages = {name: read(seat) for name, seat in {**world.seats, "tied": tied}.items() if name in READERS}

    assert {name for name, page in pages.items() if named in page} == {"department", "head", "supervision"}
    assert all(f"{len(INVARIANTS)}条中有1条不成立：第9条。" in page for page in pages.values())
    assert not any(word in pages[name] for name in ("auditadmin", "tied") for word in (won.number, won.applicant_name))


READERS = {"department", "head", "supervision", "auditadmin", "tied"}


def test_a_check_is_ordered_once_and_shown_with_who_ordered_it(world, few):
    actor = world.seats["auditadmin"]
    job = integrity.order_check(actor=actor, now=world.tick())

    assert integrity.order_check(actor=world.seats["supervision"], now=world.tick()) == job
    assert refused(integrity.order_check, actor=world.seats["department"], now=world.tick()) == [
        "由会员部负责人、监督人员或者审计管理员发起检查。"
    ]
    run(job.pk)
    kept_one = IntegrityCheck.objects.get()
    assert (kept_one.cause, kept_one.ordered_by, kept_one.failing) == ("ordered", actor, 0)
    assert f"{len(INVARIANTS)}条全部成立。" in read(actor)
    assert f"人工检查（{actor.user.name}）" in read(actor)
