"""When the database cannot take one more writer in time, the visitor is asked to come back, and nothing was done."""

import re
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from sihao.ui.requests import wants_json

RETRY_AFTER = "5"
WAITED_IN_VAIN = re.compile(r"database( table)? is locked|lock timeout|deadlock detected|could not serialize")
SENTENCE = "系统正忙，这次没有办理，请稍后再试。"


class Busy:
    """Answers 503 with the time to come back where a lock was waited for in vain; any other fault stays a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Tell a lock that was not to be had."""
        if not isinstance(exception, OperationalError) or not WAITED_IN_VAIN.search(str(exception)):
            return None
        answer = (
            JsonResponse({"refused": [SENTENCE]}, status=503)
            if wants_json(request)
            else render(request, "503.html", status=503)
        )
        answer["Retry-After"] = RETRY_AFTER
        return answer
