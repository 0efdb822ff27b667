"""Hostile files at the door, by form and piece by piece: each is refused in words, and nothing of it remains."""

import re
from collections import Counter, defaultdict
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from declarations.models import Attachment, Upload
from sihao.documents.sniff import UnacceptableFile, inspect
from sihao.ui.uploads import ESCAPED
from tests import worlds
from tests.documents import good, hostile
from tests.kept import as_it_stands, building, kept
from tests.web import sparing

pytestmark = pytest.mark.django_db
BOUNDARY = "a-line-that-is-in-no-file"
PIECE = 1024 * 1024
FEW, NAMES = 3, 20
SLOW = {"pdf exhausting": 1, "container bombs": 1, "too large": 1}


def chosen():
    """Return some of every family, the first and those evenly behind it; of names all."""
    families = defaultdict(list)
    for sample in hostile.corpus():
        families[sample.family].append(sample)
    for family, samples in families.items():
        number = SLOW.get(family, NAMES if family == "name" else FEW)
        yield from samples[:: max(1, len(samples) // number)][:number]


HOSTILE = list(chosen())


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    with building(tmp_path_factory.mktemp("hostile")), kept(django_db_blocker):
        world = worlds.make_world()
        yield world, worlds.make_draft(world, filled=False)


@pytest.fixture
def case(ground, db):
    return ground[1]


@pytest.fixture
def browser(ground, case, monkeypatch):
    world = as_it_stands(ground[0])
    monkeypatch.setattr("sihao.clock.now", lambda: world.clock.at)
    client = Client()
    client.force_login(worlds.president_of(case.applicant).user)
    return client


def sentence_of(sample, content):
    """Return what the judge of files says of it."""
    with pytest.raises(UnacceptableFile) as caught:
        inspect(BytesIO(content), sample.name, max_bytes=hostile.MAX_BYTES)
    assert caught.value.reason == sample.reason
    return str(caught.value)


def by_form(browser, case, name, content):
    """Post a file as a browser does, with the name as it stands: the test client would make a harmless one of it."""
    for written, meant in ESCAPED.items():
        name = name.replace(meant, written)
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="row"\r\n\r\nA1.1\r\n--{BOUNDARY}\r\n',
        f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n',
        "Content-Type: application/octet-stream\r\n\r\n",
    ]
    body = "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    answer = browser.post(reverse("declarations:evidence", args=[case.pk]), body, content_type=kind)
    return answer.context["form"].errors.get("files", []) if answer.status_code == 200 else answer


def by_pieces(browser, case, name, content):
    """Send a file as the page's script does."""
    said = {"token": str(uuid4()), "row": "A1.1", "name": name, "size": len(content)}
    answer = browser.post(reverse("declarations:uploads", args=[case.pk]), said)
    told = answer.json()
    url = reverse("declarations:upload", args=[case.pk, said["token"]])
    while "refused" not in told and not told.get("done"):
        offset = told["offset"]
        piece = content[offset : offset + PIECE]
        told = browser.put(f"{url}?offset={offset}", piece, content_type="application/octet-stream").json()
    return told.get("refused", told)


def files(root):
    return [one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file()]


def test_the_chosen_files_are_many_and_of_every_family():
    families = Counter(sample.family for sample in HOSTILE)

    assert len(HOSTILE) >= 80
    assert set(families) == set(hostile.FAMILIES)


@pytest.mark.parametrize("family", hostile.FAMILIES)
def test_every_hostile_file_is_refused_in_words_and_gone(browser, case, storage_root, settings, family):
    """The page is drawn for the first of a family; what it is drawn with is asked of every file."""
    settings.TEMPLATES = sparing.TEMPLATES
    samples = [sample for sample in HOSTILE if sample.family == family]

    for sample in samples:
        sparing.draw(sample is samples[0])
        content = sample.make()
        told = [way(browser, case, sample.name, content) for way in (by_form, by_pieces)]
        assert told == [[sentence_of(sample, content)]] * 2, str(sample)
        assert files(storage_root) == [], str(sample)

    assert Attachment.objects.count() == 0
    assert not Upload.objects.filter(refusal="").exists()


@pytest.mark.parametrize("way", [by_form, by_pieces])
def test_the_same_doors_let_good_files_in(browser, case, storage_root, way):
    firsts = {kind: next(iter(made.values())) for kind, made in good.SAMPLES.items()}
    samples = [(f"好{kind}.{good.EXTENSIONS[kind]}", make()) for kind, make in firsts.items()]

    for name, content in samples:
        way(browser, case, name, content)

    assert sorted(Attachment.objects.values_list("name", flat=True)) == sorted(name for name, _ in samples)
    assert len(files(storage_root)) == len(samples)


ODD = {
    "very long": "长" * 3000 + ".png",
    "a dot alone": ".",
    "two dots": "..",
    "blanks": "   ",
    "quotes": 'a"b.png',
    "entities": "&#46;&#46;&#47;a.png",
    "percent": "%2e%2e%2fa.png",
    "lone surrogate": "a\udcff.png",
    "emoji": "😀.png",
    "device": "CON.png",
    "two ends": "a.png.exe",
    "trailing dot": "a.png.",
    "semicolon": "a.png;evil.exe",
    "stream": "a.png::$DATA",
}


@pytest.mark.parametrize("label", ODD)
def test_odd_names_are_refused_or_made_harmless(browser, case, storage_root, settings, label):
    settings.TEMPLATES = sparing.TEMPLATES
    sparing.draw(False)
    content = hostile.png()
    name = ODD[label].encode("utf-8", "replace").decode()
    told = [way(browser, case, name, content) for way in (by_form, by_pieces)]

    names = list(Attachment.objects.values_list("name", flat=True))
    assert len(names) + sum(isinstance(one, list) and bool(one) for one in told) >= 1
    for kept_name in names:
        assert len(kept_name) <= 120
        assert re.search(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e]', kept_name) is None
    assert all(re.fullmatch(r"evidence/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}", name) for name in files(storage_root))
    assert len(files(storage_root)) == min(1, len(names))
