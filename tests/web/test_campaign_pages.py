"""The pages of a programme that a city runs: who sees what, what was typed stays, a fixed number of queries."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import campaign, own_decision
from declarations.demo import counties
from declarations.demo.counties import CITY, LINYING, PROVINCE, WUYANG
from declarations.exports.papers.own import TITLES, own_circular_paper
from declarations.exports.papers.titles import certificate_paper
from declarations.models import Circular, Cycle, Pending, Recognition, SentUp, Tie
from declarations.second_person import PendingState
from declarations.states import UpwardState, Verb
from sihao.accounts.middleware import SESSION_KEY
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.queries import trail_of
from sihao.documents.paper import Paragraph
from tests.declarations.campaigns import NOW, make_campaign
from tests.documents.told import told_in_every_form
from tests.factories import make_federation, make_seat
from tests.kept import building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        made = make_campaign()
        for code in (LINYING, WUYANG):
            counties.file_records(made, code)
            counties.apply_for(made, code)
        counties.score(made, LINYING, short=("L1.1",))
        counties.score(made, WUYANG, short=("L1.1", "L1.2"))
        yield made


@pytest.fixture(autouse=True)
def rehearsed(settings, monkeypatch):
    monkeypatch.setattr("sihao.clock.now", lambda: NOW)


def client(seat):
    found = Client()
    found.force_login(seat.user)
    session = found.session
    session[SESSION_KEY] = seat.pk
    session.save()
    return found


def url(name, *arguments):
    return reverse(f"declarations:{name}", args=arguments)


def words_of(paper):
    return "".join(str(block.text) for block in paper.blocks if isinstance(block, Paragraph))


def decided(world):
    for code in (LINYING, WUYANG):
        case = counties.case_in(world, code)
        own_decision.decide_by_score(case=case, actor=world.leader(CITY), now=world.tick())


def test_each_tier_sees_the_cycle_and_a_county_sees_itself_alone(world):
    own = url("campaign", world.cycle.pk)
    whole = client(world.officer(CITY)).get(own)
    alone = client(world.officer(LINYING)).get(own)

    assert [line.office.code for line in whole.context["lines"]] == [
        "411102", "411103", "411104", "411121", "411122", "411171",
    ]
    assert [line.office.code for line in alone.context["lines"]] == [LINYING]
    assert client(world.officer(PROVINCE)).get(own).status_code == 200


def test_a_stranger_and_a_neighbour_find_nothing(world):
    foreign = make_seat(Role.OFFICER, make_federation("420106"))
    neighbour = world.officer(WUYANG)
    other = url("campaign_office", world.cycle.pk, make_federation(LINYING).pk)

    assert client(foreign).get(url("campaign", world.cycle.pk)).status_code == 404
    assert client(neighbour).get(other).status_code == 404
    assert client(neighbour).get(url("case", counties.case_in(world, LINYING).pk)).status_code == 404


def test_who_sits_in_the_city_and_in_a_county_finds_nothing_of_that_county(world):
    both = make_seat(Role.OFFICER, make_federation(CITY))
    make_seat(Role.OFFICER, make_federation(LINYING), both.user)
    lines = client(both).get(url("campaign", world.cycle.pk)).context["lines"]

    assert LINYING not in [line.office.code for line in lines]
    assert client(both).get(url("campaign_office", world.cycle.pk, make_federation(LINYING).pk)).status_code == 404


def test_the_distance_to_each_row_is_the_citys_marks_where_there_are_some(world):
    table = client(world.officer(CITY)).get(url("campaign_distance", world.cycle.pk)).context["distance"]
    column = next(one for one in table.columns if one.office.code == LINYING)
    none = next(one for one in table.columns if one.office.code == "411102")

    assert (column.source, column.total, column.lacking) == ("市级考评", Decimal(99), Decimal(0))
    assert [gap.words for gap in column.gaps[:2]] == ["差1分", "达标"]
    assert (none.total, none.gaps[0].words) == (None, "未评")
    assert table.threshold == Decimal(90)


def test_the_number_of_queries_does_not_grow_with_the_federations(world):
    officer = client(world.officer(CITY))
    for name in ("campaign", "campaign_distance"):
        address = url(name, world.cycle.pk)
        officer.get(address)
        with CaptureQueriesContext(connection ) as few:
            officer.get(address)
        extra = make_federation("411123")
        campaign.find(
            cycle=world.cycle, organisation=extra, code="M1.2", text="未更新。", due_on=NOW.date().replace(day=20),
            actor=world.officer(CITY), now=NOW,
        )
        with CaptureQueriesContext(connection) as more:
            officer.get(address)
        assert len(more) == len(few)


def test_a_refused_record_keeps_what_was_typed(world):
    address = url("add_stage_record", world.cycle.pk, make_federation(LINYING).pk)
    page = client(world.officer(LINYING)).post(address, {"matter": "专题学习", "held_on": "2020-13-40", "text": "学习"})

    assert page.status_code == 200
    assert page.context["form"].errors["held_on"] == ["日期请写成2020-10-12这样的年月日。"]
    assert "学习</textarea>" in page.content.decode()


def test_the_best_are_ranked_and_sent_with_their_reasons_by_the_leader_alone(world):
    decided(world)
    leader, address = client(world.leader(CITY)), url("campaign_best", world.cycle.pk)
    rows = leader.get(address).context["rows"]
    first, second = (row.case for row in rows)
    assert [(row.place, row.case.final_total) for row in rows] == [(1, Decimal(99)), (2, Decimal(98))]
    empty = leader.post(address, {})
    unsaid = leader.post(address, {f"go-{first.pk}": "on"})
    assert empty.context["form"].non_field_errors() == ["请至少选择一个上报单位。"]
    assert unsaid.context["form"].errors == {f"reason-{first.pk}": ["请写明上报理由。"]}
    assert not SentUp.objects.exists()

    officer, chosen = client(world.officer(CITY)), {f"go-{first.pk}": "on", f"reason-{first.pk}": "得分第一。"}
    assert officer.get(address).context["form"] is None
    officer.post(address, chosen)
    assert not SentUp.objects.exists()

    sent = leader.post(address, chosen)
    assert sent.status_code == 302
    assert [one.declaration_id for one in SentUp.objects.all()] == [first.pk]
    assert second.pk in [row.case.pk for row in leader.get(address).context["form"].rows]


def test_the_province_returns_with_a_reason_and_confirms_what_comes_again(world):
    decided(world)
    case, province = counties.case_in(world, LINYING), client(world.leader(PROVINCE))
    chosen = [own_decision.Chosen(case, 1, "得分第一。")]
    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    address = url("sent_up_case", case.pk)
    silent = province.post(address, {"outcome": "return", "reason": ""})
    assert "请写明理由。" in silent.content.decode()
    assert province.post(address, {"outcome": "return", "reason": "请补充材料。"}).status_code == 302
    assert SentUp.objects.get().state == UpwardState.RETURNED

    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    assert client(world.officer(PROVINCE)).get(address).context["form"] is None
    province.post(address, {"outcome": "confirm", "reason": ""})
    assert SentUp.objects.get().state == UpwardState.CONFIRMED
    assert province.get(address).context["form"] is None


def test_the_result_is_called_what_the_cycle_calls_it(world):
    case, leader = counties.case_in(world, LINYING), client(world.leader(CITY))
    for verb in Verb.values:
        Cycle.objects.filter(pk=world.cycle.pk).update(verb=verb)
        step = leader.get(url("step", case.pk, "decide_by_score"))
        assert step.context["form"].submit_label == verb
    own_decision.decide_by_score(case=case, actor=world.leader(CITY), now=world.tick())

    for verb in Verb.values:
        Cycle.objects.filter(pk=world.cycle.pk).update(verb=verb)
        title = Recognition.objects.get(declaration=case)
        told = words_of(certificate_paper(title))
        assert f"经自查申请和量化考评，{verb}你单位为2020年市级“五好”县级工商联。" in told


def test_a_step_of_the_other_procedure_is_not_there(world):
    case = counties.case_in(world, LINYING)
    leader = client(world.leader(CITY))

    for name in ("forward", "shortlist", "decline", "propose"):
        assert leader.get(url("step", case.pk, name)).status_code == 404


def test_the_publics_pages_leave_the_citys_cycle_out_but_its_certificate_can_be_checked(world):
    decided(world)
    anybody = Client()
    number = Recognition.objects.get(declaration__applicant__code=LINYING).number
    found = anybody.get(reverse("public:check"), {"number": number}, follow=True)

    assert number not in anybody.get(reverse("public:recognised")).content.decode()
    assert number in found.content.decode()


def test_what_waits_stands_on_the_worklist(world):
    finding = campaign.find(
        cycle=world.cycle, organisation=make_federation(LINYING), code="M1.2", text="未更新。",
        due_on=NOW.date().replace(day=20), actor=world.officer(CITY), now=NOW,
    )
    desk = client(world.officer(LINYING)).get(reverse("declarations:worklist")).context["desk"]
    task = next(one for one in desk.waiting if one.verb == "整改")

    assert (task.title, task.state) == ("督查问题：411122工商业联合会，指标M1.2", "待整改")
    assert task.due.isoformat() == "2020-09-21T00:00:00+08:00"
    assert task.url == url("inspection_finding", world.cycle.pk, finding.organisation_id, finding.pk)
    decided(world)
    chosen = [own_decision.Chosen(counties.case_in(world, WUYANG), 2, "得分第二。")]
    own_decision.send_to_above(chosen=chosen, actor=world.leader(CITY), now=world.tick())
    above = client(world.leader(PROVINCE)).get(reverse("declarations:worklist")).context["desk"]
    assert "411100工商业联合会择优上报411121工商业联合会" in [one.title for one in above.waiting]


def test_a_city_opens_a_cycle_on_its_page(world):
    leader, address = client(world.leader(CITY)), reverse("declarations:open_campaign")
    standard = leader.get(address).context["programmes"][0]
    typed = {
        "programme": standard.pk, "name": "2021年度", "title": "2021年建设", "honour": "市级称号", "plan": "实施方案",
        "verb": "通报", "law_note": "批准文件（示例）", "opens_on": "2021-09-01", "closes_on": "2021-10-31",
        "decides_by": "2021-11-10",
    }
    unknown = leader.post(address, typed)
    assert "并确认已知悉有关规定" in unknown.context["form"].non_field_errors()[0]

    assert leader.post(address, typed | {"knows": "on"}).status_code == 302
    made = Cycle.objects.get(name="2021年度")
    assert (made.verb, made.opens_at.isoformat(), made.city_closes.isoformat()) == (
        "通报", "2021-08-31T16:00:00+00:00", "2021-11-10T16:00:00+00:00",
    )


OPENED = {
    "name": "2021年度", "title": "2021年建设", "honour": "市级称号", "plan": "实施方案", "verb": "通报",
    "law_note": "批准文件（示例）", "knows": "on", "opens_on": "2021-09-01", "closes_on": "2021-10-31",
    "decides_by": "2021-11-10",
}


def prepared(world):
    """Let the officer put the opening of a cycle before the leader."""
    officer, address = client(world.officer(CITY)), reverse("declarations:open_campaign")
    standard = officer.get(address).context["programmes"][0]
    return officer.post(address, OPENED | {"programme": standard.pk})


def test_an_officer_prepares_the_opening_and_the_leader_opens(world):
    answer = prepared(world)
    pending = Pending.objects.get()
    page = url("pending", pending.pk)
    alone = client(world.officer(CITY)).post(page, follow=True)
    before = Cycle.objects.filter(name="2021年度").exists()
    told = client(world.leader(CITY)).get(page).content.decode()
    client(world.leader(CITY)).post(page)
    made = Cycle.objects.get(name="2021年度")

    assert answer.url == page
    assert [str(one) for one in alone.context["messages"]] == ["拟办人不能自己确认，请由本单位另一人办理。（两人办理）"]
    assert not before
    assert "批准文件（示例）" in told
    assert "任何环节不得收费" in told
    assert (made.verb, made.decider.code, made.law_note) == ("通报", CITY, "批准文件（示例）")
    assert (made.submission_closes.isoformat(), made.programme.digest) == ("2021-10-31T16:00:00+00:00", pending.basis)


def test_an_opening_waits_once_and_can_be_sent_back(world):
    prepared(world)
    again = prepared(world)
    pending = Pending.objects.get()
    client(world.leader(CITY)).post(url("drop_pending", pending.pk), {"reason": "请补依据。"})
    pending.refresh_from_db()

    assert "已提请第二人确认，尚未办结" in again.context["form"].non_field_errors()[0]
    assert pending.state == PendingState.SENT_BACK
    assert not Cycle.objects.filter(name="2021年度").exists()


def test_who_is_tied_to_a_federation_counts_nothing_of_it_before_it_applies(world):
    clerk = make_seat(Role.OFFICER, make_federation(CITY))
    silent = make_federation("411102")
    campaign.find(
        cycle=world.cycle, organisation=silent, code="M1.2", text="未更新。", due_on=NOW.date().replace(day=20),
        actor=world.officer(CITY), now=NOW,
    )
    Tie.objects.create(
        user=clerk.user, organisation=silent, name=silent.name, kind="post", post="副主席", declared_at=NOW
    )
    overview = client(clerk).get(url("campaign", world.cycle.pk))
    distance = client(clerk).get(url("campaign_distance", world.cycle.pk)).context["distance"]

    assert "411102" not in [line.office.code for line in overview.context["lines"]]
    assert sum(line.findings for line in overview.context["lines"]) == 0
    assert "411102" not in [column.office.code for column in distance.columns]
    assert client(clerk).get(url("campaign_office", world.cycle.pk, silent.pk)).status_code == 404


# ---- the list as it is given out


def closed(world, monkeypatch):
    """Let the time for applications run out."""
    monkeypatch.setattr("sihao.clock.now", lambda: world.cycle.submission_closes)


def issue(world, **changed):
    typed = {"number": "漯联〔2020〕20号", "dated_on": "2020-10-31"} | changed
    return client(world.leader(CITY)).post(url("issue_circular", world.cycle.pk), typed)


def test_the_list_is_a_draft_until_it_is_given_out_and_then_everybody_of_it_may_read_it(world, monkeypatch):
    decided(world)
    address = url("own_paper", world.cycle.pk, "circular")
    draft = client(world.officer(CITY)).get(address).context["paper"]
    hidden = [client(world.officer(code)).get(address).status_code for code in (LINYING, PROVINCE)]
    closed(world, monkeypatch)
    issue(world)
    paper = client(world.officer(LINYING)).get(address).context["paper"]

    assert (draft.watermark, draft.letterhead.number, hidden) == ("草稿", "〔　　〕　号", [404, 404])
    assert (paper.watermark, paper.letterhead.number) == ("示例", "漯联〔2020〕20号")
    assert paper.title == "关于认定2020年市级“五好”县级工商联的通报"
    assert "认定2个单位为2020年市级“五好”县级工商联，现予通报。" in words_of(paper)
    assert client(world.officer(PROVINCE)).get(address).status_code == 200
    assert [entry.event for entry in trail_of(world.cycle)][-1] == "circular_issued"


def test_the_circular_says_it_in_the_cycles_word(world):
    decided(world)
    for verb in Verb:
        world.cycle.verb = verb
        paper = own_circular_paper(world.cycle, Recognition.objects.filter(cycle=world.cycle), None)

        assert paper.title == TITLES[verb].format(honour=world.cycle.honour)
        assert ("认定2个单位" in words_of(paper), "确认2个单位" in words_of(paper)) == (verb == "认定", verb == "确认")


def test_a_list_is_not_given_out_before_its_time(world, monkeypatch):
    def said(**changed):
        return issue(world, **changed).context["form"].non_field_errors()[0]

    world_case = counties.case_in(world, LINYING)
    own_decision.decide_by_score(case=world_case, actor=world.leader(CITY), now=world.tick())
    early = said(dated_on="2020-09-14")
    closed(world, monkeypatch)
    waiting = said()
    own_decision.decide_by_score(case=counties.case_in(world, WUYANG), actor=world.leader(CITY), now=world.tick())
    ahead = said(dated_on="2020-11-02")
    officer = client(world.officer(CITY)).get(url("issue_circular", world.cycle.pk))
    issue(world, dated_on="2020-11-01")
    with pytest.raises(Refused) as twice:
        own_decision.issue_circular(
            cycle=world.cycle, number="2", dated_on=NOW.date(), actor=world.leader(CITY), now=NOW
        )

    assert early == "尚有5个单位的申请没有办结，办结后再印发名单。（方案未规定）"
    assert waiting == "尚有1个单位的申请没有办结，办结后再印发名单。（方案未规定）"
    assert ahead == "成文日期不能晚于今日。"
    assert officer.status_code == 403
    assert str(twice.value) == "本周期的名单已印发，文号漯联〔2020〕20号。"


def test_nothing_is_decided_after_the_list(world):
    own_decision.decide_by_score(case=counties.case_in(world, LINYING), actor=world.leader(CITY), now=world.tick())
    Circular.objects.create(
        cycle=world.cycle, number="20号", dated_on=NOW.date(), count=1, digest="x", issued_by=world.leader(CITY),
        issued_at=NOW,
    )
    with pytest.raises(Refused) as late:
        own_decision.decide_by_score(case=counties.case_in(world, WUYANG), actor=world.leader(CITY), now=world.tick())

    assert str(late.value) == "本周期的名单已印发（20号），不能再办理。（方案未规定）"


def test_who_steps_back_from_one_on_the_list_has_neither_list_nor_ranking_and_sends_nothing(world):
    decided(world)
    both = make_seat(Role.LEADER, make_federation(CITY))
    make_seat(Role.OFFICER, make_federation(LINYING), both.user)
    chosen = [own_decision.Chosen(counties.case_in(world, WUYANG), 1, "得分第一。")]
    with pytest.raises(Refused) as refused:
        own_decision.send_to_above(chosen=chosen, actor=both, now=world.tick())

    assert str(refused.value) == "名单中有您应当回避的单位，请由本单位其他人员办理。"
    for slug in ("circular", "ranking"):
        assert client(both).get(url("own_paper", world.cycle.pk, slug)).status_code == 404
        assert client(world.officer(CITY)).get(url("own_paper", world.cycle.pk, slug)).status_code == 200


def test_list_and_ranking_keep_to_their_block_say_the_same_in_every_form_and_are_files_too(world):
    decided(world)
    officer = client(world.officer(CITY))
    for slug, endings in (("circular", ("pdf", "xlsx")), ("ranking", ("docx", "xlsx"))):
        told = told_in_every_form(officer.get(url("own_paper", world.cycle.pk, slug)).context["paper"])
        assert told.unsaid() == {}
        assert told.astray() == []
        for ending in endings:
            answer = officer.get(url("own_paper_file", world.cycle.pk, slug, ending))
            assert answer.status_code == 200
            assert b"".join(answer.streaming_content)[:2] == {"pdf": b"%P"}.get(ending, b"PK")
    assert officer.get(url("own_paper_file", world.cycle.pk, "ranking", "exe")).status_code == 404
    assert officer.get(url("own_paper", world.cycle.pk, "nothing")).status_code == 404


# ---- signs that a standard does not have


def test_where_no_row_has_a_sign_no_page_and_no_paper_explains_one(world):
    case = counties.case_in(world, LINYING)
    officer = client(world.officer(CITY))
    pages = [officer.get(url(name, case.pk)).content.decode() for name in ("case", "review", "ledger")]
    papers = [officer.get(url("case_paper", case.pk, "self-assessment")).content.decode()]

    for page in pages + papers:
        assert not [sign for sign in ("否决项", "基础达标", "※") if sign in page]
