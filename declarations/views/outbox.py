"""What an office sent: letters on decisions that wait for a person, messages in the house, mail."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from declarations.actions import letters
from declarations.forms.letters import MailSearch, VoidForm, WordingForm, chosen_letters
from declarations.models import DecisionLetter
from declarations.queries.outbox import (
    clock_steps_of,
    drafts_of,
    letters_of,
    mails_of,
    messages_of,
    settled_letters_of,
)
from declarations.views.base import SeatView, refusals_in, refusals_told
from sihao.accounts.actions import mailing
from sihao.accounts.paging import page_of
from sihao.accounts.permissions import allowed
from sihao.accounts.queries import one_of

PLACES = (
    ("outbox", "", "待发出"),
    ("outbox", "?settled=1", "已办理的通知"),
    ("outbox_messages", "", "站内消息"),
    ("outbox_clock", "", "催办"),
    ("outbox_mail", "", "邮件"),
)


class OutboxView(SeatView):
    """A page of the outbox, with the way to the others."""

    permission = "declarations.outbox"

    def chips(self) -> list[dict[str, object]]:
        """Return the parts of the outbox."""
        if not allowed(self.seat, "declarations.outbox"):
            return []
        here = self.request.path + ("?settled=1" if "settled" in self.request.GET else "")
        urls = [(f"{reverse(f'declarations:{name}')}{rest}", label) for name, rest, label in PLACES]
        return [{"label": label, "url": url, "current": url == here} for url, label in urls]


class Outbox(OutboxView):
    """The letters on decisions: those that wait, or those that were released or voided."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them."""
        settled = "settled" in request.GET
        found = settled_letters_of(self.seat) if settled else drafts_of(self.seat)
        found = found.select_related("declaration", "recipient", "settled_by__user")
        page = page_of(request, found, order=("-id",), size=100)
        context = {"page": page, "settled": settled, "chips": self.chips()}
        return render(request, "declarations/outbox/letters.html", context)


class Messages(OutboxView):
    """The messages that the office's steps sent in the house."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them."""
        page = page_of(request, messages_of(self.seat), order=("-id",), size=50)
        return render(request, "declarations/outbox/messages.html", {"page": page, "chips": self.chips()})


class ClockSteps(OutboxView):
    """What the clock said of terms: reminders, and what is overdue."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of it."""
        page = page_of(request, clock_steps_of(self.seat), order=("-id",), size=50)
        return render(request, "declarations/outbox/clock.html", {"page": page, "chips": self.chips()})


class Mails(OutboxView):
    """The mail to people of the jurisdiction."""

    permission = "declarations.mail"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of it."""
        search = MailSearch(request.GET)
        words, failed = search.narrowing()
        page = page_of(request, mails_of(self.seat, words, failed=failed), order=("-id",), size=50)
        context = {"page": page, "chips": self.chips(), "search": search, "states": self.states(failed=failed)}
        context["may_send"] = allowed(self.seat, "accounts.send_mail_again")
        return render(request, "declarations/outbox/mail.html", context)

    def states(self, *, failed: bool) -> list[dict[str, object]]:
        """Return the two ways to look at the mail."""
        ways = (("全部", "", not failed), ("尚未发出", "?failed=1", failed))
        return [{"label": label, "url": f"{self.request.path}{rest}", "current": here} for label, rest, here in ways]


class SendAgain(SeatView):
    """Sending a mail once more that did not leave."""

    permission = "accounts.send_mail_again"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have it sent, or say why not."""
        mail = one_of(mails_of(self.seat), pk)
        if mail is None:
            raise Http404
        with refusals_told(request):
            mailing.send_again(mail=mail, actor=self.seat, now=self.now)
            messages.success(request, f"《{mail.title}》将重新发送给{mail.recipient.name}。")
        return redirect("declarations:outbox_mail")


class Release(SeatView):
    """Releasing the letters that were ticked, or one."""

    permission = "declarations.letters"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Release them, or say why not."""
        with refusals_told(request):
            sent = letters.release(letters=chosen_letters(request.POST), actor=self.seat, now=self.now)
            messages.success(request, f"已发出{len(sent)}封通知。")
        return redirect("declarations:outbox")


class LetterView(SeatView):
    """A page of one letter; another office's is not there."""

    permission = "declarations.letters"

    @cached_property
    def letter(self) -> DecisionLetter:
        """Return the letter named in the address, fetched through the viewer's office."""
        rows = letters_of(self.seat).select_related("declaration", "recipient", "settled_by__user")
        found = one_of(rows, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def page(self, wording: WordingForm, voiding: VoidForm) -> HttpResponse:
        """Draw the letter with what may be done about it."""
        voiding.form_action = reverse("declarations:void_letter", args=[self.letter.pk])
        context = {"letter": self.letter, "wording": wording, "voiding": voiding}
        return render(self.request, "declarations/outbox/letter.html", context)


class LetterPage(LetterView):
    """One letter, and changing its words."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.page(WordingForm(initial={"body": self.letter.body}), VoidForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Change its words, or show why not with everything as typed."""
        form = WordingForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                letters.reword(letter=self.letter.pk, actor=self.seat, **form.cleaned_data)
                messages.success(request, "通知内容已保存，尚未发出。")
                return redirect("declarations:letter", pk=self.letter.pk)
        return self.page(form, VoidForm())


class VoidLetter(LetterView):
    """Voiding one letter."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Void it, or show why not with everything as typed."""
        form = VoidForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                letters.void(letters=[self.letter.pk], actor=self.seat, now=self.now, **form.cleaned_data)
                messages.success(request, "通知已作废，没有发出。")
                return redirect("declarations:outbox")
        return self.page(WordingForm(initial={"body": self.letter.body}), form)
