"""The opinion block of a tier: what stands in it, phrases that may be taken over, who said what below."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from declarations.models import Endorsement
from declarations.queries.compact import CompactDossier
from declarations.queries.dossier import Dossier
from declarations.queries.drafting.saved import Collision
from declarations.queries.tier_verdict import TierVerdict
from declarations.queries.workspace import layers_below, own_layer
from declarations.states import Stance
from scoring.engine import figure
from sihao.accounts.models import Seat

PARTS = ("stance", "text", "authentic")
MOST_NAMED = 12


@dataclass(frozen=True)
class OpinionBlock:
    """The opinion as it is being written, with what may be taken over into it; nothing is chosen beforehand."""

    stances: tuple[tuple[str, str], ...]
    stance: str
    text: str
    authentic: bool
    versions: Mapping[str, int]
    by: str
    at: datetime | None
    phrases: tuple[str, ...]
    earlier: tuple[Endorsement, ...]
    collisions: tuple[Collision, ...]

    @property
    def seen(self) -> str:
        """The version of every part as drawn."""
        return " ".join(f"opinion_{name}:{self.versions.get(name, 0)}" for name in PARTS)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is still missing, in words."""
        asked = {"结论": self.stance, "意见": self.text.strip(), "真实性核对": self.authentic}
        return tuple(word for word, given in asked.items() if not given)


def stances_for(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Return the conclusions that the holder may come to, each with its word."""
    if dossier.case.holder_id == dossier.case.unit_id:
        return tuple((one.value, one.label) for one in Stance)
    return ((Stance.AGREE.value, "同意推荐，报上级审核"), (Stance.AGAINST.value, Stance.AGAINST.label))


def opinion_block(
    dossier: CompactDossier, verdict: TierVerdict, collisions: Mapping[str, Collision] | None = None
) -> OpinionBlock:
    """Return the block; where two people met, what the later one typed stands in the fields."""
    mine = open_opinion(dossier.seat, dossier)
    stands = {name: getattr(mine, name) for name in PARTS} if mine is not None else {}
    met = {name: one for name in PARTS if (one := (collisions or {}).get(f"opinion_{name}"))}
    shown = stands | {name: one.typed for name, one in met.items()}
    return OpinionBlock(
        stances=stances_for(dossier),
        stance=str(shown.get("stance", "")),
        text=str(shown.get("text", "")),
        authentic=bool(shown.get("authentic", False)),
        versions=mine.versions if mine is not None else {},
        by=mine.written_by.signature if mine is not None else "",
        at=mine.written_at if mine is not None else None,
        phrases=tuple(_phrases(dossier, verdict)),
        earlier=tuple(earlier_opinions(dossier.seat, dossier)),
        collisions=tuple(met.values()),
    )


def _phrases(dossier: CompactDossier, verdict: TierVerdict) -> Iterable[str]:
    """Yield sentences that an official would write here; none of them says what the conclusion is."""
    yield "经逐项核对申报表、自评表和佐证材料，申报内容与实际情况相符。"
    yield "经实地走访和查阅原件，主要佐证材料真实有效。"
    yield from _adjusted(dossier, verdict)
    if not verdict.left:
        figures = {one.key: one for one in verdict.figures}
        yield (
            f"本级审核得分{figures['total'].value}分（满分{figures['total'].of}分），"
            + "，".join(f"{one.label}{one.value}{'分' if one.key == 'bonus' else '项'}" for one in _others(figures))
            + "。"
        )
    yield "个别佐证材料不够完整，已在相应指标中说明。"
    yield "经本单位领导班子集体研究，"


def _others(figures: Mapping[str, object]) -> Iterable[object]:
    return (figures[key] for key in ("bonus", "veto", "baseline") if key in figures)


def _adjusted(dossier: CompactDossier, verdict: TierVerdict) -> Iterable[str]:
    """Yield the sentence that names the rows whose mark the tier changed, and what each was."""
    layer = own_layer(dossier.seat)
    own, below = dossier.book.layer(layer), dossier.book.below(layer)
    if own is None or below is None:
        return
    lower, order = below.points, [item.id for item in dossier.programme.rubric.items()]
    moved = [code for code in order if code in own.points and code in lower and own.points[code] != lower[code]]
    if not moved and verdict.left:
        return
    if not moved:
        yield f"各项得分经核对，与{layers_below(dossier.seat, dossier)[-1][0]}一致。"
        return
    named = "、".join(f"{code}由{figure(lower[code])}分改为{figure(own.points[code])}分" for code in moved[:MOST_NAMED])
    more = f"等{len(moved)}项" if len(moved) > MOST_NAMED else f"，共{len(moved)}项"
    yield f"经核对，调整得分：{named}{more}。"


PART_LABELS = {"stance": "本级结论", "text": "审核意见", "authentic": "真实性核对"}


def opinion_collision(name: str, mine: object, value: object, *, version: int, by: Seat, at: datetime) -> Collision:
    """Return a part of the opinion that two people changed at once, in words; a tick is told as a list of ticks."""
    told = (["true"] if value else []) if name == "authentic" else value
    return Collision(
        label=PART_LABELS[name],
        place="opinion",
        mine=_in_words(name, mine),
        theirs=_in_words(name, value),
        typed=mine,
        value=told,
        version=version,
        by=by.user.name,
        at=at,
    )


def _in_words(name: str, value: object) -> str:
    if name == "authentic":
        return "已核对" if value else "未核对"
    if name == "stance":
        return Stance(value).label if value else "（未选）"
    return str(value) or "（空白）"


def earlier_opinions(seat: Seat, dossier: Dossier) -> list[Endorsement]:
    """Return the signed opinions of the tiers at or beneath the viewer's, in the order they were written."""
    mine = seat.organisation
    return [
        one
        for one in dossier.endorsements
        if one.signed_at is not None and (one.organisation_id == mine.pk or one.organisation.level > mine.level)
    ]


def open_opinion(seat: Seat, dossier: Dossier) -> Endorsement | None:
    """Return the viewer's tier's opinion while it is not signed."""
    opinion = dossier.opinion_of(seat.organisation_id)
    return opinion if opinion is not None and opinion.signed_at is None else None
