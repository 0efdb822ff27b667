"""Invented deeds for tests of comparing: wording of their own in sentences that many share, and copies of them."""

from random import Random

SYLLABLES = [chr(0x4E00 + 7 * number) for number in range(1800)]
COMMON = (
    "商会始终坚持以习近平新时代中国特色社会主义思想为指导，把加强党的领导贯穿办会全过程。",
    "引导会员企业听党话、跟党走，切实增强对中国特色社会主义的信念、对党和政府的信任。",
    "商会严格按照章程规定定期召开会员大会、理事会议和会长办公会议，重大事项集体研究决定。",
    "会员、会费、资产、财务、档案、会议和专业委员会七项制度齐全并严格执行。",
)
"""Sentences of the notice that everybody copies: they make no pair."""


def own_sentence(rng: Random) -> str:
    """Return a sentence that nobody else has."""
    words = "".join(rng.choices(SYLLABLES, k=rng.randrange(18, 34)))
    return f"{words}，共{rng.randrange(2, 90)}次。"


def deeds(rng: Random, sentences: int = 24, pool: tuple[str, ...] = ()) -> str:
    """Return the deeds of a chamber: sentences of its own among those that all have and some out of a pool."""
    own = [own_sentence(rng) for _ in range(sentences)]
    return "".join(rng.sample([*own, *COMMON, *rng.sample(pool, min(3, len(pool)))], k=sentences))


def copied(rng: Random, text: str) -> str:
    """Return a copy as they are made: other figures, other commas, one sentence of five written anew."""
    sentences = [one for one in text.split("。") if one]
    told = [own_sentence(rng).removesuffix("。") if not number % 5 else one for number, one in enumerate(sentences)]
    return "。".join(told).replace("，", "、").translate(str.maketrans("123456", "798123")) + "。"
