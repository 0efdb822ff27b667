"""Comparing cases: what is written, what a second comparison keeps, what whoever steps back does not see."""

from random import Random

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from declarations.actions import cross, preliminary
from declarations.demo import stages
from declarations.models import (
    Answer,
    Attachment,
    CaseFinding,
    Comparison,
    CrossFinding,
    Cycle,
    Declaration,
    Tie,
    TieKind,
)
from declarations.queries.crossed_page import (
    finding_in_sight,
    findings_in_sight,
    listed,
    peers_of,
    side_by_side,
    stepped_back_from,
)
from declarations.queries.facts import dossier_of
from declarations.queries.preliminary import notes_of, preview_of
from declarations.states import CrossKind, State
from scoring.actions import publish_programme
from sihao.accounts.refusals import Refused
from sihao.jobs.models import Job
from tests import worlds
from tests.declarations.texts import copied, deeds
from tests.factories import make_federation
from tests.kept import as_it_stands, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
CASES = 12


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker):
    """A dozen cases in the preliminary review, with deeds of their own; one copied another's, one is far too large."""
    with kept(django_db_blocker):
        world = worlds.make_world()
        home = make_federation(worlds.PROVINCE)
        names = [f"比对商会{number}" for number in range(CASES)]
        cases = declare(world.cycle, names, home=home, state=State.PRELIMINARY_REVIEW)
        nation = make_federation(worlds.NATION)
        Declaration.objects.update(holder=nation)
        rng = Random(3)
        texts = [deeds(rng) for _ in cases]
        texts[9] = copied(rng, texts[2])
        for number, case in enumerate(cases):
            answers = {
                "deeds": texts[number],
                "chamber_type": "行业商会",
                "level": "省级",
                "members_2020": "9000" if number == 5 else str(100 + number),
                "president_name": f"示例会长{number}",
                "president_company": f"示例{number}号有限公司董事长",
                "president_mobile": f"1380000{number:04d}",
                "contact_mobile": "13900000001" if number in {1, 4} else f"1390001{number:04d}",
            }
            Answer.objects.bulk_create(
                Answer(declaration=case, field=name, value=value, set_at=worlds.NOW) for name, value in answers.items()
            )
        yield world, [case.pk for case in cases]


@pytest.fixture
def world(begun, db):
    mine = as_it_stands(begun[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def compared(world):
    return cross.compare(cycle=world.cycle, now=world.tick())


def told(kind):
    rows = CaseFinding.objects.filter(cross__kind=kind).order_by("declaration_id")
    return {row.declaration_id: row.sentence for row in rows}


def finding(kind):
    return CrossFinding.objects.get(kind=kind)


def step_back(seat, key):
    """Tie the person of a seat to the chamber of a case."""
    case = Declaration.objects.get(pk=key)
    facts = {"kind": TieKind.POST, "post": "顾问", "declared_at": worlds.NOW, "name": case.applicant_name}
    Tie.objects.create(user=seat.user, organisation=case.applicant, **facts)


def test_what_is_found_stands_as_rows_each_case_with_its_own_sentence(begun, compared):
    keys = begun[1]

    assert (compared.cases, compared.found) == (CASES, {"phone": 1, "figure": 1, "text": 1})
    assert set(told(CrossKind.TEXT)) == {keys[2], keys[9]}
    assert told(CrossKind.PHONE)[keys[1]] == "联系人手机139****0001：另有1件填写同一号码。"
    assert told(CrossKind.FIGURE) == {
        keys[5]: "填报日会员数9,000个：行业商会、省级同类12件的中位数为106.5个，明显偏高（稳健z值11.1）。"
    }


def test_a_second_comparison_keeps_words_on_what_is_the_same_and_asks_anew_where_it_changed(world, begun, compared):
    keys, officer = begun[1], world.seats["department"]
    rows = {row.cross.kind: row for row in CaseFinding.objects.filter(declaration__in=(keys[1], keys[5]))}
    for row in rows.values():
        CaseFinding.objects.filter(pk=row.pk).update(word="已核对", noted_by=officer, noted_at=worlds.NOW)
    Answer.objects.filter(declaration=keys[6], field="members_2020").update(value="107")
    Answer.objects.filter(declaration=keys[9], field="deeds").update(value=deeds(Random(99)))

    again = cross.compare(cycle=world.cycle, now=world.tick())

    assert again.found == {"phone": 1, "figure": 1}
    assert Comparison.objects.get().at == again.at
    for row in rows.values():
        row.refresh_from_db()
    assert (rows["phone"].word, rows["figure"].word, rows["figure"].noted_by) == ("已核对", "", None)


def test_what_was_found_wants_a_word_before_the_case_passes(world, begun, compared):
    case, officer = stages.fresh(Declaration(pk=begun[1][1])), world.seats["department"]
    words = {"complete": True, "logical": True, "true": True, "remarks": "", "actor": officer, "now": world.tick()}
    preliminary.answer_questions(case=case, **words)

    with pytest.raises(Refused) as no:
        preliminary.pass_preliminary(case=case, actor=officer, now=world.tick())

    assert str(no.value) == (
        "系统发现的情况须逐项核对，尚缺1项：联系人手机139****0001：另有1件填写同一号码。（五（二）3）"
    )
    assert notes_of(officer, dossier_of(case))[0].url != ""


def test_copied_texts_stand_side_by_side_with_the_same_passages_marked(world, begun, compared):
    found = finding_in_sight(world.seats["department"], world.cycle, finding(CrossKind.TEXT).pk)

    shown = side_by_side(world.cycle, found)

    assert (shown.left.pk, shown.right.pk) == (begun[1][2], begun[1][9])
    assert [(pair.left, pair.right) for pair in shown.pairs] == [("主要事迹", "主要事迹")]
    marked = sum(len(piece.text) for piece in shown.pairs[0].left_pieces if piece.same)
    whole = sum(len(piece.text) for piece in shown.pairs[0].left_pieces)
    assert 0.5 < marked / whole < 1
    assert f"有{shown.shared}字与另一件申报相同" in told(CrossKind.TEXT)[shown.left.pk]


def test_a_figure_is_a_dot_among_its_peers(world, compared):
    found = finding_in_sight(world.seats["supervision"], world.cycle, finding(CrossKind.FIGURE).pk)

    peers = peers_of(found, found.seen[0], frozenset())

    assert len(peers.plot.peers) == CASES - 1
    assert dict(peers.rows)["本件"] == "9,000个"
    assert dict(peers.rows)["同类最大"] == "111个"


def test_who_steps_back_sees_nothing_of_it(world, begun, compared):
    keys, officer = begun[1], world.seats["department"]
    for key in (keys[4], keys[9], keys[11]):
        step_back(officer, key)

    seen = list(findings_in_sight(officer, world.cycle))
    assert [one.kind for one in seen] == [CrossKind.FIGURE]
    for kind in (CrossKind.TEXT, CrossKind.PHONE):
        with pytest.raises(Http404):
            finding_in_sight(officer, world.cycle, finding(kind).pk)
    figure = finding_in_sight(officer, world.cycle, finding(CrossKind.FIGURE).pk)
    peers = peers_of(figure, figure.seen[0], stepped_back_from(officer, world.cycle))
    assert len(peers.plot.peers) == CASES - 4
    note = notes_of(officer, dossier_of(stages.fresh(Declaration(pk=keys[1]))))[0]
    assert (note.url, note.row.sentence) == ("", "联系人手机139****0001：另有1件填写同一号码。")


def test_a_figure_of_which_one_steps_back_alone_is_not_there(world, begun, compared):
    step_back(world.seats["department"], begun[1][5])

    kinds = {one.kind for one in findings_in_sight(world.seats["department"], world.cycle)}
    assert kinds == {CrossKind.TEXT, CrossKind.PHONE}


def test_the_list_and_the_preview_ask_as_often_for_many_as_for_one(world, begun, compared):
    officer = world.seats["department"]

    def asked(act):
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    every = list(findings_in_sight(officer, world.cycle))
    assert asked(lambda: listed(officer, every)) == asked(lambda: listed(officer, every[:1]))
    many, one = (
        asked(lambda keys=keys: preview_of(officer, world.cycle, keys, worlds.NOW)) for keys in (begun[1], begun[1][:1])
    )
    assert many == one


def test_one_comparison_that_waits_is_enough(world):
    words = {"cycle": world.cycle, "actor": world.seats["department"], "now": world.tick()}

    jobs = {cross.order_comparison(**words).pk for _ in range(3)}

    assert list(Job.objects.filter(kind=cross.COMPARE).values_list("pk", flat=True)) == list(jobs)


def test_a_file_of_two_cases_is_found_and_one_taken_out_is_not(world, begun):
    facts = {"row": "A1.1", "name": "纪要.png", "kind": "png", "size": 9, "added_at": worlds.NOW, "stored": "x"}
    for number, removed in ((0, None), (3, None), (7, worlds.NOW)):
        Attachment.objects.create(
            declaration_id=begun[1][number],
            digest="d" * 64,
            added_by=world.seats["department"],
            removed_at=removed,
            **facts,
        )

    cross.compare(cycle=world.cycle, now=world.tick())

    assert set(told(CrossKind.FILE)) == {begun[1][0], begun[1][3]}


def test_a_programme_that_says_nothing_of_likeness_is_compared_by_files_and_telephones(world, begun):
    text = world.cycle.programme.text
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("likeness = "))
    world.cycle.programme = publish_programme(text=plain, actor=None, now=worlds.NOW)
    world.cycle.save()

    assert cross.compare(cycle=world.cycle, now=world.tick()).found == {"phone": 1, "text": 1}
