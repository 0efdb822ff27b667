"""The scoring engine: rules in, verdicts out; standard library only, no clock, no randomness."""

from .answers import is_blank, parse_value
from .boundary import Near, margin_of, near
from .checks import Finding, check
from .crosscheck import CrossCheck
from .evaluate import GateFinding, Verdict, evaluate, partial
from .explain import explain
from .facts import Facts
from .fields import FieldSpec, ItemSpec, ValueProblem
from .figures import clip, figure, numeral, points
from .loader import load_programme
from .marking import Proposal, Rule, apply, possible_points
from .panel import METHODS, TRIM_FROM, needs_third, settle
from .programme import Programme
from .propose import propose
from .rank import Placed, RankEntry, rank
from .remedy import Change, smallest_set, what_would_change
from .rubric import Gate, Group, Item, MarkSpec, Rubric, Section, Stage, rule_text
from .sheet import ScoreSheet, parse_mark
from .surroundings import Evidence, OwnMark, Surroundings
from .tables import ProgrammeError

__all__ = [
    "METHODS",
    "TRIM_FROM",
    "Change",
    "CrossCheck",
    "Evidence",
    "Facts",
    "FieldSpec",
    "Finding",
    "Gate",
    "GateFinding",
    "Group",
    "Item",
    "ItemSpec",
    "MarkSpec",
    "Near",
    "OwnMark",
    "Placed",
    "Programme",
    "ProgrammeError",
    "Proposal",
    "RankEntry",
    "Rubric",
    "Rule",
    "ScoreSheet",
    "Section",
    "Stage",
    "Surroundings",
    "ValueProblem",
    "Verdict",
    "apply",
    "check",
    "clip",
    "evaluate",
    "explain",
    "figure",
    "is_blank",
    "load_programme",
    "margin_of",
    "near",
    "needs_third",
    "numeral",
    "parse_mark",
    "parse_value",
    "partial",
    "points",
    "possible_points",
    "propose",
    "rank",
    "rule_text",
    "settle",
    "smallest_set",
    "what_would_change",
]
