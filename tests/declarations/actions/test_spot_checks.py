"""Spot checks: the seed before the draw, teams, two writers, every member's word, and what holds a case at T18."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from declarations.actions import draws, preliminary, visit_marks, visit_untrue, visits
from declarations.actions.counting import recount
from declarations.actions.stepping_back import recuse
from declarations.actions.visit_photos import add_photo, remove_photo
from declarations.actions.visit_record import save_record
from declarations.actions.visit_report import save_visit_report
from declarations.demo.stages import World
from declarations.demo.visiting import snapshot
from declarations.models import (
    Cycle,
    Declaration,
    DrawRun,
    Notice,
    SpotDraw,
    Tie,
    TieKind,
    Visit,
    VisitEntry,
    VisitMember,
    VisitPhoto,
    VisitReport,
)
from declarations.queries.draws import frame_of
from declarations.queries.visit_card import visit_card
from declarations.queries.visit_report import visit_report_draft
from declarations.queries.visits import candidates_for, free_for_visit, teamless, visit_for, visits_to_make
from declarations.sampling import METHOD
from declarations.sampling import draw as compute
from declarations.states import State, VisitFinding, VisitFollow, VisitState
from scoring.engine import figure
from scoring.models import Assessment, Layer, Mark
from scoring.queries import programme_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.events import Event
from sihao.audit.queries import trail_of
from tests import worlds
from tests.factories import make_federation, make_seat
from tests.kept import as_it_stands, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
OTHER = "420000"
HELD = "本件列为实地抽查对象，现为“待走访”，调研组核定后才能通过初审；不需走访的，由会员部负责人写明理由免于走访。"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Ground:
    """A world with eight cases before the department, and two people of another province."""

    world: World
    team: tuple


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("photos")):
        world = worlds.make_world()
        county, city = make_federation(worlds.COUNTY), make_federation(worlds.CITY)
        cases = declare(world.cycle, [f"县商会{n}" for n in range(4)], home=county, state=State.RECOMMENDED)
        cases += declare(world.cycle, [f"市商会{n}" for n in range(4)], home=city, state=State.PRELIMINARY_REVIEW)
        declare(world.cycle, ["已过初审商会"], home=city, state=State.EXPERT_REVIEW)
        nation = make_federation(worlds.NATION)
        Declaration.objects.filter(pk__in=[case.pk for case in cases]).update(holder=nation)
        for case in Declaration.objects.filter(pk__in=[case.pk for case in cases]).select_related("cycle__programme"):
            recount(case, Counter())
        office = make_federation(OTHER)
        yield Ground(world, (make_seat(Role.OFFICER, office), make_seat(Role.LEADER, office)))


@pytest.fixture(autouse=True)
def photos(settings, tmp_path):
    settings.STORAGE_ROOT = settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(ground):
    world = as_it_stands(ground.world)
    world.cycle = Cycle.objects.get(pk=ground.world.cycle.pk)
    return world


@pytest.fixture
def team(ground):
    return ground.team


def refused(act, **words):
    with pytest.raises(Refused) as caught:
        act(**words)
    return [str(one) for one in caught.value.refusals]


def announced(world, cases=2, seed="种子") -> SpotDraw:
    words = {"seed": seed, "source": "某期号码", "cases": cases, "actor": world.seats["department"]}
    return draws.announce(cycle=world.cycle, now=world.tick(), **words)


def drawn(world, cases=2) -> SpotDraw:
    found = announced(world, cases)
    return draws.make_draw(found=found, actor=world.seats["department"], now=worlds.later(world, hours=24))


def a_visit(world, state=State.PRELIMINARY_REVIEW) -> Visit:
    """Return the visit of a case in that state, of a draw of all cases."""
    return drawn(world, 8).visits.filter(declaration__state=state).order_by("id").first()


def assigned(world, team, state=State.PRELIMINARY_REVIEW) -> Visit:
    visit = a_visit(world, state)
    words = {"members": [seat.pk for seat in team], "planned_on": None, "actor": world.seats["department"]}
    return visits.assign(visit=visit, now=world.tick(), **words)


def whole(world, visit, **more: str) -> dict[str, str]:
    rubric = programme_of(world.cycle.programme).rubric
    rows = {f"found-{item.id}": "consistent" for item in rubric.items() if item.mark}
    today = f"{world.clock.at:%Y-%m-%d}"
    return rows | {"visited_on": today, "place": "秘书处", "received_by": "会长", "interviews": "座谈。"} | more


def written(world, team, state=State.PRELIMINARY_REVIEW, **more: str) -> Visit:
    visit = assigned(world, team, state)
    save_record(visit=visit.pk, typed=whole(world, visit, **more), actor=team[0], now=world.tick())
    add_photo(visit=visit.pk, file=snapshot(world.clock.at), name="走访.jpg", actor=team[0], now=world.tick())
    return visit


def submitted(world, team, **more: str) -> Visit:
    return visits.submit(visit=written(world, team, **more), actor=team[0], now=world.tick())


def confirmed(world, team, **more: str) -> Visit:
    visits.agree(visit=(visit := submitted(world, team, **more)), actor=team[1], now=world.tick())
    return Visit.objects.get(pk=visit.pk)


UNTRUE = {"found-A1.2": "untrue", "note-A1.2": "没有台账。"}


# ---- the draw


def test_a_draw_waits_out_its_hours_and_is_made_once_from_the_published_seed(world):
    found, department = announced(world), world.seats["department"]
    ready = found.announced_at + 24 * HOUR

    early = refused(draws.make_draw, found=found, actor=department, now=ready - timedelta(seconds=1))
    made = draws.make_draw(found=found, actor=department, now=ready)

    assert early == ["种子公布满24小时后方可抽取，即9月29日09:02以后。（通知未规定）"]
    assert refused(draws.make_draw, found=found, actor=department, now=ready) == [
        "实地抽查第1批已经抽取或者作废。（通知未规定）"
    ]
    numbers = sorted(made.visits.values_list("declaration__number", flat=True))
    assert numbers == compute("种子", 2, [one.unit for one in frame_of_all(made)]).numbers
    entry = trail_of(made).last()
    assert (entry.event, entry.data["drawn"], entry.data["seed"]) == (Event.DRAW_DRAWN, numbers, "种子")
    assert entry.data["list"] == made.frame_digest


def frame_of_all(made):
    from_kept = {row[1]: row for row in made.frame}
    assert len(from_kept) == 8  # neither the case before the experts nor any twice
    return draws.frame_kept(made)


def test_the_list_has_region_level_and_declared_type_and_leaves_out_what_was_drawn(world):
    case = Declaration.objects.filter(state=State.RECOMMENDED).order_by("number").first()
    case.answers.create(field="chamber_type", value="园区商会", set_at=worlds.NOW)

    before = {one.unit.number: one.unit for one in frame_of(world.cycle)}
    drawn(world, 3)

    assert before[case.number].line == f"{case.number}|中部|县级|园区商会"
    assert {unit.type for number, unit in before.items() if number != case.number} == {"其他"}
    assert len(frame_of(world.cycle)) == 5


def test_computing_again_agrees_with_the_seed_and_differs_with_another_and_both_stay(world):
    made = drawn(world)
    supervision = world.seats["supervision"]

    same = draws.compute_again(found=made, seed="种子", actor=supervision, now=world.tick())
    other = draws.compute_again(found=made, seed="另一个", actor=supervision, now=world.tick())

    first = DrawRun.objects.get(draw=made, number=1)
    assert same.outcome == first.outcome
    assert same.digest == first.digest != other.digest
    assert draws.words_of_run(made, same) == "用公布的种子，结果与抽取时一致"
    assert draws.words_of_run(made, other).startswith("改用其他种子试算，结果与抽取时不一致，相同的")
    assert [entry.event for entry in trail_of(made)][-2:] == [Event.DRAW_COMPUTED_AGAIN] * 2
    assert made.visits.count() == 2


def test_a_list_that_was_altered_is_not_computed_again(world):
    made = drawn(world)
    made.frame[0][2] = "东部"
    made.save()

    words = refused(draws.compute_again, found=made, seed="种子", actor=world.seats["head"], now=world.tick())
    assert words == ["保存的抽样清单与其摘要值不符，不能复算，请立即查明。（通知未规定）"]


def test_one_draw_is_announced_at_a_time_and_a_voided_one_stays(world):
    found, head = announced(world), world.seats["head"]

    assert refused(announced, world=world) == ["已有公布种子、尚未抽取的批次，请先抽取或者作废。（通知未规定）"]
    void = {"found": found, "now": world.tick()}
    assert refused(draws.void_draw, reason="误填", actor=world.seats["department"], **void) == [
        "实地抽查的抽样由全国工商联会员部办理。（五（二）2）"
    ]
    assert refused(draws.void_draw, reason=" ", actor=head, **void) == ["请写明作废的理由。（通知未规定）"]
    draws.void_draw(reason="件数误填", actor=head, **void)
    assert announced(world).number == 2
    assert SpotDraw.objects.get(number=1).void_reason == "件数误填"


def test_more_cases_than_there_are_and_a_drawer_who_steps_back_are_refused(world):
    found, department = announced(world, 9), world.seats["department"]
    at = worlds.later(world, hours=24)

    assert refused(draws.make_draw, found=found, actor=department, now=at) == [
        "可抽取的推荐对象只有8件，不足9件。（通知未规定）"
    ]
    case = Declaration.objects.filter(state=State.RECOMMENDED).first()
    recuse(case=case, who=department, reason="亲属", actor=world.seats["head"], now=at)
    assert refused(draws.make_draw, found=found, actor=department, now=at) == [
        "抽样清单内有您应当回避的申报，由会员部其他人员抽取。（回避）"
    ]
    assert not Visit.objects.exists()


# ---- the team


def test_a_team_is_of_two_or_more_from_another_province_without_ties(world, team):
    visit, department = a_visit(world), world.seats["department"]
    at_home = world.officer(make_federation(worlds.COUNTY))

    def assign(*members, on=None):
        keys = [seat.pk for seat in members]
        words = {"members": keys, "planned_on": on, "actor": department, "now": world.tick()}
        return visits.assign(visit=visit, **words)

    assert refused(assign_with(assign, team[0])) == ["调研组至少2人，现为1人。（通知未规定）"]
    tied = "调研组由他省工商联在任人员组成，与申报单位没有任职、亲属等关系；不能列入："
    assert refused(assign_with(assign, team[0], at_home)) == [f"{tied}{at_home.user.name}。（通知未规定）"]
    Tie.objects.create(
        user=team[1].user, organisation=visit.declaration.applicant, name="x", kind=TieKind.POST, declared_at=worlds.NOW
    )
    assert refused(assign_with(assign, *team)) == [f"{tied}{team[1].user.name}。（通知未规定）"]
    Tie.objects.all().delete()
    assert refused(assign_with(assign, *team, on=date(2020, 9, 1))) == ["拟走访日期不能早于今天。（通知未规定）"]
    second = make_seat(Role.LEADER, team[0].organisation, team[0].user)
    assert refused(assign_with(assign, team[0], second)) == ["调研组至少2人，现为1人。（通知未规定）"]
    assert refused(assign_with(assign, *team, second)) == ["同一人不能两次列入调研组。（通知未规定）"]
    assert Visit.objects.get(pk=visit.pk).state == VisitState.DRAWN

    assign(*team, on=date(2020, 10, 20))
    visit.refresh_from_db()
    assert (visit.state, visit.planned_on) == (VisitState.ASSIGNED, date(2020, 10, 20))


def assign_with(assign, *members, **words):
    return lambda: assign(*members, **words)


def test_whom_to_choose_from_leaves_out_the_province_and_whoever_has_a_seat_there(world, team):
    visit = a_visit(world)
    make_seat(Role.OFFICER, make_federation(worlds.CITY), team[1].user)

    assert list(free_for_visit(visit.declaration).values_list("pk", flat=True)) == [team[0].pk]
    assert [one.seat.pk for one in candidates_for(visit, "420000", ())] == [team[0].pk]
    assert candidates_for(visit, "查无此处", ()) == []


def test_members_chamber_and_unit_are_told_once(world, team):
    visit = assigned(world, team)
    changed = {"members": [seat.pk for seat in team], "planned_on": None, "actor": world.seats["department"]}
    visits.assign(visit=visit, now=world.tick(), **changed)

    told = Notice.objects.filter(declaration=visit.declaration)
    assert [told.filter(seat=seat).count() for seat in team] == [1, 1]
    at_unit = told.filter(seat__organisation=visit.declaration.unit)
    assert set(at_unit.values_list("title", flat=True)) == {f"{visit.declaration.applicant_name}列为实地抽查对象"}


# ---- the record


def test_what_a_colleague_changed_meanwhile_comes_back_and_the_rest_is_kept(world, team):
    visit = assigned(world, team)
    save_record(visit=visit.pk, typed={"place": "秘书处"}, actor=team[0], now=world.tick())

    typed = {"place": "会议室", "received_by": "会长", "mark-A1.2": "99", "nonsense": "x"}
    seen = {"place": 0}
    told = save_record(visit=visit.pk, typed=typed, actor=team[1], now=world.tick(), seen=seen)

    assert list(told.collisions) == ["place"]
    assert (told.collisions["place"].mine, told.collisions["place"].entry.value) == ("会议室", "秘书处")
    assert told.versions == {"received_by": 1, "mark-A1.2": 1}
    assert list(told.problems) == ["mark-A1.2"]
    again = save_record(visit=visit.pk, typed={"place": "会议室"}, actor=team[1], now=world.tick(), seen={"place": 1})
    assert again.versions == {"place": 2}
    assert VisitEntry.objects.filter(visit=visit).count() == 3


def test_only_the_team_writes_and_only_before_it_is_handed_in(world, team):
    visit = submitted(world, team)
    words = {"visit": visit.pk, "typed": {"place": "x"}, "now": world.tick()}

    with pytest.raises(Http404):
        save_record(actor=make_seat(Role.OFFICER, make_federation(OTHER)), **words)
    assert refused(save_record, actor=team[0], **words) == ["走访记录已提交，退回补正前不能改动。（通知未规定）"]


def test_an_incomplete_record_is_refused_with_everything_it_lacks(world, team):
    visit = assigned(world, team)

    words = refused(visits.submit, visit=visit, actor=team[0], now=world.tick())

    assert words[0] == "走访记录还有必填项未填：走访日期、走访地点、商会参加人员、访谈记录。（通知未规定）"
    assert words[1].startswith("否决项和基础达标项须逐项实地核对，尚缺：")
    assert words[2] == "请至少上传一张走访照片。（通知未规定）"


def test_a_visit_is_confirmed_by_the_last_members_word(world, team):
    visit = submitted(world, team)
    halfway = Visit.objects.get(pk=visit.pk)

    assert (halfway.state, halfway.finding) == (VisitState.VISITED, "")
    assert refused(visits.agree, visit=visit, actor=team[0], now=world.tick()) == [
        "您已核对过这份走访记录，等待调研组其他成员核对。（通知未规定）"
    ]
    assert [list(visits_to_make(seat)) for seat in team] == [[], [visit]]
    visits.agree(visit=visit, actor=team[1], now=world.tick())

    done = Visit.objects.get(pk=visit.pk)
    assert (done.state, done.finding) == (VisitState.CONFIRMED, VisitFinding.CONSISTENT)
    events = [entry.event for entry in trail_of(visit.declaration)]
    assert events == ["visit_assigned", "visit_photo_added", "visit_submitted", "visit_agreed", "visit_confirmed"]
    told = Notice.objects.filter(seat=world.seats["department"], declaration=visit.declaration)
    assert told.get().title == f"实地抽查已核定：{visit.declaration.applicant_name}，一致"


def test_a_record_sent_back_voids_every_word_and_can_be_written_again(world, team):
    visit = submitted(world, team)

    assert refused(visits.send_back, visit=visit, reason="", actor=team[1], now=world.tick()) == [
        "请写明需要补正的内容。（通知未规定）"
    ]
    visits.send_back(visit=visit, reason="访谈不全", actor=team[1], now=world.tick())

    assert Visit.objects.get(pk=visit.pk).sent_back == "访谈不全"
    assert not VisitMember.objects.filter(visit=visit, confirmed_at__isnull=False).exists()
    save_record(visit=visit.pk, typed={"interviews": "补充。"}, actor=team[0], now=world.tick())
    visits.submit(visit=visit, actor=team[1], now=world.tick())
    assert Visit.objects.get(pk=visit.pk).sent_back == ""


def test_a_new_team_after_the_record_was_handed_in_has_to_hand_it_in_itself(world, team):
    visit = submitted(world, team)
    heir = make_seat(Role.OFFICER, make_federation(OTHER))
    words = {"members": [team[1].pk, heir.pk], "planned_on": None, "actor": world.seats["department"]}

    visits.assign(visit=visit, now=world.tick(), **words)

    assert Visit.objects.get(pk=visit.pk).state == VisitState.ASSIGNED
    assert list(visits_to_make(heir)) == [visit]
    assert list(visits_to_make(team[0])) == []


# ---- photographs


def test_a_photograph_keeps_its_own_time_beside_that_of_its_upload(world, team):
    visit = written(world, team)

    photo = VisitPhoto.objects.get(visit=visit)
    assert photo.taken_at < photo.added_at
    again = {"visit": visit.pk, "file": snapshot(photo.taken_at + HOUR), "name": "再.jpg", "actor": team[1]}
    assert refused(add_photo, now=world.tick(), **again) == ["“再.jpg”已经上传过。"]
    remove_photo(visit=visit.pk, photo=photo, actor=team[1], now=world.tick())
    assert refused(remove_photo, visit=visit.pk, photo=photo, actor=team[1], now=world.tick()) == [
        "走访.jpg已不在走访照片中。"
    ]


def test_what_is_no_picture_is_refused(world, team):
    visit = assigned(world, team)
    words = {"visit": visit.pk, "actor": team[0], "now": world.tick()}

    assert refused(add_photo, file=BytesIO(b"%PDF-1.4"), name="走访.jpg", **words)[0].startswith("“走访.jpg”")
    assert not VisitPhoto.objects.exists()


# ---- what holds a case, and what becomes of what was found


def passing(world, visit):
    case = Declaration.objects.select_related("cycle").get(pk=visit.declaration_id)
    officer = world.seats["department"]
    yes = {"complete": True, "logical": True, "true": True, "remarks": ""}
    preliminary.answer_questions(case=case, actor=officer, now=world.tick(), **yes)
    return {"case": case, "actor": officer, "now": world.tick()}


def test_an_open_visit_holds_its_case_at_t18_and_a_confirmed_one_lets_it_go(world, team):
    visit = assigned(world, team)

    held = refused(preliminary.pass_preliminary, **passing(world, visit))
    assert held == [f"{HELD}（五（二）2）"]
    save_record(visit=visit.pk, typed=whole(world, visit), actor=team[0], now=world.tick())
    add_photo(visit=visit.pk, file=snapshot(world.clock.at), name="走访.jpg", actor=team[0], now=world.tick())
    visits.submit(visit=visit, actor=team[0], now=world.tick())
    visits.agree(visit=visit, actor=team[1], now=world.tick())

    preliminary.pass_preliminary(**passing(world, visit))
    assert Declaration.objects.get(pk=visit.declaration_id).state == State.EXPERT_REVIEW


def test_a_waived_visit_lets_its_case_go_and_only_the_head_waives_with_a_reason(world):
    visit, head = a_visit(world), world.seats["head"]

    assert refused(visits.waive, visit=visit, reason="地震", actor=world.seats["department"], now=world.tick()) == [
        "您的席位无权办理这一步。（五（二）2）"
    ]
    assert refused(visits.waive, visit=visit, reason=" ", actor=head, now=world.tick()) == [
        "请写明免于走访的理由。（通知未规定）"
    ]
    visits.waive(visit=visit, reason="震区，无法前往", actor=head, now=world.tick())

    preliminary.pass_preliminary(**passing(world, visit))
    assert Declaration.objects.get(pk=visit.declaration_id).state == State.EXPERT_REVIEW
    assert refused(visits.waive, visit=visit, reason="再", actor=head, now=world.tick()) == [
        "实地抽查的状态已由他人改变，请刷新页面后再办理。"
    ]


def test_an_untrue_case_waits_for_the_proposal_which_the_visit_leads_to(world, team):
    visit = confirmed(world, team, **UNTRUE)

    held = refused(preliminary.pass_preliminary, **passing(world, visit))
    assert held == ["实地抽查核定为不实，须先提出取消认定资格；不提出的，由会员部负责人写明理由。（五（二）3）"]
    visit_untrue.propose(visit=visit, reason="没有台账。", actor=world.seats["department"], now=world.tick())

    followed = Visit.objects.get(pk=visit.pk)
    assert (followed.finding, followed.follow) == (VisitFinding.UNTRUE, VisitFollow.PROPOSED)
    entry = trail_of(visit.declaration).filter(event=Event.DISQUALIFICATION_PROPOSED).get()
    assert entry.data["ground"] == "材料与事实不符"


def test_the_head_may_set_an_untrue_finding_aside_with_a_reason(world, team):
    visit, head = confirmed(world, team, **UNTRUE), world.seats["head"]

    assert refused(visit_untrue.set_aside, visit=visit, reason="", actor=head, now=world.tick()) == [
        "请写明不提出取消认定资格的理由。（通知未规定）"
    ]
    visit_untrue.set_aside(visit=visit, reason="台账存于档案馆，已调阅。", actor=head, now=world.tick())

    preliminary.pass_preliminary(**passing(world, visit))
    assert Visit.objects.get(pk=visit.pk).follow == VisitFollow.SET_ASIDE


# ---- who sees what


def test_a_visit_is_for_its_team_and_the_nation_but_not_for_who_steps_back(world, team):
    visit = assigned(world, team)
    stranger = make_seat(Role.OFFICER, make_federation(OTHER))

    assert visit_for(team[0], visit.pk) == visit_for(world.seats["supervision"], visit.pk) == visit
    recuse(case=visit.declaration, who=team[0], reason="同学", actor=team[0], now=world.tick())
    assert Visit.objects.get(pk=visit.pk).state == VisitState.DRAWN
    assert [member.seat for member in VisitMember.objects.filter(visit=visit)] == [team[1]]
    for seat in (stranger, team[0], world.seats["expert"], world.officer(make_federation(worlds.PROVINCE))):
        with pytest.raises(Http404):
            visit_for(seat, visit.pk)
    assert list(visits_to_make(team[0])) == []
    assert len(teamless(world.seats["department"], world.cycle)) == 8


def test_experts_learn_what_was_confirmed_and_the_unit_nothing(world, team):
    minor = {"found-A1.2": "minor", "mark-A1.2": "1", "note-A1.2": "少。"}
    visit = confirmed(world, team, **minor)
    dossier = visits_dossier(visit)

    card = visit_card(world.seats["expert"], dossier)
    assert [(one.row.item.id, one.row.mark, one.row.note) for one in card.differing] == [("A1.2", 1, "少。")]
    assert (card.may_open, card.to_take, card.differing[0].preliminary) == (False, 0, None)
    assert visit_card(world.seats["department"], dossier).may_open
    assert visit_card(world.officer(make_federation(worlds.PROVINCE)), dossier) is None


PROPOSED = {"found-A1.2": "minor", "mark-A1.2": "1", "note-A1.2": "少一次。"}


def preliminary_marks(case):
    layer = Assessment.objects.filter(ledger=case.ledger, layer=Layer.PRELIMINARY).first()
    return list(layer.marks.values_list("code", "points", "reason")) if layer else []


def test_the_department_takes_proposed_marks_over_by_one_act_into_a_layer_of_its_own(world, team):
    visit = confirmed(world, team, **PROPOSED, **{"found-A1.3": "untrue", "note-A1.3": "没有。"})
    case, department = visit.declaration, world.seats["department"]
    before = list(Mark.objects.filter(assessment__ledger=case.ledger).values_list("pk", "points"))

    assert visit_card(department, visits_dossier(visit)).to_take == 1
    taken = visit_marks.take_over_marks(case=case, actor=department, now=world.tick())

    assert taken == 1
    assert preliminary_marks(case) == [("A1.2", 1, "采用实地抽查建议得分：少一次。")]
    others = Mark.objects.filter(assessment__ledger=case.ledger).exclude(assessment__layer=Layer.PRELIMINARY)
    assert list(others.values_list("pk", "points")) == before
    entry = trail_of(case).last()
    maximum = programme_of(world.cycle.programme).rubric.item("A1.2").points
    assert (entry.event, entry.data) == (Event.VISIT_MARKS_TAKEN, {"rows": f"A1.2 1/{figure(maximum)}"})
    card = visit_card(department, visits_dossier(visit))
    assert (card.to_take, [one.preliminary for one in card.differing]) == (0, [1, None])
    assert visit_card(world.seats["expert"], visits_dossier(visit)).differing[0].preliminary is None


def test_proposed_marks_are_taken_once_and_only_in_the_preliminary_review(world, team):
    visit = confirmed(world, team, **PROPOSED)
    words = {"case": visit.declaration, "actor": world.seats["department"], "now": world.tick()}
    outside = ["本件不在初审环节，不能采用建议得分。（五（二）3）"]

    assert visit_card(world.seats["supervision"], visits_dossier(visit)).to_take == 0
    assert refused(visit_marks.take_over_marks, **words | {"actor": world.seats["supervision"]}) == outside
    visit_marks.take_over_marks(**words)
    assert refused(visit_marks.take_over_marks, **words) == ["实地抽查没有尚未采用的建议得分。（通知未规定）"]
    Declaration.objects.filter(pk=visit.declaration_id).update(state=State.EXPERT_REVIEW)
    assert refused(visit_marks.take_over_marks, **words) == outside


def test_before_the_team_has_confirmed_nothing_is_taken_over(world, team):
    visit = submitted(world, team, **PROPOSED)
    words = {"case": visit.declaration, "actor": world.seats["department"], "now": world.tick()}

    assert refused(visit_marks.take_over_marks, **words) == ["实地抽查没有尚未采用的建议得分。（通知未规定）"]
    assert preliminary_marks(visit.declaration) == []


def visits_dossier(visit):
    return preliminary.Dossier(Declaration.objects.select_related("cycle__programme").get(pk=visit.declaration_id))


# ---- the report


def test_the_report_tells_draw_visits_and_findings_and_notes_when_they_change(world, team):
    visit = confirmed(world, team, **UNTRUE, overview="会议规范。")

    drafted = visit_report_draft(world.cycle)
    lines = drafted.text.splitlines()

    assert lines[2:4] == [
        "一、抽样情况",
        f"抽样方法为{METHOD}，任何人可以复算。",
    ]
    assert "抽中8件，已走访并经调研组全体成员核定1件，尚未核定7件。" in lines
    assert "核定结论：不实1件。" in lines
    name = visit.declaration.applicant_name
    row = programme_of(world.cycle.programme).rubric.item("A1.2").name
    assert f"{name}：A1.2{row}不实。没有台账。" in lines
    assert f"{name}：尚未提出处理意见。" in lines
    assert lines[-1] == f"{name}：会议规范。"
    head = world.seats["head"]
    save_visit_report(cycle=world.cycle, text="报告", basis=drafted.basis, actor=head, now=world.tick())
    visit_untrue.set_aside(visit=visit, reason="已调阅。", actor=head, now=world.tick())
    assert VisitReport.objects.get().basis != visit_report_draft(world.cycle).basis


# ---- the database


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"state": "gone"}, "visit_state_known"),
        ({"state": VisitState.CONFIRMED}, "visit_confirmed_has_its_finding"),
        ({"finding": VisitFinding.MINOR}, "visit_confirmed_has_its_finding"),
        ({"state": VisitState.WAIVED}, "visit_waived_with_reason"),
        ({"state": VisitState.VISITED}, "visit_visited_was_submitted"),
        ({"follow": VisitFollow.PROPOSED, "followed_at": worlds.NOW}, "visit_follow_of_untrue"),
    ],
)
def test_the_database_refuses_a_visit_that_cannot_be(world, changed, name):
    visit = a_visit(world)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(**changed)


def test_the_database_keeps_one_visit_a_case_one_announced_draw_and_teams_of_two(world):
    visit = a_visit(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(draw=visit.draw, declaration=visit.declaration, place=1)
    announced(world, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SpotDraw.objects.filter(drawn_at__isnull=False).update(drawn_at=None, frame_digest="")
    with pytest.raises(IntegrityError, match="cycle_visits_by_two"), transaction.atomic():
        Cycle.objects.filter(pk=world.cycle.pk).update(visit_team=1)
