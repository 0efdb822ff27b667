"""What the style sheets and templates promise: contrast, one home for colours, nothing inline."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted(
    [*(ROOT / "templates").rglob("*.html"), *(ROOT / "sihao" / "ui" / "templates").rglob("*.html")]
)
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", TOKENS.partition("@media")[0]))

# Text and what it stands on.
TEXT = [
    *(
        ("ink", ground)
        for ground in ("paper", "paper-deep", "sheet", "neutral-wash", "blue-wash", "amber-wash")
    ),
    *(("ink", ground) for ground in ("green-wash", "danger-wash", "seal-wash")),
    *(("ink-soft", ground) for ground in ("paper", "paper-deep", "sheet", "neutral-wash", "blue-wash")),
    *(
        ("blue", ground)
        for ground in ("paper", "paper-deep", "sheet", "blue-wash", "amber-wash", "danger-wash")
    ),
    *(("blue-deep", ground) for ground in ("paper", "paper-deep", "sheet", "blue-wash")),
    *(("seal", ground) for ground in ("paper", "sheet", "seal-wash")),
    *(("green", ground) for ground in ("paper", "sheet", "green-wash", "blue-wash")),
    *(("amber", ground) for ground in ("paper", "sheet", "amber-wash", "blue-wash")),
    *(("danger", ground) for ground in ("paper", "sheet", "danger-wash", "blue-wash")),
    ("on-seal", "seal"),
    ("on-seal", "seal-deep"),
    ("on-blue", "blue"),
]
# Edges of controls, marks and the focus ring.
EDGES = [
    *(("line-strong", ground) for ground in ("paper", "sheet")),
    *(("blue", ground) for ground in ("paper", "paper-deep", "sheet")),
    *(("seal", ground) for ground in ("paper", "paper-deep", "sheet")),
    *(("danger", ground) for ground in ("paper", "sheet")),
]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_rightly():
    assert round(contrast("ink", "ink"), 2) == 1
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#000000") == 0


@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_stands_out_from_its_ground(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_stand_out_from_their_ground(edge, ground):
    assert contrast(edge, ground) >= 3


@pytest.mark.parametrize(
    "sheet", [sheet for sheet in SHEETS if sheet.name != "tokens.css"], ids=lambda sheet: sheet.name
)
def test_no_colour_outside_the_tokens(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|color-mix)\(", text) == []
    named = r":[^;{}]*\b(?:white|black|red|blue|green|gray|grey|orange|yellow|navy|silver)\b(?!-)[^;{}]*;"
    assert re.findall(named, re.sub(r"var\([^)]*\)", "", text)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_token_in_use_exists_and_braces_close(sheet):
    text = sheet.read_text(encoding="utf-8")
    known = set(re.findall(r"--([a-z0-9-]+):", TOKENS))

    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) - known == set()
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_has_anything_inline(template):
    text = re.sub(
        r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}",
        "",
        template.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )

    assert re.findall(r"\sstyle\s*=|<style\b", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", text) if " src=" not in tag] == []
    assert re.findall(r"javascript:", text) == []
    assert re.findall(r"[^&\w]#[0-9a-fA-F]{6}\b", text) == []
    assert re.findall(r"(?:src|href)=[\"']https?://", text) == []


def test_papers_need_no_other_sheet_for_their_colours():
    assert {"ink", "sheet", "watermark"} <= set(COLOURS)


INCLUDE = re.compile(r'{%\s*include\s+"([^"]+)"([^%]*)%}')


def carries_a_token(name: str) -> bool:
    """Whether a template draws a form that is posted, itself or by what it includes."""
    text = (ROOT / "templates" / name).read_text(encoding="utf-8")
    return "csrf_token %}" in text or any(carries_a_token(inner) for inner, _ in INCLUDE.findall(text))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_that_is_posted_is_handed_its_token(template):
    parts = INCLUDE.findall(template.read_text(encoding="utf-8"))
    closed = [(name, given) for name, given in parts if given.split()[-1:] == ["only"] and carries_a_token(name)]

    assert [name for name, given in closed if "csrf_token=csrf_token" not in given] == []
