"""Stories of recognised chambers: chosen, edited, released, taken down."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from declarations.actions import stories
from declarations.actions.questions import Brought
from declarations.forms.publication import StoryForm, WithdrawStoryForm
from declarations.forms.titles import TitleSearch
from declarations.models import Recognition, Story
from declarations.queries.stories import chosen, deeds_of, desk_of_stories, story_of
from declarations.views.base import SeatView, refusals_in, refusals_told
from declarations.views.drafting.files import SANDBOX, drawn_anew, guarded
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.ui.uploads import claimed_name


class Stories(SeatView):
    """The recognised chambers of the cycle to choose from, and the stories there are."""

    permission = "declarations.stories"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them."""
        search = TitleSearch(request.GET)
        words = search.cleaned_data.get("words", "") if search.is_valid() else ""
        page = page_of(request, desk_of_stories(self.seat, self.cycle, words), order=("serial", "id"), size=50)
        rows = [(one, story_of(one)) for one in page.rows]
        context = {"cycle": self.cycle, "page": page, "rows": rows, "search": search}
        return render(request, "declarations/stories/list.html", context)


class StoryView(SeatView):
    """A page of one chamber's story."""

    permission = "declarations.stories"

    @cached_property
    def recognition(self) -> Recognition:
        """Return the title named in the address."""
        found = chosen(self.seat, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def story(self) -> Story | None:
        """Return its story, if there is one."""
        return story_of(self.recognition)

    def there(self) -> Story:
        """Return the story, or answer 404."""
        if self.story is None:
            raise Http404
        return self.story


class StoryPage(StoryView):
    """Editing a story from what the chamber wrote of its deeds."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it as it stands, or the chamber's own words to begin with."""
        story, deeds = self.story, deeds_of(self.recognition)
        known = {"title": self.recognition.name, "text": deeds, "seen": 0}
        if story is not None:
            known = {name: getattr(story, name) for name in ("title", "text", "caption")} | {"seen": story.version}
        return self.page(StoryForm(initial=known))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep it, or show why not with everything as typed."""
        form = StoryForm(request.POST, request.FILES)
        if form.is_valid():
            given = dict(form.cleaned_data)
            file = given.pop("picture")
            given["picture"] = Brought(file, claimed_name(file)) if file else None
            with refusals_in(form):
                stories.save_story(recognition=self.recognition, actor=self.seat, now=self.now, **given)
                messages.success(request, "事迹已保存，由会员部负责人发布。")
                return redirect("declarations:story", pk=self.recognition.pk)
        return self.page(form)

    def page(self, form: StoryForm) -> HttpResponse:
        """Draw the page."""
        form.cancel_url = redirect("declarations:stories").url
        context = {
            "one": self.recognition,
            "story": self.story,
            "form": form,
            "deeds": deeds_of(self.recognition),
            "head": allowed(self.seat, "declarations.publish"),
            "withdraw_form": WithdrawStoryForm(),
        }
        return render(self.request, "declarations/stories/story.html", context)


class StoryPicture(StoryView):
    """The picture of a story that is not released yet."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it."""
        story = self.there()
        if not story.digest:
            raise Http404
        return guarded(drawn_anew(story.stored, story.kind), SANDBOX)


class ReleaseStory(StoryView):
    """Putting a story on the public site."""

    permission = "declarations.publish"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Release it, or say why not."""
        story = self.there()
        with refusals_told(request):
            seen = request.POST.get("seen", "")
            version = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
            stories.release_story(story=story, seen=version, actor=self.seat, now=self.now)
            messages.success(request, "事迹已发布。")
        return redirect("declarations:story", pk=self.recognition.pk)


class WithdrawStory(StoryView):
    """Taking a story off the public site."""

    permission = "declarations.publish"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take it off, or say why not."""
        story, form = self.there(), WithdrawStoryForm(request.POST)
        with refusals_told(request):
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            stories.withdraw_story(story=story, reason=reason, actor=self.seat, now=self.now)
            messages.success(request, "事迹已撤下。")
        return redirect("declarations:story", pk=self.recognition.pk)
