"""The papers of a case: who has which, what the check tells, and the book."""

import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image

from declarations import store
from declarations.actions.exporting import order_book
from declarations.demo import stages
from declarations.exports.papers import book
from declarations.exports.papers.catalog import case_papers, paper_named
from declarations.models import Attachment, Declaration, IssuedPaper, Recusal
from declarations.queries.facts import dossier_of
from declarations.queries.proof_numbers import numbered_evidence, spelled_numbers
from declarations.states import State
from scoring.queries import programme_of
from sihao import clock
from sihao.accounts.models import Seat
from sihao.audit.models import Entry
from sihao.documents import binding
from sihao.documents.paper import Paper, Paragraph
from sihao.jobs import registry, tasks
from sihao.jobs.models import Job
from tests import worlds
from tests.factories import make_federation
from tests.kept import Ground, building, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with kept(django_db_blocker), building(tmp_path_factory.mktemp("evidence")):
        world = worlds.make_world()
        case = worlds.make_at_unit(world)
        worlds.make_draft(world, worlds.NEIGHBOUR)
        yield Ground(world, case)


@pytest.fixture
def case(ground):
    return stages.fresh(ground.case)


@pytest.fixture(autouse=True)
def now(monkeypatch, ground):
    monkeypatch.setattr(clock, "now", lambda: ground.world.clock.at)


@pytest.fixture
def seats(ground, case):
    """The seats that read the case, by a short name."""
    staff = {code: ground.world.staff[make_federation(code).pk] for code in worlds.OFFICES}
    return {
        "chamber": worlds.president_of(case.applicant),
        "county": staff[worlds.COUNTY][0],
        "city": staff[worlds.CITY][0],
        "province": staff[worlds.PROVINCE][0],
        "neighbour": staff[worlds.NEIGHBOUR][0],
    }


def signed_in(seat: Seat) -> Client:
    client = Client()
    client.force_login(seat.user)
    return client


def file(seat: Seat, case: Declaration, slug: str, ending: str) -> bytes:
    answer = signed_in(seat).get(reverse("declarations:case_paper_file", args=[case.pk, slug, ending]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def told(seat: Seat, case: Declaration) -> list[tuple[str, int, bool]]:
    return [(one.kind.value, one.version, one.is_draft) for one in case_papers(seat, dossier_of(case))]


# ---- who has which


def test_each_tier_has_the_opinions_up_to_its_own_and_the_chamber_none(seats, case):
    numbers = [("application", 1, False), ("self", case.revisions.count(), False)]

    assert told(seats["chamber"], case) == numbers
    assert told(seats["county"], case) == [*numbers, ("opinion", 1, False)]
    assert told(seats["province"], case) == [*numbers, *[("opinion", 1, False)] * 2, ("opinion", 1, True)]


def test_the_self_assessment_holds_the_layers_that_the_viewer_reads(seats, case):
    def heads(name: str) -> list[str]:
        paper = paper_named(seats[name], dossier_of(case), "self-assessment").make()
        listing = paper.listings[0]
        filled = [any(row[place] for row in listing.body) for place in range(len(listing.head))]
        return [title for title, some in zip(listing.head, filled, strict=True) if title.endswith("得分") and some]

    assert heads("chamber") == ["自评得分"]
    assert heads("county") == ["自评得分", "县级审核得分"]
    assert heads("city") == ["自评得分", "县级审核得分", "市级审核得分"]
    assert heads("province") == ["自评得分", "县级审核得分", "市级审核得分", "省级审核得分"]


def test_columns_and_fields_are_those_of_the_programme_in_its_order(seats, case):
    programme = programme_of(case.cycle.programme)

    own = paper_named(seats["province"], dossier_of(case), "self-assessment").make()
    form = paper_named(seats["chamber"], dossier_of(case), "application").make()

    assert own.listings[0].head == programme.annex5_columns
    said = squeezed("".join(cell for line in form.lines() for cell in line))
    labels = [squeezed(spec.label) for spec in programme.fields]
    assert [label for label in labels if label not in said] == []


@pytest.mark.parametrize("name", ["case_papers", "case_paper", "case_paper_file", "order_book"])
def test_outside_the_jurisdiction_and_for_who_steps_back_there_is_no_paper(seats, case, name):
    more = {"case_papers": [], "case_paper": ["application"], "order_book": []}.get(name, ["application", "docx"])
    url = reverse(f"declarations:{name}", args=[case.pk, *more])

    def status(seat: Seat) -> int:
        client = signed_in(seat)
        return (client.post(url) if name == "order_book" else client.get(url)).status_code

    before = status(seats["city"])
    Recusal.objects.create(
        declaration=case,
        user=seats["city"].user,
        reason="亲属关系",
        declared_by=seats["city"],
        declared_at=worlds.NOW,
    )

    assert before in {200, 302}
    assert (status(seats["neighbour"]), status(seats["city"])) == (404, 404)


def test_what_a_viewer_may_not_have_or_is_not_a_form_is_not_there(seats, case):
    client = signed_in(seats["chamber"])
    opinion = case.endorsements.first()

    for slug, ending in ((f"opinion-{opinion.pk}", "pdf"), ("verdict", "pdf"), ("application", "exe")):
        url = reverse("declarations:case_paper_file", args=[case.pk, slug, ending])
        assert client.get(url).status_code == 404


# ---- what is taken out


def test_what_is_taken_out_leaves_a_trail(seats, case):
    file(seats["county"], case, "application", "docx")

    last = Entry.objects.filter(event="exported").latest("id")
    assert (last.data["what"], last.target_id) == ("申报表（附件4）（docx）", str(case.pk))


# ---- the check


def checked(code: str) -> str:
    return squeezed(re.sub(r"<[^>]*>", "", Client().get(reverse("public:paper", args=[code])).content.decode()))


def issued(seat: Seat, case: Declaration, slug: str = "application") -> IssuedPaper:
    signed_in(seat).get(reverse("declarations:case_paper", args=[case.pk, slug]))
    return IssuedPaper.objects.latest("id")


def test_the_check_tells_how_the_paper_stands_and_no_score(seats, case):
    paper = issued(seats["province"], case, "self-assessment")

    told = checked(paper.check_code)

    assert "现行版本" in told
    assert paper.digest[:16].upper() in told
    assert case.number[-4:] in told
    assert case.number not in told
    assert case.applicant_name not in told
    assert not re.search(r"\d+/500", told)


def test_the_same_paper_taken_out_twice_is_one(seats, case):
    first, second = issued(seats["county"], case), issued(seats["county"], case)

    assert (first.pk, IssuedPaper.objects.filter(kind="application").count()) == (second.pk, 1)


def test_a_paper_of_an_older_version_says_so(seats, case):
    paper = issued(seats["county"], case)
    IssuedPaper.objects.filter(pk=paper.pk).update(version=0)

    assert "已有新的版本" in checked(paper.check_code)
    assert "本件为第0版，现行为第1版，本件不再使用。" in checked(paper.check_code)


def test_the_paper_of_a_withdrawn_case_says_so(seats, case):
    paper = issued(seats["county"], case)
    Declaration.objects.filter(pk=case.pk).update(state=State.WITHDRAWN, holder=None)

    assert "已撤回" in checked(paper.check_code)


def test_a_draft_is_marked_across_its_pages_and_by_the_check():
    case = Declaration.objects.filter(state=State.DRAFT).first()
    seat = worlds.president_of(case.applicant)

    paper = paper_named(seat, dossier_of(case), "application")
    taken = issued(seat, case)

    assert (paper.make().watermark, paper.is_draft, paper.version) == ("草稿", True, 0)
    assert "取用时尚未提交，不能作为正式文书。" in checked(taken.check_code)


@pytest.mark.parametrize(
    ("typed", "status"), [("AAAA-BBBB-CCCC", 302), ("aaaabbbbcccc", 302), ("AAAABBBBCCC", 200), ("AAAABBBBCCC0", 200)]
)
def test_a_code_is_taken_with_and_without_strokes_and_refused_otherwise(typed, status):
    assert Client().get(reverse("public:check_paper"), {"code": typed}).status_code == status


def test_an_unknown_code_is_no_paper():
    answer = Client().get(reverse("public:paper", args=["AAAABBBBCCCC"]))

    assert (answer.status_code, "查无此件" in answer.content.decode()) == (404, True)


# ---- numbers of the evidence


@pytest.mark.parametrize(
    ("numbers", "words"), [([3], "3"), ([1, 2], "1、2"), ([1, 2, 3], "1—3"), ([1, 3, 4, 5, 8], "1、3—5、8")]
)
def test_numbers_are_spelled_as_an_office_does(numbers, words):
    assert spelled_numbers(numbers) == words


# ---- the book


def keep(case: Declaration, row: str, name: str, kind: str, content: bytes) -> None:
    """Store a piece of evidence past the intake, as one that was damaged on the disk."""
    found = sha256(content).hexdigest()
    Attachment.objects.create(
        declaration=case,
        row=row,
        name=name,
        kind=kind,
        size=len(content),
        digest=found,
        stored=store.keep(BytesIO(content), found),
        added_by=worlds.president_of(case.applicant),
        added_at=worlds.NOW,
    )


def pdf_of(pages: int, **save: object) -> bytes:
    made, out = pikepdf.Pdf.new(), BytesIO()
    for _ in range(pages):
        made.add_blank_page(page_size=(300, 300))
    made.save(out, **save)
    return out.getvalue()


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def short(title: str) -> Callable[[Seat, object], Paper]:
    """Return the making of a paper of one page in place of many."""
    return lambda seat, dossier: Paper(title, (Paragraph(dossier.case.applicant_name),))


def test_the_book_holds_everything_in_order_with_running_numbers_and_names_what_cannot_be_set(
    seats, case, monkeypatch
):
    monkeypatch.setattr(book, "application_paper", short("申报表"))
    monkeypatch.setattr(book, "self_assessment_paper", short("自评表"))
    keep(case, "A2.1", "两页.pdf", "pdf", pdf_of(2))
    keep(case, "A2.2", "照片.png", "png", picture())
    keep(case, "A2.3", "加密.pdf", "pdf", pdf_of(1, encryption=pikepdf.Encryption(owner="a", user="b")))
    keep(case, "A2.4", "损坏.pdf", "pdf", b"%PDF-1.4 broken")
    keep(case, "A2.5", "表格.xlsx", "xlsx", b"PK")
    job = order_book(case=case, actor=seats["city"], now=worlds.NOW)

    tasks.run(job.pk)

    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.error) == ("done", "")
    from_store = Path(settings.STORAGE_ROOT) / job.result_file
    with pikepdf.open(from_store) as bound:
        outline = bound.open_outline()
        titles = [item.title for item in outline.root]
        under = [item.title for item in outline.root[-1].children]
    assert titles == ["封面", "目录", "附件4　申报表", "附件5　自评表", "佐证材料"]
    proofs = numbered_evidence(dossier_of(case))
    assert under == [f"{proof.number}　{proof.piece.name}" for proof in proofs]
    document = pypdfium2.PdfDocument(from_store)
    pages = [squeezed(page.get_textpage().get_text_range()) for page in document]
    numbered = [(place, text) for place, text in enumerate(pages, start=1) if place > 1 and text]
    assert [place for place, text in numbered if f"—{place}—" not in text] == []
    whole = "".join(pages)
    for words in ("文件已加密，不能读出", "文件已损坏，不能读出", "不是PDF或者图片，原件见系统"):
        assert f"本份材料没有装入：{words}。" in whole
    assert "两页.pdf（第2页，共2页）" in whole


def test_the_book_is_for_who_may_still_read_the_case(seats, case):
    job = order_book(case=case, actor=seats["city"], now=worlds.NOW)
    work = registry.find(job.kind)

    assert work.permitted(seats["city"].user, job.arguments) is True
    assert work.permitted(seats["county"].user, job.arguments) is False
    Recusal.objects.create(
        declaration=case, user=seats["city"].user, reason="亲属关系", declared_by=seats["city"], declared_at=worlds.NOW
    )
    assert work.permitted(seats["city"].user, job.arguments) is False


def test_a_file_of_more_than_300_pages_is_named_alone():
    assert binding.pages_of(BytesIO(pdf_of(300)), "pdf") == 300
    with pytest.raises(binding.CannotBind, match=r"^共301页，超过300页不装入，原件见系统$"):
        binding.pages_of(BytesIO(pdf_of(301)), "pdf")
