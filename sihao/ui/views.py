"""The gallery: every part in every state, on invented data. Mounted only when DEBUG."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView

from sihao.ui import gallery


class Gallery(TemplateView):
    """All parts on one page."""

    permission = "public"
    template_name = "gallery/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the invented data; ``?shell=public`` shows the page as it looks without signing in."""
        shell = gallery.public_shell() if self.request.GET.get("shell") == "public" else gallery.shell()
        return shell | gallery.example() | super().get_context_data(**kwargs)


class Form(Gallery):
    """A form with an aside; a POST shows it as it looks after a refusal."""

    template_name = "gallery/form.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the form with its errors."""
        form = gallery.ExampleForm(request.POST, request.FILES)
        messages.error(request, "审核意见没有提交。")
        return self.render_to_response(self.get_context_data(form=form))


class Paper(TemplateView):
    """A printed paper with its watermark."""

    permission = "public"
    template_name = "gallery/paper.html"
