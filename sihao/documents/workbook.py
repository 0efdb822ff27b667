"""A Paper as a workbook: its text and figures on the first sheet, each table as typed cells on one of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from sihao.documents.paper import KeyValues, Listing, Paper, printable
from sihao.documents.table import Column, Table
from sihao.documents.xlsx import EPOCH
from sihao.documents.xlsx import write as write_tables

TEXT = (Column("栏目", width=24), Column("内容", width=72))


def write(paper: Paper, file: BinaryIO, *, at: datetime = EPOCH) -> None:
    """Write the paper; one that is a single table is a single sheet, with what else stands on it around it."""
    first, *others = tables_of(paper)
    write_tables(first, file, at=at, others=others)


def tables_of(paper: Paper) -> list[Table]:
    """Return the sheets of the paper."""
    listings = paper.listings
    around = [block for block in paper.blocks if not isinstance(block, Listing)]
    if len(listings) == 1 and not any(isinstance(block, KeyValues) for block in around):
        notes = ["　".join(filter(None, line)) for block in around for line in block.lines()]
        table = listings[0].table
        caption = [listings[0].caption] if listings[0].caption else []
        captions = [*_head(paper), *caption, *table.captions]
        return [replace(table, title=paper.title, captions=captions, notes=[*table.notes, *notes])]
    text = Table(
        title=paper.title,
        columns=TEXT,
        rows=list(_rows(paper)),
        captions=_head(paper),
        landscape=False,
        sheet="正文",
        fitted=True,
    )
    return [text, *(_named(listing, place) for place, listing in enumerate(listings, start=1))]


def _named(listing: Listing, place: int) -> Table:
    title = listing.table.title or listing.caption or f"表{place}"
    caption = [] if listing.caption in {"", title} else [listing.caption]
    captions = [*caption, *listing.table.captions]
    return replace(listing.table, title=title, captions=captions, sheet=listing.table.sheet or f"{place} {title}")


def _head(paper: Paper) -> list[str]:
    """Return what stands above: the annex mark, what the paper is and how it stands."""
    standing = paper.standing.words if paper.standing is not None else ()
    told = (paper.annex, paper.watermark, *paper.captions, *standing)
    return ["　".join(filter(None, told))] if any(told) else []


def _rows(paper: Paper) -> Iterator[tuple[str, str]]:
    for block in paper.blocks:
        if isinstance(block, Listing):
            yield "", f"见“{printable(block.table.title or block.caption)}”表"
            continue
        for line in block.lines():
            yield (line[0], "　".join(line[1:])) if len(line) > 1 else ("", line[0])
