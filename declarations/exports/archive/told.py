"""What the package tells of itself: what is in it, what is not and why, and how it is checked, also by hand."""

from collections.abc import Iterable, Mapping

from declarations.exports.archive.tables import CASE_FILES, CYCLE_FILES, KEPT_FILES, LEFT_OUT, Table
from declarations.models import Cycle, IssuedPaper, Revision
from sihao.ui.formats import beijing

TEXT = """\
{name}
{ordered}提交归档，共{cases}件申报。

一、内容
  一_周期        通知、认定标准（{programme}，SHA-256摘要值{digest}）、日程、名额、延期、两人办理的事项
  二_申报        每件一个文件夹：申报.json，固定版本（提交、报送、推荐等每一步固定的内容），评分台账（各级得分和
                 每一次修改），评分结果（依据、结论、理由），审核（各级意见、退回、询问、初审、实地抽查、专家评审），
                 决定通知，材料目录，文书
  三_推荐名单    名单各版、会议、盖章材料和扫描件、上报和退回；实地抽查
  四_审议        议程、纪要、审议结果；专家分派、跨件比对、重新计算
  五_公示和异议  公示名单、异议及答复
  六_公布        认定名单、公布各行、认定和撤销、通报、牌匾清单（证书在每件申报的文书中）
  七_反馈        分数结果反馈
  八_留痕        本周期的办理留痕和每日封存值
  九_文书登记    已取用的每份文书的校验码、版本和摘要值
  字段说明.json  各文件的字段、选项对应的中文

二、说明
  1. {evidence}
  2. 文书中，盖章材料和反馈材料是当时生成并保存的文件；其余文书系统不保存版面，归档时按数据重新排版，
     “文书目录.json”逐份写明“{before}”或者“{now}”。已被新版本取代的文书只在“九_文书登记”中列
     校验码和摘要值。
  3. {trail}
  4. 没有提交过的草稿不归档。以下内容不收入：
{left_out}
     异议只收核查事项和办理情况，不收异议人的原话；异议材料只列供核查使用的。专家姓名见评分台账、专家评审和留痕，
     请按规定的知悉范围保管。

三、校验
  用程序：电脑上有Python 3.8以上即可，不需要联网，不需要安装其他软件。
      python verify.py 归档包.zip            不解压直接校验
      python verify.py                       解压后，在本文件夹内校验
      python verify.py 归档包.zip --digest 清单摘要值
  结果为“全部相符”时退出码为0，有不符之处为1并指出第一处，不能校验为2。
  “清单.json”的SHA-256摘要值记在系统的办理留痕和任务页上，移交时请另行登记。清单摘要值相同，包内每个文件就与归档时相同。

  用手工：
      sha256sum -c 清单.sha256               逐个文件核对（Linux、macOS）
      sha256sum 清单.json                    与移交时登记的摘要值比对
      certutil -hashfile 文件名 SHA256       查看单个文件的摘要值（Windows）
  固定版本：“第N版.json”的SHA-256摘要值就是同一文件夹“目录.json”中的digest，也是留痕中该步骤的frozen。
  留痕：“留痕.txt”首行为格式、首条序号、末条序号、首条之前的封存值；以后每条一行，以制表符分为序号、算法、封存值、内容。
      封存值＝上一条的封存值（64个字符）紧接内容的摘要值。例如核对第n条：
      printf '%s' '上一条的封存值' '第n条的内容' | sha256sum
      内容为“-”的不属于本周期，只列封存值。每日封存值每天向社会公布，可以与公布的比对。
  评分结果：得分摘要值＝inputs按名称排序、不留空格写成JSON后的SHA-256摘要值；固定版本、公布名单的写法相同。
  公布名单：每一行应有审议通过、公布时的评分结果能参与认定、没有未办结的异议，次序即证书编号的次序。
"""

EVIDENCE = {
    True: "收入系统中保存的佐证材料和附件；已不在系统中的只列目录和摘要值。",
    False: "佐证材料和附件只列目录和摘要值，文件不在本包内。",
}
TRAIL = {
    True: "留痕为本周期首条至归档时的全部条目，可以逐条重算。提交归档的人应当回避的事项只列封存值。",
    False: "留痕中不属于本周期的条目只列封存值。",
}


def told(
    cycle: Cycle, *, name: str, ordered: str, cases: int, evidence: bool, whole: bool, papers: tuple[str, str]
) -> str:
    """Return the text."""
    left_out = "\n".join(f"     · {model._meta.verbose_name}：{why}" for model, why in LEFT_OUT.items())
    return TEXT.format(
        name=name,
        ordered=ordered,
        cases=cases,
        programme=cycle.programme.title,
        digest=cycle.programme.digest,
        evidence=EVIDENCE[evidence],
        trail=TRAIL[whole],
        left_out=left_out,
        before=papers[0],
        now=papers[1],
    )


def dictionary() -> dict[str, list[Mapping[str, object]]]:
    """Return what the columns of every table are called, and what their words stand for."""
    files = {**CASE_FILES, "材料目录.json": KEPT_FILES, **CYCLE_FILES}
    found = {name: list(_columns(tables)) for name, tables in files.items()}
    found["固定版本/目录.json"] = list(_columns([Table(Revision, "declaration", frozenset({"content"}))]))
    found["九_文书登记/文书登记.json"] = list(_columns([Table(IssuedPaper, "cycle")]))
    return found


def _columns(tables: Iterable[Table]) -> Iterable[Mapping[str, object]]:
    for table in tables:
        for field in table.model._meta.concrete_fields:
            if field.name not in table.without:
                words = {str(key): str(label) for key, label in field.flatchoices}
                yield {"table": table.title, "field": field.name, "label": str(field.verbose_name), "words": words}


def package_name(cycle: Cycle, at: object) -> str:
    """Return what a package is called."""
    return f"{cycle.name}_归档包_{beijing(at, 'date')}"
