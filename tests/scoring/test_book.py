"""What the tiers beneath a layer came to."""

from decimal import Decimal

from scoring.models import Assessment, Layer, Mark
from scoring.queries import Book, Sheet


def sheet(layer, **points):
    marks = {code: Mark(code=code, points=None if one is None else Decimal(one)) for code, one in points.items()}
    return Sheet(Assessment(layer=layer), marks)


def test_of_each_row_the_highest_tier_that_marked_it_counts():
    book = Book((sheet(Layer.SELF, a="7", b="5", c="3"), sheet(Layer.COUNTY, a="6", b=None), sheet(Layer.CITY)))

    assert book.below(Layer.PROVINCE).points == {"a": Decimal(6), "b": Decimal(5), "c": Decimal(3)}
    assert book.below(Layer.PROVINCE).layer == Layer.COUNTY
    assert book.below(Layer.COUNTY).points == {"a": Decimal(7), "b": Decimal(5), "c": Decimal(3)}
    assert book.below(Layer.SELF) is None
    assert book.below(Layer.EXPERT).points["a"] == Decimal(6)
