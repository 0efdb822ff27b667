"""Stories (事迹) of outstanding chambers: edited by the department from 主要事迹, released by its head (notice 六)."""

import hashlib
from datetime import datetime
from io import BytesIO

from django.db import transaction

from declarations import store
from declarations.actions.draft.evidence import refusals_of_files, stored_or_gone
from declarations.actions.questions import Brought
from declarations.actions.transition import lock
from declarations.models import Recognition, Story
from declarations.queries.stories import TOLD
from declarations.states import StoryState
from sihao.accounts.models import Seat
from sihao.accounts.permissions import allowed
from sihao.accounts.refusals import Refusal, Refused
from sihao.audit.events import Event
from sihao.audit.record import record
from sihao.documents.sniff import clean_image, inspect

CLAUSE = "六"
MAX_BYTES = 10 * 1024 * 1024
PICTURES = frozenset({"jpeg", "png"})


def _refuse(code: str, sentence: str) -> None:
    raise Refused((Refusal(code, sentence, CLAUSE),))


def save_story(
    *,
    recognition: Recognition,
    title: str,
    text: str,
    caption: str,
    seen: int,
    actor: Seat,
    now: datetime,
    picture: Brought | None = None,
) -> Story:
    """Keep a story as a draft; what was released is off the site until the head releases it again.

    A picture is judged, drawn anew and kept without anything that was not picture. ``seen`` is the version that the
    writer had before his eyes (none: 0): who comes late is told so.
    """
    if picture is None:
        return _save(recognition, title, text, caption, seen, actor, now)
    with refusals_of_files():
        found = inspect(picture.file, picture.name, max_bytes=MAX_BYTES)
        if found.kind not in PICTURES:
            _refuse("not_a_picture", "请上传JPEG或者PNG图片。")
        drawn = clean_image(picture.file)
    digest = hashlib.sha256(drawn).hexdigest()
    with stored_or_gone(digest):
        return _save(recognition, title, text, caption, seen, actor, now, (found.kind, digest, drawn))


@transaction.atomic
def _save(
    recognition: Recognition,
    title: str,
    text: str,
    caption: str,
    seen: int,
    actor: Seat,
    now: datetime,
    picture: tuple[str, str, bytes] | None = None,
) -> Story:
    lock(recognition.declaration_id, by=actor)
    if not allowed(actor, "declarations.stories"):
        _refuse("not_permitted", "事迹由会员部编辑。")
    held = Recognition.objects.select_for_update(of=("self",)).get(pk=recognition.pk)
    if held.state not in TOLD or held.published_at is None:
        _refuse("title_state", "只编辑已经公布、没有撤销或者放弃的商会的事迹。")
    story = Story.objects.filter(recognition=held).first() or Story(recognition=held, version=0)
    if story.version != seen:
        _refuse("overtaken", f"事迹已由{story.edited_by.signature}改动，请刷新页面后再编辑。")
    if not (title.strip() and text.strip()):
        _refuse("story_lacks", "请填写标题和事迹。")
    if picture is not None:
        story.kind, story.digest, drawn = picture
        story.stored = store.keep(BytesIO(drawn), story.digest)
    if story.digest and not caption.strip():
        _refuse("caption_missing", "请写明图片说明。")
    story.title, story.text, story.caption = title.strip(), text.strip(), caption.strip()
    story.state, story.version, story.edited_by, story.edited_at = StoryState.DRAFT, seen + 1, actor, now
    story.save()
    record(Event.STORY_SAVED, actor=actor, target=story, at=now)
    return story


@transaction.atomic
def release_story(*, story: Story, seen: int, actor: Seat, now: datetime) -> Story:
    """Put a story on the public site, by the head, who has not edited it last."""
    found = _held(story, actor)
    if found.version != seen or found.state == StoryState.RELEASED:
        _refuse("overtaken", "事迹已由他人改动，请刷新页面后再办理。")
    if set(actor.people) & set(found.edited_by.people):
        _refuse("second_person", "编辑和发布须由两人办理，请由会员部另一人编辑。")
    if found.recognition.state not in TOLD:
        _refuse("title_state", "认定已经暂停、放弃或者撤销，不能发布事迹。")
    found.state, found.released_by, found.released_at = StoryState.RELEASED, actor, now
    found.save(update_fields=["state", "released_by", "released_at"])
    record(Event.STORY_RELEASED, actor=actor, target=found, at=now)
    return found


@transaction.atomic
def withdraw_story(*, story: Story, reason: str, actor: Seat, now: datetime) -> Story:
    """Take a story off the public site, by the head, with the reason."""
    found = _held(story, actor)
    if found.state != StoryState.RELEASED:
        _refuse("not_released", "事迹没有发布。")
    if not reason.strip():
        _refuse("reason_missing", "请写明撤下的理由。")
    found.state = StoryState.WITHDRAWN
    found.save(update_fields=["state"])
    record(Event.STORY_WITHDRAWN, actor=actor, target=found, at=now, reason=reason.strip())
    return found


def _held(story: Story, actor: Seat) -> Story:
    lock(story.recognition.declaration_id, by=actor)
    if not allowed(actor, "declarations.publish"):
        _refuse("not_permitted", "事迹由会员部负责人发布和撤下。")
    rows = Story.objects.select_for_update(of=("self",)).select_related("recognition__declaration", "edited_by__user")
    return rows.get(pk=story.pk)
