"""Evidence that is alike: read once by a job, found across chambers, told within the viewer's jurisdiction."""

from hashlib import sha256
from io import BytesIO
from random import Random

import docx
import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from PIL import Image

from declarations import store
from declarations.actions import cross, reading
from declarations.alike import MOST_ALIKE
from declarations.demo import stages
from declarations.models import (
    Attachment,
    CrossFinding,
    Cycle,
    Declaration,
    FileContent,
    FileLikeness,
    FileMark,
    Tie,
    TieKind,
)
from declarations.queries.crossed_page import finding_in_sight, photos_beside, side_by_side
from declarations.queries.dossier import dossier_of
from declarations.queries.national import dated_outside
from declarations.queries.proofs import told_piece
from declarations.queries.proofs_alike import told_elsewhere
from declarations.states import CrossKind, FileStanding, State
from declarations.tasks import read_new_evidence
from sihao.documents.content import Content
from sihao.documents.intake.refusal import Reason, UnacceptableFile
from sihao.documents.photo import CAMERA, TAKEN
from sihao.jobs.models import Job
from tests import worlds
from tests.declarations.pictures import saved, scene
from tests.declarations.texts import copied, deeds
from tests.factories import make_federation
from tests.kept import as_it_stands, building, kept
from tests.rows import declare

pytestmark = pytest.mark.django_db
RNG = Random(11)
MINUTES = deeds(RNG)
COPY = copied(RNG, MINUTES)


def word(text: str) -> bytes:
    document, file = docx.Document(), BytesIO()
    document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


def prove(case: Declaration, data: bytes, name: str, row: str = "A1.1") -> Attachment:
    """Let a case have a file as evidence."""
    digest = sha256(data).hexdigest()
    store.keep(BytesIO(data), digest)
    facts = {"name": name, "kind": name.rpartition(".")[2], "size": len(data), "stored": store.place_of(digest)}
    facts |= {"added_by": SEAT["department"], "added_at": worlds.NOW}
    return Attachment.objects.create(declaration=case, row=row, digest=digest, **facts)


SEAT: dict = {}
PHOTO = saved(scene(1))
AGAIN = saved(scene(1).resize((400, 300)), quality=60)


def dated(moment: str) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(CAMERA)[TAKEN] = moment
    return saved(scene(7, (200, 160)), exif=exif)


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """Four chambers in three jurisdictions: copied texts, a photograph saved again, a photograph out of time."""
    with building(tmp_path_factory.mktemp("alike")), kept(django_db_blocker):
        world = worlds.make_world()
        SEAT.update(world.seats)
        homes = (worlds.COUNTY, worlds.COUNTY, worlds.NEIGHBOUR, worlds.PROVINCE)
        cases = [
            declare(world.cycle, [f"商会{n}"], home=make_federation(home), state=State.PRELIMINARY_REVIEW)[0]
            for n, home in enumerate(homes)
        ]
        Declaration.objects.update(holder=make_federation(worlds.NATION))
        one, two, neighbour, province = cases
        prove(one, word(MINUTES), "纪要.docx")
        prove(two, word(COPY), "记录.docx", "A1.2")
        prove(neighbour, word(COPY + "。"), "会议.docx")
        prove(province, word(deeds(RNG)), "别的.docx")
        prove(one, PHOTO, "现场.jpeg", "B1.1")
        prove(province, AGAIN, "活动.jpeg", "B1.2")
        prove(two, dated("2017:05:03 10:00:00"), "旧照.jpeg", "B1.1")
        cross.compare(cycle=world.cycle, now=world.tick())
        yield world, cases


@pytest.fixture
def world(ground, db):
    mine = as_it_stands(ground[0])
    mine.cycle = Cycle.objects.get(pk=mine.cycle.pk)
    return mine


@pytest.fixture
def cases(ground):
    return [stages.fresh(case) for case in ground[1]]


def officer(world, code):
    return world.officer(make_federation(code))


def told(seat, case, row="A1.1"):
    dossier = dossier_of(case)
    found = told_elsewhere(seat, dossier)
    piece = next(piece for piece in dossier.evidence if piece.row == row)
    return found[piece.digest].sentence if piece.digest in found else ""


def like(first, second):
    pair = {first.digest, second.digest}
    rows = FileLikeness.objects.select_related("first", "second")
    return next(row for row in rows if {row.first.digest, row.second.digest} == pair)


def share(first, second):
    return f"{like(first, second).share:.0%}"


def test_a_tier_reads_the_names_within_its_jurisdiction_and_the_number_of_others(world, cases):
    one, two, neighbour, province = cases
    mine, hers, theirs = (case.attachments.get(name__endswith=".docx") for case in (one, two, neighbour))
    named = f"文字与商会1（{two.number}）A1.2的材料近似，相似度{share(mine, hers)}"
    further = f"；与商会2（{neighbour.number}）A1.1的材料近似，相似度{share(mine, theirs)}"

    assert told(officer(world, worlds.COUNTY), one) == f"{named}；另有1件其他申报的材料与本件文字近似"
    assert told(officer(world, worlds.CITY), one) == named + further
    assert told(world.seats["department"], one) == named + further
    assert told(officer(world, worlds.NEIGHBOUR), neighbour) == "有2件其他申报的材料与本件文字近似"
    assert told(world.seats["department"], province) == ""


def test_a_photograph_saved_again_is_told_alike_with_the_bits(world, cases):
    one, *_, province = cases
    bits = like(one.attachments.get(row="B1.1"), province.attachments.get(row="B1.2")).bits
    assert bits <= 4
    how = f"差异值最多相差{bits}位" if bits else "差异值相同"
    assert told(officer(world, worlds.COUNTY), one, "B1.1") == "有1件其他申报的照片与本件照片近似"
    assert told(world.seats["department"], one, "B1.1") == (
        f"照片与商会3（{province.number}）B1.2的照片近似，{how}"
    )


def test_whoever_steps_back_from_a_case_reads_a_number_and_not_its_name(world, cases):
    one, two, neighbour, _ = cases
    seat = officer(world, worlds.CITY)
    facts = {"kind": TieKind.POST, "post": "顾问", "declared_at": worlds.NOW, "name": "商会1"}
    Tie.objects.create(user=seat.user, organisation=two.applicant, **facts)

    assert told(seat, one).startswith(f"文字与商会2（{neighbour.number}）A1.1的材料近似，相似度")
    assert told(seat, one).endswith("；另有1件其他申报的材料与本件文字近似")


def test_a_draft_a_piece_taken_out_and_the_chamber_s_own_other_case_are_not_told(world, cases):
    one, two, neighbour, _ = cases
    Attachment.objects.filter(declaration=two).update(removed_at=worlds.NOW)
    Declaration.objects.filter(pk=neighbour.pk).update(submitted_at=None)
    assert told(world.seats["department"], one) == ""

    Attachment.objects.filter(declaration=two).update(removed_at=None)
    assert told(world.seats["department"], one) != ""
    Declaration.objects.filter(pk=two.pk).update(state=State.WITHDRAWN, holder=None, applicant=one.applicant)
    assert told(world.seats["department"], one) == ""


def test_a_case_that_uses_the_very_file_is_told_once(world, cases):
    one, two, *_ = cases
    mine = one.attachments.get(row="A1.1")
    facts = {name: getattr(mine, name) for name in ("digest", "stored", "name", "kind", "size", "added_by", "added_at")}
    Attachment.objects.create(declaration=two, row="A2.1", **facts)
    said = told(officer(world, worlds.COUNTY), one)
    assert said == f"同一文件还用于：商会1（{two.number}）A2.1；有1件其他申报的材料与本件文字近似"
    cross.compare(cycle=world.cycle, now=world.tick())
    assert CrossFinding.objects.filter(kind=CrossKind.FILE).count() == 1
    alike = CrossFinding.objects.filter(kind=CrossKind.PROOF)
    groups = [{part.declaration_id for part in row.parts.all()} for row in alike]
    assert groups
    assert {one.pk, two.pk} not in groups


def test_it_is_no_more_than_one_query_where_nothing_is_alike(world, cases, django_assert_num_queries):
    seat, dossier, other = world.seats["department"], dossier_of(cases[3]), dossier_of(cases[0])
    for one in (dossier, other):
        one.evidence, one.programme  # noqa: B018 read before the counting
    FileContent.objects.update(standing=FileStanding.ALONE)
    with django_assert_num_queries(1):
        told_elsewhere(seat, dossier_with(dossier))
    with django_assert_num_queries(3):
        told_elsewhere(seat, other)


def dossier_with(dossier):
    """Return a dossier whose evidence is alike to nothing."""
    for piece in dossier.evidence:
        piece.standing = FileStanding.ALONE
    return dossier


# ---- the preliminary review


def test_findings_stand_side_by_side_and_photographs_too(world, cases):
    one, two, *_ = cases
    found = CrossFinding.objects.filter(kind=CrossKind.PROOF, parts__declaration=one).filter(
        parts__declaration=two
    )
    shown = finding_in_sight(world.seats["department"], world.cycle, found.get().pk)
    beside = side_by_side(world.cycle, shown)
    assert {beside.left, beside.right} == {one, two}
    assert {(pair.left, pair.right) for pair in beside.pairs} <= {
        ("A1.1的佐证材料《纪要.docx》", "A1.2的佐证材料《记录.docx》"),
        ("A1.2的佐证材料《记录.docx》", "A1.1的佐证材料《纪要.docx》"),
    }
    marked = sum(len(piece.text) for piece in beside.pairs[0].left_pieces if piece.same)
    assert 0.6 < marked / len(MINUTES) < 1
    assert photos_beside(world.cycle, shown) == ()

    photo = CrossFinding.objects.get(kind=CrossKind.PICTURE)
    shown = finding_in_sight(world.seats["department"], world.cycle, photo.pk)
    assert {one.title for one in photos_beside(world.cycle, shown)} == {
        "B1.1的佐证材料《现场.jpeg》",
        "B1.2的佐证材料《活动.jpeg》",
    }
    assert side_by_side(world.cycle, shown) is None


def test_nothing_stands_side_by_side_once_a_piece_was_taken_out(world, cases):
    Attachment.objects.filter(declaration=cases[0]).update(removed_at=worlds.NOW)
    department = world.seats["department"]
    for kind in (CrossKind.PROOF, CrossKind.PICTURE):
        row = CrossFinding.objects.filter(kind=kind, parts__declaration=cases[0]).first()
        shown = finding_in_sight(department, world.cycle, row.pk)
        assert side_by_side(world.cycle, shown) is None
        assert photos_beside(world.cycle, shown) == ()


def test_who_steps_back_from_one_of_the_two_does_not_open_it(world, cases):
    seat = world.seats["department"]
    facts = {"kind": TieKind.POST, "post": "顾问", "declared_at": worlds.NOW, "name": "商会3"}
    Tie.objects.create(user=seat.user, organisation=cases[3].applicant, **facts)
    with pytest.raises(Http404):
        finding_in_sight(seat, world.cycle, CrossFinding.objects.get(kind=CrossKind.PICTURE).pk)


# ---- photographs out of time


def test_a_photograph_out_of_the_period_is_marked_at_the_file_and_in_the_review(cases):
    one, two, *_ = cases
    sentence = "照片拍摄于2017年5月3日，不在评价期内（2019年1月1日至2020年10月15日），请核对"
    dossier = dossier_of(two)
    told_pieces = {piece.name: told_piece(dossier.programme, piece).taken for piece in dossier.evidence}
    assert told_pieces == {"记录.docx": "", "旧照.jpeg": sentence}
    assert dated_outside(dossier).lines == (f"B1.1《旧照.jpeg》：{sentence}",)
    assert dated_outside(dossier_of(one)).lines == ()


@pytest.mark.parametrize(
    ("moment", "outside"),
    [
        ("2018:12:31 23:59:59", True),
        ("2019:01:01 00:00:00", False),
        ("2020:10:15 23:59:59", False),
        ("2020:10:16 00:00:00", True),
    ],
)
def test_the_first_and_the_last_day_belong_to_the_period(cases, moment, outside):
    piece = prove(cases[3], dated(moment), "照片.jpeg", "B2.1")
    reading.read_evidence(now=worlds.NOW)
    dossier = dossier_of(cases[3])
    found = next(one for one in dossier.evidence if one.pk == piece.pk)
    assert bool(told_piece(dossier.programme, found).taken) == outside


# ---- reading


def test_a_sweep_orders_one_job_and_none_where_all_was_read(cases):
    read_new_evidence(worlds.NOW)
    assert not Job.objects.filter(kind=reading.READ).exists()
    prove(cases[3], saved(scene(9)), "新.jpeg", "B2.1")
    read_new_evidence(worlds.NOW)
    read_new_evidence(worlds.NOW)
    assert Job.objects.filter(kind=reading.READ).count() == 1


def test_a_file_is_read_once_however_many_use_it_and_one_taken_out_is_not(cases):
    data = saved(scene(9))
    prove(cases[0], data, "甲.jpeg", "B2.1")
    prove(cases[1], data, "乙.jpeg", "B2.1")
    gone = prove(cases[2], saved(scene(10)), "丙.jpeg", "B2.1")
    Attachment.objects.filter(pk=gone.pk).update(removed_at=worlds.NOW)
    assert reading.read_evidence(now=worlds.NOW) == 2  # read and compared
    assert not FileContent.objects.filter(digest=gone.digest).exists()
    assert reading.read_evidence(now=worlds.NOW) == 0


def test_a_file_that_is_not_there_says_nothing_and_is_not_asked_for_again(cases):
    piece = prove(cases[0], b"x", "缺.pdf", "B2.1")
    Attachment.objects.filter(pk=piece.pk).update(stored="evidence/none", digest="e" * 64)
    reading.read_evidence(now=worlds.NOW)
    content = FileContent.objects.get(digest="e" * 64)
    assert (content.readable, content.text, content.standing) == (False, "", FileStanding.ALONE)


def test_a_busy_machine_leaves_a_file_to_the_next_turn(cases, monkeypatch):
    prove(cases[0], saved(scene(9)), "甲.jpeg", "B2.1")

    def busy(*_):
        raise UnacceptableFile(Reason.BUSY, "服务器正忙")

    with monkeypatch.context() as patched:
        patched.setattr(reading, "content_of", busy)
        assert reading.read_evidence(now=worlds.NOW) == 0
    assert reading.read_evidence(now=worlds.NOW) == 2


def test_of_what_was_written_and_not_compared_nothing_is_lost(cases):
    """A crash between the two leaves the file to the next turn."""
    piece = prove(cases[3], word(MINUTES + "又"), "又.docx", "B2.1")
    reading.keep_content(digest=piece.digest, found=Content(text=MINUTES + "又"), now=worlds.NOW)
    assert FileContent.objects.get(digest=piece.digest).standing == FileStanding.ALONE
    assert reading.read_evidence(now=worlds.NOW) == 1
    assert FileContent.objects.get(digest=piece.digest).standing == FileStanding.ALIKE


def one_more(world, number, text):
    """Let one more chamber bring a text, as if it had been read."""
    name = f"众商会{number}"
    case = declare(world.cycle, [name], home=make_federation(worlds.COUNTY), state=State.LOCAL_REVIEW)[0]
    piece = prove(case, f"{number}".encode(), "表.docx")
    content = reading.keep_content(digest=piece.digest, found=Content(text=text), now=worlds.NOW)
    reading.compare_file(content=content, now=worlds.NOW)
    return case


def test_what_more_chambers_have_than_the_bound_is_a_common_form(world):
    form = deeds(Random(77))
    chambers = [one_more(world, number, f"{form}第{number}号") for number in range(MOST_ALIKE + 1)]
    mine = FileContent.objects.filter(text__startswith=form)
    assert set(mine.values_list("standing", flat=True)) == {FileStanding.ALIKE}
    assert told(world.seats["department"], stages.fresh(chambers[0])).endswith(f"；共{MOST_ALIKE}件")
    pairs = FileLikeness.objects.count()

    one_more(world, 100, f"{form}又")
    one_more(world, 101, f"{form}再")

    assert set(mine.values_list("standing", flat=True)) == {FileStanding.COMMON}
    assert FileLikeness.objects.count() == pairs
    assert told(world.seats["department"], stages.fresh(chambers[0])) == ""


def test_many_alike_files_of_one_chamber_say_nothing(world, cases):
    text = deeds(Random(78))
    for number in range(3):
        piece = prove(cases[3], f"own {number}".encode(), "月报.docx", f"A2.{number + 1}")
        content = reading.keep_content(digest=piece.digest, found=Content(text=f"{text}{number}"), now=worlds.NOW)
        reading.compare_file(content=content, now=worlds.NOW)
    assert set(FileContent.objects.filter(text__startswith=text).values_list("standing", flat=True)) == {"alone"}


def test_the_rows_keep_their_facts_by_constraint(world):
    first, second = FileContent.objects.order_by("pk")[:2]
    wrong = (
        FileContent(digest="1" * 64, readable=False, text="字", read_at=worlds.NOW),
        FileContent(digest="1" * 64, standing="far", read_at=worlds.NOW),
        FileMark(content=first, kind="sound", value=1),
        FileLikeness(first=second, second=first, bits=1),
        FileLikeness(first=first, second=second, bits=1, shared=9, share=0.9),
        FileLikeness(first=first, second=second),
    )
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


# ---- the pages


def opened(client, seat, name, *arguments):
    client.force_login(seat.user)
    answer = client.get(reverse(f"declarations:{name}", args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_pages_show_both_sides_and_state_the_rules(world, client):
    seat = world.seats["department"]
    listed = opened(client, seat, "cross")
    assert "较短一份不少于200字、不短于另一份的一半，其中70%以上" in listed
    assert "左右、上下相差都不超过4位的列出" in listed
    assert "同样的文字或者画面超过20家其他商会都有的，视为通用格式" in listed

    photo = CrossFinding.objects.get(kind=CrossKind.PICTURE)
    shown = opened(client, seat, "cross_finding", photo.pk)
    for piece in Attachment.objects.filter(name__in=("现场.jpeg", "活动.jpeg")):
        assert reverse("declarations:preview_evidence", args=[piece.declaration_id, piece.pk]) in shown

    text = CrossFinding.objects.filter(kind=CrossKind.PROOF).first()
    assert '<mark class="same">' in opened(client, seat, "cross_finding", text.pk)


def test_the_case_page_tells_at_the_file(world, cases, client):
    page = opened(client, officer(world, worlds.CITY), "case", cases[1].pk)
    assert f"文字与商会0（{cases[0].number}）A1.1的材料近似，相似度" in page
    assert "照片拍摄于2017年5月3日，不在评价期内（2019年1月1日至2020年10月15日），请核对" in page
