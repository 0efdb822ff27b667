"""The face by itself: the gallery's own shell, no accounts, no database."""

from collections.abc import Iterator

import pytest
from django.template import Context, engines


@pytest.fixture
def draw():
    """Render a piece of template text as a page would, white space between tags taken out."""

    def render(text: str, /, **context: object) -> str:
        template = engines["django"].from_string(text).template
        html = template.render(Context(context))
        return "".join(line.strip() for line in html.splitlines())

    return render


@pytest.fixture(autouse=True)
def alone(settings) -> None:
    """Serve the gallery without the rest of the house."""
    engine = settings.TEMPLATES[0]
    ours = [name for name in engine["OPTIONS"]["context_processors"] if not name.startswith("sihao.")]
    settings.TEMPLATES = [engine | {"OPTIONS": engine["OPTIONS"] | {"context_processors": ours}}]
    settings.ROOT_URLCONF = "tests.ui.urls"
    settings.MIDDLEWARE = [
        "csp.middleware.CSPMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"


@pytest.fixture
def site(alone) -> Iterator[str]:
    """Serve the gallery on a free port and return its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("127.0.0.1", StaticFilesHandler, port=0)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def page(request, browser):
    """Open a page; what its console calls an error fails the test."""
    width, height = getattr(request, "param", (1366, 768))
    faults: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []
