"""Turning what an action refuses into what a person reads."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from sihao.accounts.refusals import Refused


def carried_out(form: forms.BaseForm, action: Callable[..., Any], **facts: Any) -> Any | None:
    """Call the action; return its result (True for none), or put what it refuses on the form and return None."""
    try:
        return action(**facts) or True
    except Refused as refused:
        for refusal in refused.refusals:
            form.add_error(None, str(refusal))
        return None


def announce(request: HttpRequest, done: str, action: Callable[..., Any], **facts: Any) -> None:
    """Call the action of a page without a form; say that it is done, or why it is not."""
    try:
        action(**facts)
        messages.success(request, done)
    except Refused as refused:
        messages.error(request, str(refused))
