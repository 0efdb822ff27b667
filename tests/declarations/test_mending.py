"""Every refusal of a guard that another page can mend leads there; the others are named here."""

import inspect
import re

import pytest
from django.urls import reverse

from declarations import guards
from declarations.demo import stages
from declarations.queries.acts import acts_open_to
from declarations.queries.facts import dossier_of
from declarations.queries.mending import WAYS, with_ways
from declarations.rules import RULES
from sihao.accounts.refusals import Refusal
from tests import worlds
from tests.kept import Ground, building, kept

NOT_ELSEWHERE = frozenset(
    re.findall(
        r"\w+",
        """
        already_listed already_reserve another_officer at_unit below_unit circular_issued clarification_waits clarified
        cycle_over declared_again due_past due_too_late ground_missing in_round is_reserve items_missing items_unsaid
        limit_full
        list_not_sent look_not_asked look_not_offered look_taken look_too_late meeting_begun no_clarification
        no_meeting_now no_notice no_objection no_objection_upheld no_quota no_tier_below no_withdrawal not_clarifying
        not_declined not_flagged not_in_round not_on_agenda not_open not_overdue not_recalled not_there_before
        not_waiting_above notice_runs objection_upheld opinion_empty opinion_holds panel_fails panel_passes
        question_empty reason_missing recall_too_late redo_missing redo_unexplained results_released returns_used
        review_begun score_fails score_passes second_person sent_up unit_heard unit_not_heard windows_open
        withdrawal_open
        """,
    )
)
"""What time alone, somebody else, or the very page that says it can mend."""


def test_every_refusal_of_a_guard_leads_where_it_is_mended_or_is_known_to_lead_nowhere():
    said = set(re.findall(r'Refusal\(\s*f?"([a-z_]+)"', inspect.getsource(guards)))

    assert said == (WAYS.keys() - {"revoke_instead"}) | NOT_ELSEWHERE
    assert not WAYS.keys() & NOT_ELSEWHERE


def test_every_way_is_a_page_with_a_rule():
    for way in WAYS.values():
        assert reverse(way.page, args=[1] if way.of_case else [])
        assert way.permission in RULES


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        yield Ground(world, worlds.make_submitted(world))


@pytest.mark.django_db
def test_a_missing_opinion_leads_its_tier_to_the_opinion_and_nobody_else(ground):
    case, world = stages.fresh(ground.case), ground.afresh()
    officer = world.officer(case.holder)
    acts = acts_open_to(officer, dossier_of(case), world.tick())
    found = {one.code: one for act in acts for one in act.refusals}

    assert found["opinion_missing"].mend_url == f"/work/cases/{case.pk}/opinion/"
    assert found["opinion_missing"].mend_label == "填写审核意见"
    assert found["key_rows_unmarked"].mend_url == f"/work/cases/{case.pk}/review/"
    missing = Refusal("opinion_missing", "请先填写本级审核意见。")
    assert with_ways([missing], world.seats["head"], case) == (missing,)


@pytest.mark.django_db
def test_the_page_of_a_step_shows_the_way(ground, client):
    case, world = stages.fresh(ground.case), ground.afresh()
    client.force_login(world.leader(case.holder).user)
    page = client.get(reverse("declarations:step", args=[case.pk, "forward"])).content.decode()

    assert f'<a href="/work/cases/{case.pk}/opinion/">填写审核意见</a>' in page
