"""The signs of the house: line drawings on a grid of 16, drawn into the page where they stand."""

from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "check": "M3 8.5l3.2 3.2L13 4.8",
    "cross": "M4 4l8 8M12 4l-8 8",
    "info": "M8 7.2v4M8 4.6v.1M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4z",
    "warning": "M8 6.2v3.4M8 11.6v.1M8 2L1.8 13.2h12.4z",
    "stop": "M8 4.6v4M8 11.2v.1M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z",
    "dot": "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z",
    "clock": "M8 4.4V8l2.4 1.6M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4z",
    "back": "M6 3.5L2.5 7 6 10.5M2.8 7H10a3.5 3.5 0 0 1 0 7H7",
    "seal": "M2.5 2.5h11v11h-11zM8 2.8v10.4M2.8 8h10.4",
    "down": "M3.5 6l4.5 4.5L12.5 6",
    "up": "M3.5 10L8 5.5l4.5 4.5",
    "grip": "M6 3.2v.1M10 3.2v.1M6 8v.1M10 8v.1M6 12.8v.1M10 12.8v.1",
    "left": "M10 3.5L5.5 8l4.5 4.5",
    "right": "M6 3.5L10.5 8 6 12.5",
    "person": "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.6 14c.5-2.6 2.6-4 5.4-4s4.9 1.4 5.4 4",
    "message": "M2 3.2h12v8H8.6L5.2 14v-2.8H2z",
    "file": "M4 1.8h5.2L12.5 5v9.2H4zM9 2v3.2h3.4",
    "download": "M8 2.2v7.6M4.8 7L8 10.2 11.2 7M2.5 13.5h11",
    "print": "M4.5 6V2.2h7V6M4.5 12H2.2V6.2h11.6V12h-2.3M4.5 10h7v4h-7z",
    "search": "M10.6 10.6L14 14M6.9 12a5.1 5.1 0 1 0 0-10.2 5.1 5.1 0 0 0 0 10.2z",
    "lock": "M3.5 7.2h9v6.8h-9zM5.3 7V5a2.7 2.7 0 0 1 5.4 0v2",
    "plus": "M8 3v10M3 8h10",
    "edit": "M2.5 13.5l.700-3L10.8 2.9l2.3 2.3-7.6 7.6z",
}

DRAWINGS: dict[str, SafeString] = {
    name: mark_safe(  # noqa: S308 constants of this file
        f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="{path}"/></svg>'
    )
    for name, path in PATHS.items()
}
