"""The chamber's own writing: nothing typed is lost, nothing shut is written, no bad file is left behind."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.actions import draft, review
from declarations.actions.draft import NOT_EDITABLE
from declarations.demo import stages
from declarations.demo.stages import picture
from declarations.models import Answer, Attachment, ReturnItem
from declarations.queries.drafting import own_marks
from declarations.queries.facts import dossier_of
from declarations.states import ReturnReason, State
from scoring.actions import Entered
from scoring.engine import ValueProblem, parse_value
from scoring.queries import programme_of
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from tests import worlds
from tests.factories import make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db

BAD = {
    "reg_authority": ("字" * 201, "现有201字，最多200字"),
    "deeds": ("太短", "现有2字，至少800字"),
    "members_2020": ("一百二十", "“一百二十”不是数字，请只填数字，不带单位，如12"),
    "charity_amount": ("-3", "不能为负数"),
    "satisfaction_rate": ("85", "比例请写成85%或0.85，不要只写85"),
    "reg_date": ("2019-02-30", "没有这一天，请核对年月日"),
    "registered": ("也许", "应填“是”或“否”"),
    "level": ("宇宙", "没有“宇宙”这个选项，可选：全国、省级、市级、县级、乡镇街道"),
    "member_groups": (["路人"], "没有“路人”这个选项，可选：年轻一代、小微企业、创新创业群体、个体工商户"),
    "awards": ([{"title": "先进", "date": "昨天"}], "第1条“日期”：日期请写成2020-01-05或2020年1月5日"),
    "uscc": ("51000", "统一社会信用代码应为18位，现为5位"),
    "region_code": ("41", "行政区划代码应为6位数字，如410000"),
    "contact_mobile": ("12345", "电话请填11位手机号或带区号的座机号，如010-12345678"),
}


ADVICE = "请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。"


@pytest.fixture(scope="module")
def begun(django_db_setup, django_db_blocker, tmp_path_factory):
    """A world with an empty draft, a filled one, and one sent back by its county with one field and one row."""
    with kept(django_db_blocker):
        with building(tmp_path_factory.mktemp("evidence")):
            world = worlds.make_world()
            cases = {
                "empty": worlds.make_draft(world, filled=False),
                "filled": worlds.make_draft(world),
                "returned": give_back(world, worlds.make_submitted(world)),
            }
        yield world, cases


@pytest.fixture
def world(begun):
    return as_it_stands(begun[0])


@pytest.fixture
def case(begun):
    return stages.fresh(begun[1]["empty"])


@pytest.fixture
def filled(begun):
    return stages.fresh(begun[1]["filled"])


@pytest.fixture
def returned(begun):
    return stages.fresh(begun[1]["returned"])


def give_back(world, case):
    items = [
        review.Mend(item="members_2020", label="填报日会员数", reason=ReturnReason.ILLOGICAL, text="请核对。"),
        review.Mend(item="A1.3", label="A1.3", reason=ReturnReason.OVERRATED, text="材料不足。"),
    ]
    review.return_for_correction(case=case, items=items, actor=world.officer(case.holder), now=world.tick())
    return stages.fresh(case)


def author(case):
    return worlds.president_of(case.applicant)


def answers_of(case):
    return dict(case.answers.values_list("field", "value"))


def refused(act, *args, **words):
    with pytest.raises(Refused) as caught:
        act(*args, **words)
    return [(one.code, one.sentence) for one in caught.value.refusals]


# ---- answers


def test_bad_values_cover_every_kind_of_field(case):
    programme = programme_of(case.cycle.programme)

    assert {programme.field(name).kind for name in BAD} == {spec.kind for spec in programme.fields}


def test_bad_values_of_every_kind_are_kept_with_their_problems(world, case):
    typed = {name: value for name, (value, _) in BAD.items()}

    told = draft.save_answers(case=case, answers=typed, actor=author(case), now=world.tick())

    kept = Answer.objects.filter(declaration=case, field__in=BAD)
    assert told.problems == {name: problem for name, (_, problem) in BAD.items()}
    assert {one.field: (one.value, one.problem) for one in kept} == BAD


@given(text=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_kept_in_every_field(world, case, text):
    programme = programme_of(case.cycle.programme)
    shapes = {"multi": [text], "list": [{"title": text, "date": text}]}
    typed = {spec.id: shapes.get(spec.kind, text) for spec in programme.fields}

    told = draft.save_answers(case=case, answers=typed, actor=author(case), now=world.tick())

    assert {name: value for name, value in answers_of(case).items() if value not in (None, "", [])} == {
        name: value for name, value in typed.items() if value not in (None, "", [])
    }
    assert set(told.problems) == {spec.id for spec in programme.fields if not readable(spec, typed[spec.id])}


def readable(spec, value):
    try:
        parse_value(spec, value)
    except ValueProblem:
        return False
    return True


def test_an_unchanged_answer_keeps_its_author_and_time(world, case):
    first = world.tick()
    draft.save_answers(case=case, answers={"legal_rep": "甲", "address": "乙"}, actor=author(case), now=first)
    filler = make_seat(Role.CHAMBER_FILLER, case.applicant)
    second = world.tick()

    draft.save_answers(case=case, answers={"legal_rep": "甲", "address": "丙"}, actor=filler, now=second)

    kept = {answer.field: (answer.set_by, answer.set_at) for answer in case.answers.exclude(field__in=["name", "uscc"])}
    assert kept["legal_rep"] == (author(case), first)
    assert kept["address"] == (filler, second)


def test_a_problem_stays_told_when_the_value_did_not_change(world, case):
    draft.save_answers(case=case, answers={"uscc": "51000"}, actor=author(case), now=world.tick())

    told = draft.save_answers(case=case, answers={"uscc": "51000"}, actor=author(case), now=world.tick())

    assert told.problems == {"uscc": "统一社会信用代码应为18位，现为5位"}


def test_blank_fields_that_were_never_answered_make_no_rows(world, case):
    before = answers_of(case)

    draft.save_answers(
        case=case, answers={"legal_rep": "", "member_groups": [], "nothing": "x"}, actor=author(case), now=world.tick()
    )

    assert answers_of(case) == before


def test_an_answer_can_be_emptied(world, case):
    draft.save_answers(case=case, answers={"member_groups": ["小微企业"]}, actor=author(case), now=world.tick())

    draft.save_answers(case=case, answers={"member_groups": []}, actor=author(case), now=world.tick())

    assert answers_of(case)["member_groups"] == []


def test_in_a_return_only_named_fields_are_written(world, returned):
    before = answers_of(returned)
    typed = {"members_2020": "119", "legal_rep": "别人"}

    draft.save_answers(case=returned, answers=typed, actor=author(returned), now=world.tick())

    assert returned.state == State.RETURNED
    assert answers_of(returned) == before | {"members_2020": "119"}


def test_nothing_is_written_after_handing_in(world):
    case = worlds.make_submitted(world)
    words = {"case": case, "actor": author(case), "now": world.tick()}

    told = [(NOT_EDITABLE.code, NOT_EDITABLE.sentence)]
    assert refused(draft.save_answers, answers={"legal_rep": "甲"}, **words) == told
    assert refused(draft.save_self_marks, entries={"A1.1": Entered("1")}, **words) == told
    assert refused(draft.attach, row="A1.1", file=picture("x"), name="x.png", **words) == told
    assert refused(draft.answer_return, answers={"A1.1": "x"}, **words) == told


def test_nobody_else_writes(world, case):
    for stranger in (world.officer(case.home), make_seat(Role.CHAMBER_PRESIDENT)):
        with pytest.raises(Http404):
            draft.save_answers(case=case, answers={"legal_rep": "甲"}, actor=stranger, now=world.tick())
    assert "legal_rep" not in answers_of(case)


# ---- marks


def test_marks_are_kept_as_typed(world, case):
    entries = {"A1.1": Entered("9.7", words="说明"), "A1.2": Entered("很好"), "A1.3": Entered("７")}

    written = draft.save_self_marks(case=case, entries=entries, actor=author(case), now=world.tick())

    marks = own_marks(dossier_of(stages.fresh(case)))
    assert written.versions == {"A1.1": 1, "A1.2": 1, "A1.3": 1}
    assert {code: (mark.points, mark.typed, mark.words) for code, mark in marks.items()} == {
        "A1.1": (None, "9.7", "说明"),
        "A1.2": (None, "很好", ""),
        "A1.3": (7, "", ""),
    }


def test_in_a_return_only_named_rows_are_marked(world, returned):
    before = {code: mark.points for code, mark in own_marks(dossier_of(returned)).items()}
    entries = {"A1.3": Entered("5"), "A1.1": Entered("0")}

    written = draft.save_self_marks(case=returned, entries=entries, actor=author(returned), now=world.tick())

    after = {code: mark.points for code, mark in own_marks(dossier_of(stages.fresh(returned))).items()}
    assert (set(written.versions), after) == ({"A1.3"}, before | {"A1.3": 5})


def test_filling_leaves_typed_marks_and_judged_rows_alone(world, filled):
    blank = {code: Entered("") for code in own_marks(dossier_of(filled))}
    draft.save_self_marks(case=filled, entries=blank, actor=author(filled), now=world.tick())
    typed = {"A1.1": Entered("1"), "A1.2": Entered("很好")}
    draft.save_self_marks(case=filled, entries=typed, actor=author(filled), now=world.tick())
    proposals = dossier_of(filled).proposals

    count = draft.fill_proposed_marks(case=filled, actor=author(filled), now=world.tick())

    marks = own_marks(dossier_of(stages.fresh(filled)))
    wanted = {code: one.points for code, one in proposals.items()} | {"A1.1": 1, "A1.2": None}
    assert {code: mark.points for code, mark in marks.items()} == wanted
    assert marks["A1.2"].typed == "很好"
    assert count == sum(points is not None for points in wanted.values()) - 1
    assert proposals["A1.3"].points is None


# ---- evidence


def test_a_renamed_program_is_refused_and_nothing_stays(world, case, storage_root):
    program = BytesIO(b"MZ\x90\x00" + b"\x00" * 500)
    entries, pieces = Entry.objects.count(), Attachment.objects.count()

    told = refused(
        draft.attach, case=case, row="A1.1", file=program, name="学习照片.pdf", actor=author(case), now=world.tick()
    )

    assert told == [
        (
            "file_refused",
            "“学习照片.pdf”没有收下：扩展名说是PDF，内容却是可执行程序。" + ADVICE,
        )
    ]
    assert Attachment.objects.count() == pieces
    assert Entry.objects.count() == entries
    assert not storage_root.exists()


def test_the_same_file_twice_is_refused_for_a_row_and_stored_once_for_two(world, case, storage_root):
    words = {"case": case, "actor": author(case), "name": "会议.png"}
    draft.attach(row="A1.1", file=picture("x"), now=world.tick(), **words)

    told = refused(draft.attach, row="A1.1", file=picture("x"), now=world.tick(), **words)
    draft.attach(row="A1.2", file=picture("x"), now=world.tick(), **words)

    assert told == [("file_twice", "A1.1已经上传过同一个文件。")]
    assert list(case.attachments.order_by("id").values_list("row", flat=True)) == ["A1.1", "A1.2"]
    assert len([one for one in storage_root.rglob("*") if one.is_file()]) == 1


def test_a_removed_file_may_come_again(world, case):
    words = {"case": case, "actor": author(case), "row": "A1.1", "name": "会议.png"}
    piece = draft.attach(file=picture("x"), now=world.tick(), **words)
    draft.detach(case=case, attachment=piece, actor=author(case), now=world.tick())

    again = draft.attach(file=picture("x"), now=world.tick(), **words)

    assert list(case.attachments.filter(removed_at__isnull=True)) == [again]
    assert refused(draft.detach, case=case, attachment=piece, actor=author(case), now=world.tick()) == [
        ("file_gone", "会议.png已不在本件申报的佐证材料中。")
    ]


def test_one_file_too_many_is_refused(world, case, settings):
    settings.EVIDENCE_MAX_FILES = 1
    words = {"case": case, "row": "A1.1", "actor": author(case), "now": world.tick()}
    draft.attach(file=picture("x"), name="一.png", **words)

    assert refused(draft.attach, file=picture("y"), name="二.png", **words) == [
        ("too_many_files", "每件申报最多上传1个文件。")
    ]


def test_evidence_belongs_to_a_row_of_the_standard(world, case):
    words = {"case": case, "file": picture("x"), "name": "一.png", "actor": author(case), "now": world.tick()}

    assert refused(draft.attach, row="Z9", **words) == [("row_unknown", "请选择这份材料证明的指标或申报表项目。")]


def test_in_a_return_only_named_rows_take_and_give_evidence(world, returned):
    words = {"case": returned, "file": picture("new"), "name": "一.png", "actor": author(returned), "now": world.tick()}
    old = returned.attachments.get(row="A1.1")

    told = [("row_locked", "A1.1不在退回修改的事项内，不能改动。")]
    assert refused(draft.attach, row="A1.1", **words) == told
    assert refused(draft.detach, case=returned, attachment=old, actor=author(returned), now=world.tick()) == told
    assert draft.attach(row="A1.3", **words).row == "A1.3"


# ---- handing in


def test_the_deadline_holds_to_the_second(world, filled):
    closes = filled.cycle.submission_closes
    act = {"case": filled, "actor": author(filled)}

    told = refused(draft.submit, now=closes, **act)
    done = draft.submit(now=closes - timedelta(seconds=1), **act)

    assert told == [
        (
            "deadline_passed",
            "申报已于2020年10月12日24:00截止，不能再提交。确有特殊情况的，请与所在地工商联联系。",
        )
    ]
    assert (done.state, done.receipt) == (State.LOCAL_REVIEW, f"{filled.number}-01")


def test_only_the_president_hands_in(world, filled):
    filler = make_seat(Role.CHAMBER_FILLER, filled.applicant)

    told = refused(draft.submit, case=filled, actor=filler, now=world.tick())

    assert told == [("not_permitted", "您的席位无权办理这一步。")]


def test_a_return_is_handed_in_again_when_every_item_is_answered(world, returned):
    act = {"case": returned, "actor": author(returned)}
    draft.answer_return(answers={"members_2020": "已核对。", "other": "x"}, now=world.tick(), **act)

    assert refused(draft.resubmit, now=world.tick(), **act) == [("items_unanswered", "退回事项还未逐项说明：A1.3。")]
    draft.answer_return(answers={"A1.3": "已补材料。"}, now=world.tick(), **act)
    assert draft.resubmit(now=world.tick(), **act).receipt == f"{returned.number}-02"
    assert dict(ReturnItem.objects.values_list("item", "answer")) == {"members_2020": "已核对。", "A1.3": "已补材料。"}
