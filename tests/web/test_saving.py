"""Saving from the form and the self-assessment: what meets, what is told, what it costs."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.actions import draft
from declarations.demo import stages
from declarations.models import Answer, AnswerVersion
from scoring.models import Mark, MarkVersion
from sihao.accounts.roles import Role
from tests import worlds
from tests.factories import make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with building(tmp_path_factory.mktemp("saving")), kept(django_db_blocker):
        world = worlds.make_world()
        case = worlds.make_draft(world)
        yield world, case, make_seat(Role.CHAMBER_FILLER, case.applicant)


@pytest.fixture
def case(ground):
    return ground[1]


@pytest.fixture
def world(ground):
    return as_it_stands(ground[0])


def signed_in(seat):
    client = Client()
    client.force_login(seat.user)
    return client


@pytest.fixture
def president(ground):
    return signed_in(worlds.president_of(ground[1].applicant))


@pytest.fixture
def filler(ground):
    return signed_in(ground[2])


def form(case):
    return reverse("declarations:form", args=[case.pk])


def rows(case):
    return reverse("declarations:self_assessment", args=[case.pk])


def save(client, to, /, **typed):
    return client.post(to, typed, **JSON)


def versions(case, *names):
    held = dict(Answer.objects.filter(declaration=case, field__in=names).values_list("field", "version"))
    return {name: held.get(name, 0) for name in names}


def test_a_field_is_saved_and_told(case, president):
    seen = versions(case, "legal_rep")["legal_rep"]

    answer = save(president, form(case), legal_rep="甲", _seen=f"legal_rep:{seen}")

    told = answer.json()
    assert (answer.status_code, told["saved"]) == (200, {"legal_rep": seen + 1})
    assert (told["problems"], told["collisions"], told["refused"]) == ({}, {}, [])
    assert len(told["at"]) == 5
    assert Answer.objects.get(declaration=case, field="legal_rep").value == "甲"
    assert AnswerVersion.objects.get(declaration=case, field="legal_rep", version=seen + 1).value == "甲"


def test_a_bad_value_is_kept_and_its_problem_told(case, president):
    answer = save(president, form(case), uscc="51000", _seen="uscc:1 legal_rep:1")

    assert answer.json()["problems"] == {"uscc": "统一社会信用代码应为18位，现为5位"}
    assert Answer.objects.get(declaration=case, field="uscc").value == "51000"


def test_two_people_merge_by_field(case, president, filler):
    seen = " ".join(f"{name}:{version}" for name, version in versions(case, "legal_rep", "address").items())

    first = save(president, form(case), legal_rep="甲", _seen=seen)
    second = save(filler, form(case), address="乙路1号", _seen=seen)

    assert (first.json()["collisions"], second.json()["collisions"]) == ({}, {})
    now = _answers(case)
    assert (now["legal_rep"].value, now["address"].value) == ("甲", "乙路1号")


def test_a_true_collision_shows_both_values_and_writes_neither_over(case, president, filler):
    seen = f"legal_rep:{versions(case, 'legal_rep')['legal_rep']}"
    version = save(president, form(case), legal_rep="甲", _seen=seen).json()["saved"]["legal_rep"]

    told = save(filler, form(case), legal_rep="乙", _seen=seen).json()

    met = told["collisions"]["legal_rep"]
    assert told["saved"] == {}
    assert (met["mine"], met["theirs"], met["value"]) == ("乙", "甲", "甲")
    assert (met["version"], met["label"]) == (version, "法定代表人")
    assert Answer.objects.get(declaration=case, field="legal_rep").value == "甲"

    insisted = save(filler, form(case), legal_rep="乙", _seen=f"legal_rep:{version}").json()
    assert (insisted["saved"], insisted["collisions"]) == ({"legal_rep": version + 1}, {})
    assert Answer.objects.get(declaration=case, field="legal_rep").value == "乙"


def test_the_same_value_twice_is_no_collision(case, president, filler):
    seen = f"legal_rep:{versions(case, 'legal_rep')['legal_rep']}"
    version = save(president, form(case), legal_rep="甲", _seen=seen).json()["saved"]["legal_rep"]

    assert save(filler, form(case), legal_rep="甲", _seen=seen).json()["saved"] == {"legal_rep": version}


def test_a_whole_page_saved_late_does_not_undo_what_others_changed(case, president, filler):
    page = filler.get(form(case)).context
    old = {name: answer.value for name, answer in _answers(case).items() if isinstance(answer.value, str)}
    save(president, form(case), legal_rep="新任", _seen=page["seen"])

    answer = filler.post(form(case), old | {"address": "新址", "_seen": page["seen"]})

    assert answer.status_code == 302
    after = {name: one.value for name, one in _answers(case).items()}
    assert (after["legal_rep"], after["address"]) == ("新任", "新址")


def _answers(case):
    return {one.field: one for one in Answer.objects.filter(declaration=case)}


def test_without_a_script_both_values_are_drawn_and_the_rest_is_saved(case, president, filler):
    seen = " ".join(f"{name}:{version}" for name, version in versions(case, "legal_rep", "address").items())
    save(president, form(case), legal_rep="甲先生", _seen=seen)

    answer = filler.post(form(case), {"legal_rep": "乙先生", "address": "丙路", "_seen": seen})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<dt>您填的</dt><dd>乙先生</dd>" in page
    assert "<dd>甲先生</dd>" in page
    assert 'value="乙先生"' in page
    assert Answer.objects.get(declaration=case, field="address").value == "丙路"
    again = filler.post(form(case), {"legal_rep": "乙先生", "_seen": answer.context["seen"]})
    assert again.status_code == 302
    assert Answer.objects.get(declaration=case, field="legal_rep").value == "乙先生"


def test_without_a_script_one_yields_by_a_tick(case, president, filler):
    seen = " ".join(f"{name}:{version}" for name, version in versions(case, "legal_rep").items())
    save(president, form(case), legal_rep="甲先生", _seen=seen)
    met = filler.post(form(case), {"legal_rep": "乙先生", "_seen": seen})
    assert 'name="_theirs" value="legal_rep" form="draft"' in met.content.decode()

    again = filler.post(form(case), {"legal_rep": "乙先生", "_seen": met.context["seen"], "_theirs": "legal_rep"})

    assert again.status_code == 302
    assert Answer.objects.get(declaration=case, field="legal_rep").value == "甲先生"


def test_without_a_script_a_part_of_a_row_is_yielded_alone(case, president, filler):
    seen = f"A1.1:{Mark.objects.get(assessment__ledger=case.ledger_id, code='A1.1').version}"
    save(president, rows(case), **{"words-A1.1": "甲写的", "_seen": seen})
    typed = {"points-A1.1": "3", "words-A1.1": "乙写的"}
    met = filler.post(rows(case), typed | {"_seen": seen})
    assert 'name="_theirs" value="A1.1/words" form="draft"' in met.content.decode()

    filler.post(rows(case), typed | {"_seen": met.context["seen"], "_theirs": "A1.1/words"})

    mark = Mark.objects.get(assessment__ledger=case.ledger_id, code="A1.1")
    assert (mark.points, mark.words) == (3, "甲写的")


def test_rows_merge_by_part(case, president, filler):
    mark = Mark.objects.filter(assessment__ledger=case.ledger_id, code="A1.1").first()
    seen = f"A1.1:{mark.version if mark else 0}"
    save(president, rows(case), **{"points-A1.1": "3", "_seen": seen})

    told = save(filler, rows(case), **{"words-A1.1": "开展学习12次", "_seen": seen}).json()

    stands = Mark.objects.get(assessment__ledger=case.ledger_id, code="A1.1")
    assert told["collisions"] == {}
    assert (stands.points, stands.words, told["saved"]) == (3, "开展学习12次", {"A1.1": stands.version})
    assert MarkVersion.objects.filter(assessment=stands.assessment_id, code="A1.1", version=stands.version).count() == 1


def test_a_part_of_a_row_collides_by_itself(case, president, filler):
    mark = Mark.objects.filter(assessment__ledger=case.ledger_id, code="A1.1").first()
    seen = f"A1.1:{mark.version if mark else 0}"
    save(president, rows(case), **{"points-A1.1": "3", "_seen": seen})

    told = save(filler, rows(case), **{"points-A1.1": "2", "reason-A1.1": "理由", "_seen": seen}).json()

    stands = Mark.objects.get(assessment__ledger=case.ledger_id, code="A1.1")
    assert set(told["collisions"]) == {"A1.1/points"}
    met = told["collisions"]["A1.1/points"]
    assert (met["mine"], met["theirs"], met["label"]) == ("2", "3", "A1.1自评得分")
    assert (stands.points, stands.reason) == (3, "理由")


def test_a_mark_that_is_none_is_kept_and_told(case, president):
    told = save(president, rows(case), **{"points-A1.1": "很多"}).json()

    assert set(told["problems"]) == {"A1.1"}
    assert Mark.objects.get(assessment__ledger=case.ledger_id, code="A1.1").typed == "很多"


def test_a_script_without_a_session_is_told_where_to_sign_in(case):
    answer = save(Client(), form(case), legal_rep="甲")

    assert (answer.status_code, answer.json()) == (401, {"login": "/account/sign-in/"})


def test_a_script_is_told_why_a_submitted_case_is_shut(world, case):
    case = stages.fresh(case)
    draft.submit(case=case, actor=worlds.president_of(case.applicant), now=world.tick())

    answer = save(signed_in(worlds.president_of(case.applicant)), form(case), legal_rep="甲")

    assert (answer.status_code, answer.json()["refused"]) == (403, ["申报已提交，退回修改前不能改动。（五（二）1）"])


def test_another_body_finds_nothing(world, case):
    other = worlds.make_draft(world, filled=False)

    for address in (form(case), rows(case)):
        assert save(signed_in(worlds.president_of(other.applicant)), address, legal_rep="甲").status_code == 404
        assert save(signed_in(world.officer(case.home)), address, legal_rep="甲").status_code == 404


def test_signing_in_in_place(case):
    user = make_seat(Role.CHAMBER_FILLER, case.applicant).user
    user.set_password("Sihao-demo-2020")
    user.save()
    client = Client(enforce_csrf_checks=True)
    client.get("/account/sign-in/")
    token = client.cookies["csrftoken"].value
    words = {"username": user.username, "password": "Sihao-demo-2020", "csrfmiddlewaretoken": token}

    wrong = client.post("/account/sign-in/", {**words, "password": "falsch"}, **JSON)
    right = client.post("/account/sign-in/", words, **JSON)

    assert wrong.status_code == 400
    assert len(wrong.json()["errors"]) == 1
    assert (right.status_code, right.json()["name"]) == (200, user.username)
    saved = client.post(form(case), {"legal_rep": "甲", "csrfmiddlewaretoken": right.json()["csrf"]}, **JSON)
    assert saved.status_code == 200


def test_a_garbled_memory_of_versions_never_breaks(case, president):
    for seen in ("", "legal_rep", "legal_rep:x", "::::", "legal_rep:99999999999", "x" * 9999):
        assert save(president, form(case), legal_rep="甲", _seen=seen).status_code == 200


def asked(client, address, typed):
    client.get("/help/")
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(address, typed, **JSON)
    assert answer.status_code == 200
    return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_saving_one_field_or_one_mark_asks_at_most_six_times(case, president):
    seen = versions(case, "legal_rep")["legal_rep"]
    save(president, form(case), legal_rep="甲", _seen=f"legal_rep:{seen}")

    field = asked(president, form(case), {"legal_rep": "乙", "_seen": f"legal_rep:{seen + 1}"})
    mark = asked(president, rows(case), {"points-A1.2": "1", "words-A1.2": "x"})

    assert (len(field), len(mark)) == (6, 6), json.dumps(field + mark, indent=1)


def test_a_full_save_asks_at_most_ten_times(case, president):
    page = president.get(form(case)).context
    typed = {field.name: "1" for group in page["groups"] for field in group.fields if field.kind != "list"}

    assert len(asked(president, form(case), typed | {"_seen": page["seen"]})) <= 7  # SQLite writes in two pieces
    sections = president.get(rows(case)).context["sections"]
    marks = {f"points-{row.item.id}": "0" for section in sections for row in section.rows}
    assert len(asked(president, rows(case), marks)) == 6
