"""The trail of a cycle as the chain has it: each entry in the bytes that were sealed, and the seals of the days."""

from pathlib import Path

from declarations.models import Cycle
from declarations.queries.archive import Segment, heads_of, linked
from sihao.accounts.models import Seat
from sihao.audit.queries import heads_text

FORMAT = "sihao-trail-1"
TRAIL, HEADS = "八_留痕/留痕.txt", "八_留痕/每日封存值.txt"


def write_trail(folder: Path, *, seat: Seat, cycle: Cycle, segment: Segment, whole: bool) -> None:
    """Write the segment, an entry to a line: place, hash, seal, spelling; of what is not told a stroke stands there."""
    path = folder / TRAIL
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(f"{FORMAT}\t{segment.first}\t{segment.last}\t{segment.before}\n".encode())
        for link, told in linked(seat, cycle, segment, whole=whole):
            place = {"sequence": link.sequence, "name": link.hash, "at": link.at}
            spelled = link.entry.spelling.placed(**place) if told else b"-"
            file.write(f"{link.sequence}\t{link.hash}\t{link.seal}\t".encode() + spelled + b"\n")
    title = f"{cycle.name}留痕的每日封存值，第{segment.first}条至第{segment.last}条"
    (folder / HEADS).write_text(heads_text(heads_of(segment), title), encoding="utf-8", newline="\n")
