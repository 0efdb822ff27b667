"""Files that come piece by piece: what is refused before the first byte, what goes on, how it ends."""

from datetime import date
from uuid import uuid4

import pytest
from django.http import Http404

from declarations import store
from declarations.actions import draft, review
from declarations.actions.draft import uploads
from declarations.demo import stages
from declarations.demo.stages import picture
from declarations.models import Attachment, Upload
from declarations.queries import drafting as pages
from declarations.states import ReturnReason
from sihao.accounts.refusals import Refused
from sihao.accounts.roles import Role
from sihao.audit.models import Entry
from sihao.documents.intake import child
from tests import worlds
from tests.documents.containers import pdf
from tests.factories import make_seat
from tests.kept import as_it_stands, building, kept

pytestmark = pytest.mark.django_db
GOOD = picture("minutes").read()
LIMIT = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with building(tmp_path_factory.mktemp("uploads")), kept(django_db_blocker):
        world = worlds.make_world()
        case = worlds.make_draft(world, filled=False)
        yield world, case, worlds.make_draft(world, filled=False), make_seat(Role.CHAMBER_FILLER, case.applicant)


@pytest.fixture
def world(ground, db):
    return as_it_stands(ground[0])


@pytest.fixture
def case(ground):
    return stages.fresh(ground[1])


@pytest.fixture
def actor(ground):
    return worlds.president_of(ground[1].applicant)


@pytest.fixture
def begin(world, case, actor):
    def begin(**words):
        usual = {"case": case, "token": uuid4(), "row": "A1.1", "name": "会议.png", "size": len(GOOD), "actor": actor}
        return draft.begin_upload(**usual | {"now": world.tick()} | words)

    return begin


@pytest.fixture
def take(world, actor):
    def take(upload, offset, piece):
        return draft.take_piece(upload=upload, offset=offset, piece=piece, actor=actor, now=world.tick())

    return take


def refusal_of(act, *args, **words):
    with pytest.raises(Refused) as caught:
        act(*args, **words)
    return [(one.code, one.sentence) for one in caught.value.refusals]


def files(root):
    return [one for one in root.rglob("*") if one.is_file()]


# ---- to the end


def test_pieces_become_a_piece_of_evidence_with_hints_and_a_trail(case, actor, begin, take, storage_root):
    upload = begin(pages="第3—5页", dated=date(2020, 5, 1))
    take(upload, 0, GOOD[:100])
    between = (upload.received, upload.is_open, Attachment.objects.count())
    take(upload, 100, GOOD[100:])

    piece = Attachment.objects.get()
    assert between == (100, True, 0)
    assert upload.piece == piece
    assert (piece.row, piece.name, piece.pages, piece.dated) == ("A1.1", "会议.png", "第3—5页", date(2020, 5, 1))
    assert (piece.kind, piece.size, piece.added_by) == ("png", len(GOOD), actor)
    assert [path.relative_to(storage_root).as_posix() for path in files(storage_root)] == [piece.stored]
    assert (storage_root / piece.stored).read_bytes() == GOOD
    assert Entry.objects.filter(event="evidence_added").last().data == {"file": "会议.png", "row": "A1.1"}


def test_a_field_of_the_form_is_proved_too(case, begin, take):
    take(begin(row="members_2020"), 0, GOOD)

    assert Attachment.objects.get().row == "members_2020"
    assert Entry.objects.filter(event="evidence_added").last().data["row"] == "“填报日会员数”"


def test_what_is_told_of_an_ended_upload_stays(begin, take, storage_root):
    upload = begin()
    take(upload, 0, GOOD)

    again = begin(token=upload.token)
    told = take(again, 0, GOOD)

    assert told.piece == Attachment.objects.get()
    assert pages.offset_of(told) == len(GOOD)
    assert len(files(storage_root)) == 1


def test_a_file_that_is_not_what_it_says_is_refused_and_gone(begin, take, storage_root):
    upload = begin(name="照片.png", size=504)

    take(upload, 0, b"MZ\x90\x00" + bytes(500))

    assert upload.refusal == (
        "“照片.png”没有收下：扩展名说是PNG，内容却是可执行程序。"
        "请上传真正的PDF、JPG、PNG、OFD、DOCX、XLSX文件，不要只改扩展名。"
    )
    assert (files(storage_root), Attachment.objects.count()) == ([], 0)
    assert take(upload, 0, b"again").refusal == upload.refusal
    assert files(storage_root) == []


def test_the_same_file_twice_for_a_row_is_refused_and_its_bytes_gone(begin, take, storage_root):
    take(begin(), 0, GOOD)
    again = begin()

    take(again, 0, GOOD)

    assert again.refusal == "“会议.png”没有收下：A1.1已经上传过同一个文件。"
    assert len(files(storage_root)) == 1


def test_more_than_was_said_is_refused_and_gone(begin, take, storage_root):
    upload = begin(size=9)

    take(upload, 0, bytes(10))

    assert upload.refusal == "“会议.png”没有收下：收到的内容比文件大小多。请重新上传。"
    assert files(storage_root) == []


# ---- broken lines


def test_a_piece_goes_on_where_the_last_one_ended(begin, take):
    upload = begin()
    take(upload, 0, GOOD[:100])
    for offset in (0, 99, 101, 10**17):
        with pytest.raises(draft.WrongOffset) as wrong:
            take(upload, offset, b"x")
        assert wrong.value.right == 100

    take(upload, 100, GOOD[100:])

    assert upload.piece is not None


def test_bytes_that_were_written_and_not_counted_are_written_anew(begin, take, storage_root):
    upload = begin()
    take(upload, 0, GOOD[:100])
    with (storage_root / "incoming" / str(upload.token)).open("ab") as file:
        file.write(b"a crash before the row was written")

    take(upload, 100, GOOD[100:])

    assert upload.piece is not None


def test_bytes_that_were_counted_and_lost_are_asked_for_again(begin, take, storage_root):
    upload = begin()
    take(upload, 0, GOOD[:100])
    (storage_root / "incoming" / str(upload.token)).unlink()

    with pytest.raises(draft.WrongOffset) as wrong:
        take(upload, 100, GOOD[100:])
    take(upload, wrong.value.right, GOOD)

    assert (wrong.value.right, upload.piece is None) == (0, False)


def test_a_judgement_that_was_interrupted_is_asked_for_by_an_empty_piece(begin, take, monkeypatch):
    upload = begin()
    monkeypatch.setattr(uploads, "attach", lambda **words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(upload, 0, GOOD)
    monkeypatch.undo()

    upload = pages.upload_of(upload.declaration, upload.token, upload.started_by)
    between = (upload.is_open, pages.offset_of(upload))
    take(upload, len(GOOD), b"")

    assert between == (True, len(GOOD))
    assert upload.piece == Attachment.objects.get()


def test_a_busy_server_refuses_for_the_moment_alone(begin, take, monkeypatch):
    document = pdf()
    upload = begin(name="会议.pdf", size=len(document))
    monkeypatch.setattr(child, "PATIENCE", 0)
    told = refusal_of(take, upload, 0, document)
    monkeypatch.undo()

    between = Upload.objects.get().is_open
    take(upload, len(document), b"")

    assert told == [
        (draft.SERVER_BUSY, "“会议.pdf”没有收下：服务器正忙，没能及时检查完。请过几分钟再上传。")
    ]
    assert between
    assert upload.piece is not None


# ---- before the first byte


SIZES = {
    1: None,
    LIMIT: None,
    0: "“会议.png”没有收下：文件是空的（0字节）。请确认文件已保存好再上传。",
    LIMIT + 1: (
        "“会议.png”没有收下：文件大小为20.0 MB，超过20.0 MB的上限。请压缩、降低扫描分辨率或分成几个文件后再上传。"
    ),
}


@pytest.mark.parametrize("size", SIZES)
def test_the_size_is_judged_before_the_first_byte(begin, storage_root, size):
    if SIZES[size] is None:
        assert begin(size=size).size == size
    else:
        assert refusal_of(begin, size=size) == [("file_refused", SIZES[size])]
    assert not storage_root.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../会议.png", "文件名中有路径（“/”或“\\”）。请改名后再上传。"),
        ("会议\x00.png", "文件名中有控制字符。请改名后再上传。"),
        ("会议\u202egnp.png", "文件名中有改变文字方向的隐藏字符，看到的扩展名可能是假的。请改名后再上传。"),
        ("会议.exe", "扩展名“.exe”不在接受之列。请上传PDF、JPG、PNG、OFD、DOCX、XLSX文件。"),
        ("会议", "文件没有扩展名。请上传PDF、JPG、PNG、OFD、DOCX、XLSX文件。"),
    ],
)
def test_the_name_is_judged_before_the_first_byte(begin, name, why):
    [(code, sentence)] = refusal_of(begin, name=name)

    assert (code, sentence.split("没有收下：")[1]) == ("file_refused", why)
    assert Upload.objects.count() == 0


def test_a_very_long_name_is_kept_short_with_its_extension(begin, take):
    upload = begin(name="长" * 4000 + ".png")

    take(upload, 0, GOOD)

    assert Attachment.objects.get().name == "长" * 116 + ".png"


def test_files_under_way_count_against_the_number_of_a_case(begin, take, settings):
    settings.EVIDENCE_MAX_FILES = 2
    first = begin()
    begin(name="二.png")

    told = refusal_of(begin, name="三.png")
    take(first, 0, GOOD)
    still = refusal_of(begin, name="三.png")

    assert told == still == [("too_many_files", "每件申报最多上传2个文件。")]


def test_a_person_has_only_so_many_files_under_way(begin, take, ground, settings):
    settings.EVIDENCE_MAX_OPEN = 2
    first = begin()
    begin(name="二.png")

    told = refusal_of(begin, name="三.png")
    colleague = begin(name="三.png", actor=ground[3])
    draft.drop_upload(upload=first)

    assert told == [("too_many_open", "同时最多上传2个文件，请先传完或放弃未传完的文件。")]
    assert colleague.is_open
    assert begin(name="三.png").is_open


def test_only_what_the_standard_or_the_form_knows_is_proved(begin):
    for row in ("Z9", "", "A1.1'--"):
        assert refusal_of(begin, row=row) == [("row_unknown", "请选择这份材料证明的指标或申报表项目。")]


def test_a_token_stands_for_one_file_of_one_person(begin, ground):
    upload = begin()
    told = [("upload_other", "所选文件与未传完的文件不一致，请作为新文件上传。")]

    assert begin(token=upload.token) == upload
    for other in ({"name": "别的.png"}, {"size": 1}, {"row": "A1.2"}, {"actor": ground[3]}, {"case": ground[2]}):
        assert refusal_of(begin, token=upload.token, **other) == told


def test_an_upload_belongs_to_who_began_it(begin, case, ground, actor):
    upload = begin()

    assert pages.upload_of(case, upload.token, actor) == upload
    for other in ((case, ground[3]), (ground[2], actor)):
        with pytest.raises(Http404):
            pages.upload_of(other[0], upload.token, other[1])


def test_given_up_is_gone(begin, take, storage_root):
    upload = begin()
    take(upload, 0, GOOD[:100])
    stale = Upload.objects.get()

    draft.drop_upload(upload=upload)

    assert (files(storage_root), Upload.objects.count()) == ([], 0)
    with pytest.raises(Http404):
        take(stale, 100, GOOD[100:])
    assert files(storage_root) == []


def test_a_file_in_another_hand_is_left_alone(begin, take):
    upload = begin()

    with store.held(upload.token):
        with pytest.raises(store.Busy):
            take(upload, 0, GOOD)
        with pytest.raises(store.Busy):
            draft.drop_upload(upload=upload)

    assert take(upload, 0, GOOD).piece is not None


# ---- whose turn it is


@pytest.fixture
def returned(world):
    case = worlds.make_submitted(world)
    mends = [
        review.Mend(item="members_2020", label="填报日会员数", reason=ReturnReason.ILLOGICAL, text="与名册不一致。"),
        review.Mend(item="A1.3", label="A1.3", reason=ReturnReason.OVERRATED, text="材料不足。"),
    ]
    review.return_for_correction(case=case, items=mends, actor=world.officer(case.holder), now=world.tick())
    return stages.fresh(case)


def test_in_a_return_only_what_it_names_takes_files_and_hints(world, returned, begin, take):
    actor = worlds.president_of(returned.applicant)
    words = {"case": returned, "actor": actor}

    assert refusal_of(begin, row="A1.1", **words) == [("row_locked", "A1.1不在退回修改的事项内，不能改动。")]
    assert refusal_of(begin, row="uscc", **words) == [
        ("row_locked", "“统一社会信用代码”不在退回修改的事项内，不能改动。")
    ]
    named = [begin(row=row, **words) for row in ("A1.3", "members_2020")]
    for upload in named:
        draft.take_piece(upload=upload, offset=0, piece=GOOD, actor=actor, now=world.tick())
    assert all(upload.piece for upload in named)
    locked = returned.attachments.get(row="A1.1")
    assert refusal_of(draft.annotate, attachment=locked, pages="1", dated=None, **words)[0][0] == "row_locked"
    draft.annotate(attachment=named[0].piece, pages="第2页", dated=date(2019, 1, 1), **words)
    assert Attachment.objects.get(pk=named[0].piece.pk).pages == "第2页"


def test_a_case_handed_in_meanwhile_takes_no_file(world, storage_root):
    case = worlds.make_draft(world)
    actor = worlds.president_of(case.applicant)
    there = len(files(storage_root))
    words = {"case": case, "row": "A2.1", "name": "会议.png", "size": len(GOOD), "actor": actor}
    upload = draft.begin_upload(token=uuid4(), now=world.tick(), **words)
    draft.take_piece(upload=upload, offset=0, piece=GOOD[:100], actor=actor, now=world.tick())
    draft.submit(case=case, actor=actor, now=world.tick())

    draft.take_piece(upload=upload, offset=100, piece=GOOD[100:], actor=actor, now=world.tick())

    assert upload.refusal == "“会议.png”没有收下：申报已提交，退回修改前不能改动。（五（二）1）"
    assert len(files(storage_root)) == there
    assert refusal_of(draft.begin_upload, token=uuid4(), now=world.tick(), **words)[0][0] == "not_editable"
