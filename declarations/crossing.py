"""What cases have in common, and which of their figures stand apart: from values alone, linear in their number."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from declarations.alike import Likeness
from declarations.copying import NO_SIGN, Beside
from declarations.outliers import FEWEST, spread_of
from declarations.states import CrossKind

COMPANY = re.compile(r".*?(?:公司|集团|厂|中心|合作社|商行|事务所|酒店|超市)")
NAMED_PLACES = 3


def bare(words: str) -> str:
    """Return a name without white space and punctuation; figures in it tell people and enterprises apart."""
    return NO_SIGN.sub("", words)


@dataclass(frozen=True)
class Person:
    """Who presides: the name, the post with the enterprise, the telephone."""

    name: str
    post: str = ""
    phone: str = ""

    @property
    def company(self) -> str:
        """The enterprise without the post, as it is compared."""
        found = COMPANY.match(self.post)
        return bare(found.group() if found else self.post)


@dataclass(frozen=True)
class Compared:
    """What is compared of one case, but for its texts: ``files`` by digest, what each proves and is called."""

    pk: int
    unit: int = 0
    phones: Mapping[str, str] = field(default_factory=dict)
    person: Person | None = None
    peers: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A figure of the form: its name, its unit, and whether it is a share of a hundred."""

    id: str
    label: str
    unit: str = ""
    is_share: bool = False

    def told(self, value: float) -> str:
        """Return a value in words."""
        return f"{value * 100:.4g}%" if self.is_share else f"{value:,.10g}{self.unit}"


@dataclass(frozen=True)
class Part:
    """What is told of one case in a finding: a sentence that names no other case."""

    case: int
    sentence: str
    places: tuple[str, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Crossed:
    """One finding across cases."""

    kind: CrossKind
    key: str
    title: str
    parts: tuple[Part, ...]
    weight: int = 0
    told: Mapping[str, object] = field(default_factory=dict)


def key_of(*words: str) -> str:
    """Return a short key that does not tell what it stands for."""
    return sha256("\x00".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def found_among(cases: Sequence[Compared], figures: Sequence[Figure], called: str) -> list[Crossed]:
    """Return everything that is found but for copied texts; ``called`` is what who presides is called."""
    found = (same_files(cases), same_phones(cases), same_people(cases, called), apart(cases, figures))
    return [one for part in found for one in part]


# ---- the same file, telephone, person


def same_files(cases: Iterable[Compared]) -> Iterator[Crossed]:
    """Yield each file that several cases use."""
    used: dict[str, list[Compared]] = {}
    for case in cases:
        for digest in case.files:
            used.setdefault(digest, []).append(case)
    for digest, users in used.items():
        if len(users) > 1:
            parts = tuple(_file_part(case, digest, len(users) - 1) for case in users)
            yield Crossed(CrossKind.FILE, digest, users[0].files[digest][0][1], parts, len(users))


def _file_part(case: Compared, digest: str, others: int) -> Part:
    proved = case.files[digest]
    places = tuple(dict.fromkeys(place for place, _ in proved))
    return Part(case.pk, f"{_some(places)}的佐证材料《{proved[0][1]}》：另有{others}件申报使用同一文件。", places)


def alike_files(cases: Iterable[Compared], likenesses: Iterable[Likeness]) -> Iterator[Crossed]:
    """Yield each two files that are alike and that different cases use.

    A case that uses both has them for the same file as the other; of that ``same_files`` tells.
    """
    used: dict[str, dict[int, Compared]] = {}
    for case in cases:
        for digest in case.files:
            used.setdefault(digest, {})[case.pk] = case
    for one in likenesses:
        first, second = used.get(one.first, {}), used.get(one.second, {})
        left, right = sorted(first.keys() - second.keys()), sorted(second.keys() - first.keys())
        if left and right:
            parts = [_alike_part(first[pk], one.first, one) for pk in left]
            parts += [_alike_part(second[pk], one.second, one) for pk in right]
            yield _alike(one, first[left[0]], second[right[0]], tuple(parts))


def _alike(one: Likeness, left: Compared, right: Compared, parts: tuple[Part, ...]) -> Crossed:
    names = [left.files[one.first][0][1], right.files[one.second][0][1]]
    kind = CrossKind.PROOF if one.bits is None else CrossKind.PICTURE
    told = {"left": left.pk, "right": right.pk, "files": [one.first, one.second], "told": one.told}
    weight = one.shared if one.bits is None else 64 - one.bits
    return Crossed(kind, key_of(one.first, one.second), "、".join(f"《{name}》" for name in names), parts, weight, told)


def _alike_part(case: Compared, digest: str, one: Likeness) -> Part:
    proved = case.files[digest]
    places = tuple(dict.fromkeys(place for place, _ in proved))
    where, name = _some(places), proved[0][1]
    if one.bits is None:
        told = f"文字与另一件申报的材料近似，{one.shared}字相同，占较短一份的{one.share:.0%}。"
        return Part(case.pk, f"{where}的佐证材料《{name}》：{told}", places, {"file": digest})
    told = f"与另一件申报的照片近似（{one.told}）。"
    return Part(case.pk, f"{where}的照片《{name}》：{told}", places, {"file": digest})


def _some(places: Sequence[str]) -> str:
    return "、".join(places[:NAMED_PLACES]) + ("等" if len(places) > NAMED_PLACES else "")


def masked(phone: str) -> str:
    """Return a number with its middle hidden."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else phone


def same_phones(cases: Iterable[Compared]) -> Iterator[Crossed]:
    """Yield each telephone that several cases give, for whomever."""
    given: dict[str, dict[int, list[str]]] = {}
    for case in cases:
        for label, phone in case.phones.items():
            digits = re.sub(r"\D", "", phone)[-11:]
            if len(digits) >= 7:
                given.setdefault(digits, {}).setdefault(case.pk, []).append(label)
    for digits, users in given.items():
        if len(users) > 1:
            parts = tuple(
                Part(pk, f"{'、'.join(labels)}{masked(digits)}：另有{len(users) - 1}件填写同一号码。", tuple(labels))
                for pk, labels in users.items()
            )
            yield Crossed(CrossKind.PHONE, key_of(digits), masked(digits), parts, len(users))


def same_people(cases: Sequence[Compared], called: str) -> Iterator[Crossed]:
    """Yield who presides over several chambers: by name and enterprise or telephone, or in one unit by name alone."""
    firm: dict[tuple[str, str], set[int]] = {}
    loose: dict[tuple[str, int], set[int]] = {}
    for case in cases:
        if case.person is None or not (name := bare(case.person.name)):
            continue
        for sign in {case.person.company, re.sub(r"\D", "", case.person.phone)} - {""}:
            firm.setdefault((name, sign), set()).add(case.pk)
        loose.setdefault((name, case.unit), set()).add(case.pk)
    names = {case.pk: case.person.name for case in cases if case.person is not None}
    told: set[frozenset[int]] = set()
    for (name, sign), users in sorted(firm.items()):
        if len(users) > 1 and (group := frozenset(users)) not in told:
            told.add(group)
            yield _person(key_of(name, sign), group, names, called, "姓名和所在企业或者电话相同")
    for (name, unit), users in sorted(loose.items()):
        if len(users) > 1 and not any(users <= group for group in told):
            yield _person(key_of(name, f"#{unit}"), users, names, called, "同一推荐单位内姓名相同，所在企业和电话不同")


def _person(key: str, users: Iterable[int], names: Mapping[int, str], called: str, how: str) -> Crossed:
    group = sorted(users)
    parts = tuple(
        Part(pk, f"{called}{names[pk]}：与另外{len(group) - 1}件申报的{called}{how}。", (called,)) for pk in group
    )
    return Crossed(CrossKind.PRESIDENT, key, names[group[0]], parts, len(group))


# ---- figures among those of peers


def apart(cases: Iterable[Compared], figures: Iterable[Figure]) -> Iterator[Crossed]:
    """Yield each figure of a group of peers in which some stand apart, with all that the group declared.

    Peers are alike in every way that the programme names; where they are too few, alike in the first of these alone.
    """
    groups = _groups(cases)
    for figure in figures:
        for peers, (group, told) in sorted(groups.items()):
            yield from _apart(figure, peers, group, told)


Group = tuple[list[Compared], frozenset[int]]


def _groups(cases: Iterable[Compared]) -> dict[tuple[str, ...], Group]:
    """Return the groups of peers, each with those of it (by key) that are told of there."""
    close: dict[tuple[str, ...], list[Compared]] = {}
    for case in cases:
        if case.peers and all(case.peers):
            close.setdefault(case.peers, []).append(case)
    found = {peers: (group, _keys(group)) for peers, group in close.items() if len(group) >= FEWEST}
    wide: dict[str, list[Compared]] = {}
    for peers, group in close.items():
        wide.setdefault(peers[0], []).extend(group)
    few = {kind: _keys(one for one in group if one.peers not in found) for kind, group in wide.items()}
    return found | {(kind,): (group, few[kind]) for kind, group in wide.items() if few[kind]}


def _keys(group: Iterable[Compared]) -> frozenset[int]:
    return frozenset(case.pk for case in group)


def _apart(
    figure: Figure, peers: tuple[str, ...], group: Sequence[Compared], told_of: frozenset[int]
) -> Iterator[Crossed]:
    values = {case.pk: case.figures[figure.id] for case in group if figure.id in case.figures}
    spread = spread_of(values, by_factor=not figure.is_share)
    scores = {pk: score for pk, score in spread.out_of_line.items() if pk in told_of} if spread is not None else {}
    if spread is None or not scores:
        return
    like, middle = "、".join(peers), figure.told(spread.median)
    parts = tuple(
        Part(
            pk,
            f"{figure.label}{figure.told(values[pk])}：{like}同类{spread.number}件的中位数为{middle}，明显偏"
            f"{'高' if score > 0 else '低'}（稳健z值{score:.1f}）。",
            (figure.label,),
            {"value": values[pk], "score": round(score, 2)},
        )
        for pk, score in sorted(scores.items())
    )
    told = {
        "label": figure.label,
        "unit": figure.unit,
        "share": figure.is_share,
        "like": like,
        "median": spread.median,
        "values": [[pk, value] for pk, value in sorted(values.items())],
    }
    weight = max(round(abs(score) * 10) for score in scores.values())
    yield Crossed(CrossKind.FIGURE, f"{figure.id}-{key_of(*peers)}", figure.label, parts, weight, told)


# ---- copied texts


def copied(first: int, second: int, found: Beside) -> Crossed:
    """Return the finding of two cases that share their wording."""
    sentence = f"有{found.shared}字与另一件申报相同，占较短一件的{found.share:.0%}。"
    told: dict[str, object] = {"shared": found.shared, "share": round(found.share, 4)}
    passages = [[one.left, *one.left_span, one.right, *one.right_span] for one in found.passages]
    sides = ((first, "left"), (second, "right"))
    parts = tuple(
        Part(pk, sentence, tuple(dict.fromkeys(getattr(one, side) for one in found.passages)), dict(told))
        for pk, side in sides
    )
    told |= {"left": first, "right": second, "passages": passages}
    return Crossed(CrossKind.TEXT, f"{first}-{second}", f"{found.shared}字相同", parts, found.shared, told)


def set_text(group: Mapping[int, str]) -> Crossed:
    """Return the finding of many cases that have one whole text in common; of each case where it has it."""
    keys = sorted(group)
    sentence = f"有整段文字与另外{len(keys) - 1}件申报完全相同，像是同一范文。"
    parts = tuple(Part(pk, sentence, (group[pk],)) for pk in keys)
    return Crossed(CrossKind.TEXT, f"all-{key_of(*map(str, keys))}", f"{len(keys)}件使用同一段文字", parts, len(keys))
