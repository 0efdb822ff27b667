"""From the dated code table of administrative divisions (GB/T 2260) to the tree of federations.

The table is the one ``python-stdnum`` carries. It knows years only, so by convention a change takes effect on 1 January
of its year: in the table a new code begins in that year ("[2015-]") and an abolished one ends in it ("[-2015]"),
while a new name under an old code begins the year after the old name ended ("[-2009]襄樊市,[2010-]襄阳市").
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from sihao.accounts.federations import NATIONAL_CODE, Federation
from sihao.accounts.roles import Level

SINCE = 2010  # a division abolished before that year is not kept
ELSEWHERE = frozenset({"71", "81", "82"})  # no federation of ours sits there
PLACEHOLDERS = re.compile(r"^(市辖区|县|林区|.*直辖.*)$")  # they only group codes; nobody governs them
NOT_GB = re.compile(
    r"[達區齊嶺員會]|群岛|行政委员会"
)  # forest bureaux, island offices, administrative committees


@dataclass(frozen=True)
class Span:
    """A name that one code carried, from the year ``start`` on; ``end`` is the table's own, read as told above."""

    start: int | None
    end: int | None
    name: str


@dataclass(frozen=True)
class Division:
    """A division that existed at some time since ``SINCE``, under its last name."""

    code: str
    name: str
    start: int | None
    end: int | None
    former_names: tuple[str, ...] = ()


# Slips of the table, found by comparing it with the ministry's yearly lists 2010-2019.
CORRECTIONS: dict[str, tuple[Span, ...]] = {
    "320602": (Span(1983, 1990, "城区"), Span(1991, 2020, "崇川区")),
    "320611": (Span(1983, 1990, "郊区"), Span(1991, 2020, "港闸区")),
    "321011": (Span(1983, 2001, "郊区"), Span(2002, 2011, "维扬区")),
    "330113": (Span(2021, None, "临平区"),),
    "330114": (Span(2021, None, "钱塘区"),),
    "410211": (Span(1983, 2004, "郊区"), Span(2005, 2014, "金明区")),
    "422921": (),  # 神农架林区 is 429021
    "429001": (),  # 随州市 is 421300 since 2000
    "533421": (Span(2001, 2014, "香格里拉县"),),
    # Two codes were given to other districts: 万盛区 and 双桥区 held them until 2011.
    "500110": (Span(2011, None, "綦江区"),),
    "500111": (Span(2011, None, "大足区"),),
}

# Successions the table cannot tell because the name or the level changed, by decision of the State Council: gone, heir.
MERGERS = """
110103崇文区 110101东城区  110104宣武区 110102西城区  120225蓟县 120119蓟州区  130230唐海县 130209曹妃甸区
130521邢台县 130503信都区  130603北市区 130606莲池区  130604南市区 130606莲池区  130721宣化县 130705宣化区
140402城区 140403潞州区  140411郊区 140403潞州区  140421长治县 140404上党区  140227大同县 140215云州区
230702伊春区 230717伊美区  230708美溪区 230717伊美区  230706翠峦区 230718乌翠区  230711乌马河区 230718乌翠区
230705西林区 230751金林区  230709金山屯区 230751金林区  230707新青区 230724丰林县  230710五营区 230724丰林县
230715红星区 230724丰林县  230712汤旺河区 230723汤旺县  230714乌伊岭区 230723汤旺县  230713带岭区 230725大箐山县
230716上甘岭区 230719友好区  310103卢湾区 310101黄浦区  310108闸北区 310106静安区  320103白下区 320104秦淮区
320107下关区 320106鼓楼区  320202崇安区 320213梁溪区  320203南长区 320213梁溪区  320204北塘区 320213梁溪区
320405戚墅堰区 320412武进区  320502沧浪区 320508姑苏区  320503平江区 320508姑苏区  320504金阊区 320508姑苏区
320611港闸区 320613崇川区  320705新浦区 320706海州区  320802清河区 320812清江浦区  320811清浦区 320812清江浦区
321011维扬区 321003邗江区  330103下城区 330105拱墅区  330204江东区 330212鄞州区  330621绍兴县 330603柯桥区
340208三山区 340209弋江区  340221芜湖县 340210湾沚区  340502金家庄区 340503花山区  340702铜官山区 340705铜官区
340703狮子山区 340705铜官区  340721铜陵县 340706义安区  341402居巢区 340181巢湖市  350402梅列区 350404三元区
360105湾里区 360112新建区  360421九江县 360404柴桑区  360427星子县 360483庐山市  361121上饶县 361104广信区
370205四方区 370203市北区  370284胶南市 370211黄岛区  370634长岛县 370614蓬莱区  370802市中区 370811任城区
371200莱芜市 370100济南市  371202莱城区 370116莱芜区  410211金明区 410202龙亭区  410224开封县 410212祥符区
410306吉利区 410308孟津区  411023许昌县 411003建安区  430221株洲县 430212渌口区  440116萝岗区 440112黄埔区
440903茂港区 440904电白区  450404蝶山区 450403万秀区  469003儋州市 460400儋州市  500234开县 500154开州区
511521宜宾县 511504叙州区  520114小河区 520111花溪区  520321遵义县 520304播州区  522201铜仁市 520602碧江区
522230万山特区 520603万山区  522401毕节市 520502七星关区  542121昌都县 540302卡若区  542301日喀则市 540202桑珠孜区
542421那曲县 540602色尼区  542621林芝县 540402巴宜区  610125户县 610118鄠邑区  652101吐鲁番市 650402高昌区
652201哈密市 650502伊州区
"""

CORPS = "新疆生产建设兵团"
DIVISION_NUMBERS = [
    "一",
    "二",
    "三",
    "四",
    "五",
    "六",
    "七",
    "八",
    "九",
    "十",
    "十一",
    "十二",
    "十三",
    "十四",
]
INTERNAL = (
    Federation("660000", Level.PROVINCE, CORPS, f"{CORPS}工商业联合会", NATIONAL_CODE, internal=True),
    *(
        Federation(
            f"66{n:02}00",
            Level.CITY,
            f"第{word}师",
            f"{CORPS}第{word}师工商业联合会",
            "660000",
            internal=True,
        )
        for n, word in enumerate(DIVISION_NUMBERS, start=1)
    ),
    Federation(
        "411171",
        Level.COUNTY,
        "漯河经济技术开发区",
        "漯河经济技术开发区工商业联合会",
        "411100",
        internal=True,
    ),
)


def federations() -> list[Federation]:
    """Return the whole tree, superiors before inferiors."""
    divisions = {one.code: one for one in divisions_since(code_table())}
    successors = succession(divisions.values())
    national = Federation(NATIONAL_CODE, Level.NATIONAL, "全国", "中华全国工商业联合会")
    tree = [_federation(one, divisions, successors.get(one.code, "")) for one in divisions.values()]
    return sorted([national, *tree, *INTERNAL], key=lambda one: (one.level, one.code))


def code_table() -> dict[str, tuple[Span, ...]]:
    """Return the names of every code in the table, corrected."""
    table: dict[str, tuple[Span, ...]] = {}
    province = ""
    for line in files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(\d\d) province=", line):
            province = match[1]
        elif match := re.match(r'  (\d{4}) county="(.+)"', line):
            table[province + match[1]] = tuple(_spans(match[2]))
    return table | CORRECTIONS


def _spans(text: str) -> Iterator[Span]:
    for start, end, name in re.findall(r"(?:\[(\d*)-(\d*)\])?([^,\[\]]+)", text):
        yield Span(int(start) if start else None, int(end) if end else None, name)


def divisions_since(table: dict[str, tuple[Span, ...]]) -> Iterator[Division]:
    """Yield the divisions that existed since ``SINCE``; placeholders and what is not in GB/T 2260 are left out."""
    for code, spans in sorted(table.items()):
        run = _last_run([span for span in spans if _governed(span.name)])
        if run and code[:2] not in ELSEWHERE and (run[-1].end is None or run[-1].end >= SINCE):
            former = tuple(
                f"{span.name}（至{span.end}年）" for span in run[:-1] if (span.end or 0) >= SINCE - 1
            )
            yield Division(code, run[-1].name, run[0].start, run[-1].end, former)


def _governed(name: str) -> bool:
    return not PLACEHOLDERS.match(name) and not NOT_GB.search(name)


def _last_run(spans: list[Span]) -> list[Span]:
    """Return the last names that followed each other without a gap: one division that was only renamed."""
    run: list[Span] = []
    for span in spans:
        follows = run and run[-1].end is not None and span.start == run[-1].end + 1
        run = [*run, span] if follows else [span]
    return run


def level_of(code: str) -> Level:
    """Return the tier a code stands for."""
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.CITY if code.endswith("00") else Level.COUNTY


def superior_code(code: str, known: dict[str, Division]) -> str:
    """Return the code above: a tier that does not exist is skipped."""
    if code.endswith("0000"):
        return NATIONAL_CODE
    city = f"{code[:4]}00"
    return city if city != code and city in known else f"{code[:2]}0000"


def _federation(one: Division, known: dict[str, Division], successor: str) -> Federation:
    superior = superior_code(one.code, known)
    above = known[superior].name if superior in known else ""
    district = one.name.endswith("区") and above.endswith("市")
    return Federation(
        code=one.code,
        level=level_of(one.code),
        region=one.name,
        name=f"{above if district else ''}{one.name}工商业联合会",
        parent=superior,
        valid_from=date(one.start, 1, 1) if one.start else None,
        valid_to=date(one.end, 1, 1) - timedelta(days=1) if one.end else None,
        successor=successor,
        formerly="、".join(one.former_names),
    )


def succession(divisions: Iterable[Division]) -> dict[str, str]:
    """Return code → code of what took its place, where the table leaves no doubt, and the known mergers."""
    every = {one.code: one for one in divisions}
    born: dict[tuple[int, Level, str], list[Division]] = defaultdict(list)
    for one in every.values():
        if one.start:
            born[one.start, level_of(one.code), one.code[:2]].append(one)
    found = {}
    for gone in every.values():
        heirs = born.get((gone.end or 0, level_of(gone.code), gone.code[:2]), [])
        if heir := _sole_heir(gone, heirs):
            found[gone.code] = heir.code
    return found | _mergers(every)


def _mergers(every: dict[str, Division]) -> dict[str, str]:
    """Return the known mergers; a name that is not the table's is an error, so that no code is mistyped."""
    pairs = re.findall(r"(\d{6})(\S+) (\d{6})(\S+)", MERGERS)
    wrong = [pair for pair in pairs if (every[pair[0]].name, every[pair[2]].name) != (pair[1], pair[3])]
    if wrong:
        raise ValueError(f"mergers that do not fit the table: {wrong}")
    return {gone: heir for gone, _, heir, _ in pairs}


def _sole_heir(gone: Division, born: list[Division]) -> Division | None:
    """Return the one division born that year which carries on the name; None when there is none or more than one."""
    stem = _stem(gone.name)
    heirs = [one for one in born if _stem(one.name) == stem]
    if len(stem) == 1 and not heirs:  # 任县 became 任泽区: a name of one character was lengthened
        heirs = [one for one in born if one.name.startswith(stem) and one.code[:4] == gone.code[:4]]
    return heirs[0] if len(heirs) == 1 else None


def _stem(name: str) -> str:
    return re.sub(r"(地区|县|区|市)$", "", name)
