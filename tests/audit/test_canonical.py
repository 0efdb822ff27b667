"""The one spelling of an entry, and the digests over it."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785

from sihao.audit.canonical import (
    GENESIS,
    PARTS,
    Hash,
    HashMissing,
    Spelling,
    demand,
    differing,
    digest,
    instant,
    spelled,
)

MEMBERS = {
    "id": 7,
    "event": "submitted",
    "at": "2020-09-28T01:00:00.000000Z",
    "actor": {"id": None, "label": "系统"},
    "target": {"id": "3", "kind": "declaration", "label": "某某商会（1）"},
    "path": "/100000/",
    "data": {"b": 1, "a": [True, None, 1.0, "é\n"]},
    "reason": "",
}


def test_members_are_sorted_and_spelled_by_rfc_8785():
    assert spelled(MEMBERS["data"]) == '{"a":[true,null,1,"é\\n"],"b":1}'.encode()


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        (2**53 - 1, b"9007199254740991"),
        (2**53, b'"9007199254740992"'),
        (-(2**53), b'"-9007199254740992"'),
        ("\ud800x", b'"\\\\ud800x"'),
        (float("inf"), b'"inf"'),
    ],
    ids=["greatest whole number", "beyond it", "beneath it", "half a pair", "no number"],
)
def test_what_json_cannot_say_exactly_is_spelled_as_a_string(value, spelling):
    assert spelled(value) == spelling


def test_the_seal_is_the_digest_of_the_seal_before_and_the_whole_spelling():
    at = datetime(2020, 9, 28, 1, 0, 0, 5, tzinfo=UTC)
    whole = rfc8785.dumps(
        {**MEMBERS, "hash": "sha256", "sealed": "2020-09-28T01:00:00.000005Z", "sequence": 1}
    )

    seal = Spelling.of(MEMBERS).seal(sequence=1, previous=GENESIS, name=Hash.SHA256, at=at)

    assert seal == hashlib.sha256(b"0" * 64 + whole).hexdigest()


def test_sm3_is_the_standard_one():
    assert digest(Hash.SM3, b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_machine_without_sm3_refuses_clearly(monkeypatch):
    def without(name, *arguments, **words):
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", without)

    with pytest.raises(HashMissing) as caught:
        demand(Hash.SM3)

    assert str(caught.value) == (
        "本机的OpenSSL不提供SM3算法，不能封存或核对用它封存的留痕。请安装提供该算法的OpenSSL。"
    )


def test_another_hash_function_is_refused():
    with pytest.raises(HashMissing, match="留痕封存算法只能是sha256或者sm3，不能是md5。"):
        demand("md5")


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_part_is_called_by_its_name(part):
    changed = MEMBERS | {part: "other"}

    assert differing(Spelling.of(changed).marks(), Spelling.of(MEMBERS).marks()) == [PARTS[part]]


def test_an_instant_is_spelled_in_utc():
    beijing = datetime(2020, 9, 28, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))

    assert instant(beijing) == instant(beijing.astimezone(UTC)) == "2020-09-28T01:00:00.000005Z"
