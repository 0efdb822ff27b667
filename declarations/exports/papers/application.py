"""附件4 and 附件5 of one case as papers: the form as it was filled in, the standard with every layer's marks."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from declarations.exports.papers.rows import NUMBER, columns_in, figures_of, numbered
from declarations.queries.facts import Dossier
from declarations.queries.pages import told_value
from declarations.queries.proof_numbers import Proof, numbers_by_row
from declarations.queries.self_paper import Assessed, assessed_for
from declarations.rules import is_editable
from scoring.engine import FieldSpec, ItemSpec, numeral
from sihao.accounts.models import Seat
from sihao.documents.paper import Block, Grid, Heading, KeyValues, Listing, Paper, Paragraph, Signatures
from sihao.documents.table import Column, Table

ANNEX_4, ANNEX_5 = "附件4", "附件5"
YES = frozenset({"true", "True", "是", "1"})
NONE = "无"
SMALL = 7.5


def draft_mark(seat: Seat, dossier: Dossier) -> str:
    """Return what stands behind the pages: 草稿 while the chamber may still write, 示例 on a rehearsal's papers."""
    if is_editable(seat, dossier.case):
        return "草稿"
    return "示例" if dossier.case.cycle.is_sample else ""


def case_captions(dossier: Dossier) -> tuple[str, ...]:
    """Return what stands under a title: whose, and by which standard."""
    case = dossier.case
    return (f"{case.applicant_name}　受理编号{case.number}", f"标准{dossier.programme.short_status}")


# ---- 附件4


def application_paper(seat: Seat, dossier: Dossier) -> Paper:
    """Return the application form: every heading and field of the programme in its order."""
    blocks: list[Block] = []
    for place, (title, specs) in enumerate(dossier.programme.field_groups(), start=1):
        blocks += [Heading(f"{numeral(place)}、{title}"), *_group(seat, dossier, specs)]
    return Paper(
        f"{dossier.case.cycle.honour}申报表",
        tuple(blocks),
        annex=ANNEX_4,
        captions=case_captions(dossier),
        watermark=draft_mark(seat, dossier),
    )


def _group(seat: Seat, dossier: Dossier, specs: tuple[FieldSpec, ...]) -> Iterator[Block]:
    """Yield a heading's fields: pairs as one form, records as tables, a commitment with its wording."""
    pairs: list[tuple[str, str]] = []
    for spec in specs:
        answer = dossier.answers.get(spec.id)
        value = answer.value if answer is not None else None
        if not (spec.text or spec.signatures or (spec.kind == "list" and value)):
            pairs.append(
                (spec.label, told_value(seat, dossier, spec) or ("" if spec.kind != "list" else NONE))
            )
            continue
        if pairs:
            yield KeyValues(tuple(pairs))
            pairs = []
        if spec.kind == "list" and isinstance(value, list):
            yield _records(spec, value)
        else:
            yield from _commitment(spec, told_value(seat, dossier, spec))
    if pairs:
        yield KeyValues(tuple(pairs))


def _records(spec: FieldSpec, records: list[object]) -> Listing:
    rows = [one for one in records if isinstance(one, dict)]
    columns = [NUMBER, *(_record_column(item, rows) for item in spec.item)]
    return Listing(Table(spec.label, columns, numbered(rows)), caption=spec.label, size=10.5)


def _record_column(item: ItemSpec, rows: list[dict[str, object]]) -> Column:
    longest = max([len(item.label), *(len(str(row.get(item.id) or "")) for row in rows)])
    return Column(
        item.label, key=lambda row: _told(item, row.one.get(item.id)), width=max(8, min(40, 2 * longest))
    )


def _told(item: ItemSpec, value: object) -> str:
    if value in (None, "", []):
        return ""
    if item.kind == "bool":
        return "是" if str(value) in YES else "否"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _commitment(spec: FieldSpec, told: str) -> Iterator[Block]:
    yield Heading(spec.label, 2)
    if spec.text:
        yield Paragraph(spec.text)
    if told:
        yield Paragraph(f"{spec.label}：{'已作出' if told == '是' else told}。")
    if spec.signatures:
        yield Signatures(tuple(f"{name}：" for name in spec.signatures))


# ---- 附件5

LEAST = {
    "序号": (4, "center"), "一级指标": (9, "left"), "二级指标": (14, "left"), "末级指标": (33, "left"),
    "标记": (9, "center"), "评分标准": (53, "left"), "分值": (7, "right"), "自评得分": (7, "right"),
    "实际情况说明": (29, "left"), "佐证材料编号": (8, "center"), "县级审核得分": (7, "right"),
    "市级审核得分": (7, "right"), "省级审核得分": (7, "right"), "扣分原因": (12, "left"),
}  # fmt: skip
LAYERS = {
    "自评得分": "自评",
    "县级审核得分": "县级审核",
    "市级审核得分": "市级审核",
    "省级审核得分": "省级审核",
}
TITLES = tuple(LEAST)


def self_assessment_paper(seat: Seat, dossier: Dossier) -> Paper:
    """Return the self-assessment in the programme's columns, with the marks of every layer that the viewer may read."""
    told = assessed_for(seat, dossier)
    further = [title for title in told.titles if title not in LAYERS.values()]
    titles = columns_in(dossier.programme, dossier.programme.annex5_columns or TITLES)
    columns = [_column(title, told) for title in titles]
    columns += [_marks_of(title, f"{title}得分" if "评分" not in title else title, told) for title in further]
    numbers = numbers_by_row(dossier)
    rows = [row | {"numbers": numbers.get(str(row["code"]), "")} for row in told.rows]
    table = Table("自评表", columns, rows, footer=[tuple(_sums(columns, told))], sheet="自评表")
    closed = [title for title, layer in LAYERS.items() if layer not in told.titles and title in TITLES]
    note = f"{'、'.join(closed)}栏由各级工商联填写，本件不载。" if closed else ""
    return Paper(
        f"{dossier.case.cycle.honour}自评表",
        (
            Listing(table, size=SMALL),
            *((Paragraph(note, note=True),) if note else ()),
            *_verdict(told),
        ),
        annex=ANNEX_5,
        captions=("　".join(case_captions(dossier)),),
        landscape=True,
        watermark=draft_mark(seat, dossier),
    )


def _column(title: str, told: Assessed) -> Column:
    if title in LAYERS:
        return _marks_of(LAYERS[title], title, told)
    width, align = LEAST.get(title, (12, "left"))
    keys: Mapping[str, str] = {
        "序号": "place", "一级指标": "section", "二级指标": "group", "末级指标": "name", "标记": "mark",
        "评分标准": "standard", "分值": "points", "实际情况说明": "words", "佐证材料编号": "numbers",
        "扣分原因": "reasons",
    }  # fmt: skip
    kind = "int" if title == "序号" else "decimal" if title == "分值" else "text"
    return Column(title, kind, lambda row: row.get(keys.get(title, "")), width=width, align=align)


def _marks_of(layer: str, title: str, told: Assessed) -> Column:
    return Column(title, "decimal", lambda row: told.marks.get(layer, {}).get(row["code"]), width=7)


def _sums(columns: list[Column], told: Assessed) -> Iterator[object]:
    """Yield the foot of the table: the full marks, and the sum of each layer that is shown."""
    further = [title for title in told.titles if title not in LAYERS.values()]
    of_layer = {**LAYERS, **{f"{title}得分" if "评分" not in title else title: title for title in further}}
    for number, column in enumerate(columns):
        layer = of_layer.get(column.title)
        if number == 0:
            yield ""
        elif column.title == "末级指标":
            yield "合计"
        elif column.title == "分值":
            yield told.maximum
        else:
            yield sum(told.marks[layer].values(), Decimal(0)) if layer in told.marks else ""


def _verdict(told: Assessed) -> Iterator[Block]:
    """Yield the sums of the sections and what the marks come to, for the last layer that is shown."""
    if told.judgement is None:
        return
    strip = told.judgement.strip
    yield Paragraph(f"各部分得分（{told.judgement.title}）：{'；'.join(told.section_words)}。", note=True)
    figures = [*figures_of(strip), ("结论", f"{strip.conclusion}（{strip.note}）")]
    yield Grid((tuple(name for name, _ in figures), tuple(figure for _, figure in figures)))
    for sentence in told.judgement.sentences:
        yield Paragraph(sentence, note=True)


def evidence_table(proofs: list[Proof]) -> Table:
    """Return the evidence as a table: number, what it proves, name, kind, size, digest."""
    return Table(
        "佐证材料目录",
        [
            Column("编号", "int", lambda proof: proof.number, width=6, align="center"),
            Column("所证事项", key="proves", width=30),
            Column("文件名", key=lambda proof: proof.piece.name, width=32),
            Column("类型", key=lambda proof: proof.piece.kind.upper(), width=8, align="center"),
            Column("页码提示", key=lambda proof: proof.piece.pages, width=10),
            Column("摘要值（前16位）", key=lambda proof: proof.piece.digest[:16].upper(), width=24),
        ],
        proofs,
        sheet="佐证材料目录",
    )
