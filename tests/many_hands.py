"""Many people write the same drafts at once, through the pages; every acknowledged value is accounted for."""

import json
import random
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.test import Client
from django.urls import reverse

from declarations.models import Answer, AnswerVersion, Declaration
from sihao.accounts.models import User

FIELDS = ("legal_rep", "address", "competent_unit", "contact_name")
SERVED_AT_ONCE = 8  # as many threads as the house serves with
JSON = {"HTTP_ACCEPT": "application/json"}


DOOR = threading.Semaphore(SERVED_AT_ONCE)


@dataclass
class Hand:
    """One person at one draft: what was acknowledged, what was shown, what broke."""

    case: Declaration
    user: User
    number: int
    acknowledged: list[tuple[str, str, int, int]] = field(default_factory=list)  # field, value, version, base
    shown: set[tuple[str, str]] = field(default_factory=set)  # field, the other's value in a collision
    broken: list[str] = field(default_factory=list)
    door: threading.Semaphore = field(default_factory=lambda: DOOR)

    def write(self, saves: int) -> None:
        """Save again and again; a collision is answered by insisting the next time the field comes up."""
        client, chance = Client(), random.Random(self.number)
        client.force_login(self.user)
        known = dict(Answer.objects.filter(declaration=self.case).values_list("field", "version"))
        address = reverse("declarations:form", args=[self.case.pk])
        for turn in range(saves):
            name, value = chance.choice(FIELDS), f"第{self.number}人第{turn}次"
            base = known.get(name, 0)
            with self.door:
                answer = client.post(address, {name: value, "_seen": f"{name}:{base}"}, **JSON)
            if answer.status_code != 200:
                self.broken.append(f"{answer.status_code} {answer.content[:200]!r}")
                continue
            self.note(answer.json(), name, value, base, known)

    def note(self, told: dict, name: str, value: str, base: int, known: dict[str, int]) -> None:
        """Remember what the page said."""
        if name in told["saved"]:
            known[name] = told["saved"][name]
            self.acknowledged.append((name, value, known[name], base))
        elif name in told["collisions"]:
            known[name] = told["collisions"][name]["version"]
            self.shown.add((name, told["collisions"][name]["theirs"]))
        else:
            self.broken.append(json.dumps(told, ensure_ascii=False))


def write_at_once(cases: Sequence[Declaration], people: Sequence[Sequence[User]], saves: int) -> list[Hand]:
    """Let every person of every draft write at the same time and return what each was told."""
    pairs = [(case, user) for case, staff in zip(cases, people, strict=True) for user in staff]
    hands = [Hand(case, user, number) for number, (case, user) in enumerate(pairs)]

    def run(hand: Hand) -> None:
        try:
            hand.write(saves)
        except Exception as problem:  # noqa: BLE001 whatever broke is what the test is about
            hand.broken.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return hands


def unaccounted(hands: Sequence[Hand]) -> list[str]:
    """Return every acknowledged value that is neither the text, nor in the history under a writer who had seen it.

    A value may be written over by somebody who had it before his eyes: as the text he started from, or in a collision
    he was shown. Written over by anybody else it was lost, whatever the history keeps.
    """
    lost = []
    writes: dict[tuple[int, str], dict[int, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for hand in hands:
        for name, value, version, base in hand.acknowledged:
            writes[hand.case.pk, name][version].append((value, base))
    for (case, name), versions in writes.items():
        text = Answer.objects.get(declaration_id=case, field=name)
        kept = dict(AnswerVersion.objects.filter(declaration_id=case, field=name).values_list("version", "value"))
        for version, written in versions.items():
            lost += [f"{value}: two values of version {version}" for value, _ in written[1:]]
            value = written[0][0]
            following = versions.get(version + 1, [])
            if kept.get(version) != value:
                lost.append(f"{value}: not in the history")
            elif not following and text.value != value:
                lost.append(f"{value}: neither the text nor followed")
            lost += [f"{value}: written over unseen by {after}" for after, base in following if base != version]
    return lost
