"""A page that leaves open what its base class asks of it fails here and not when somebody opens it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def views(resolver: URLResolver) -> Iterator[type]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield from filter(None, [getattr(entry.callback, "view_class", None)])
        else:
            yield from views(entry)


def left_open(view: type) -> frozenset[str]:
    return getattr(view, "__abstractmethods__", frozenset())


def test_every_page_fills_what_its_base_leaves_open():
    found = list(views(get_resolver()))

    assert len(found) > 200
    assert [view.__qualname__ for view in found if left_open(view)] == []


def test_what_is_left_open_is_seen():
    class Base(ABC):
        @abstractmethod
        def page(self) -> str: ...

    class Page(Base):
        pass

    assert left_open(Page) == {"page"}
