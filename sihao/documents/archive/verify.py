"""归档包校验程序：只用Python标准库（3.8以上），不需要网络，也不需要原来的系统。

    python verify.py                     校验本程序所在的文件夹
    python verify.py 归档包.zip          校验ZIP，或者解压后的文件夹
    python verify.py 归档包.zip --digest 清单摘要值

结果：0 全部相符，1 有不符之处，2 不能校验。算法见“说明.txt”。
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import unicodedata
import zipfile

FORMAT = "sihao-archive-1"
MANIFEST, SUMS = "清单.json", "清单.sha256"
CASES, REVISIONS = "二_申报/", "/固定版本/"
INDEX = "目录.json"
CYCLE = "一_周期/周期.json"
DELIBERATION = "四_审议/审议.json"
OBJECTIONS = "五_公示和异议/异议.json"
PUBLICATION, LIST = "六_公布/公布.json", "六_公布/认定名单.json"
TRAIL, HEADS = "八_留痕/留痕.txt", "八_留痕/每日封存值.txt"
PIECE = 1 << 20
SHOWN = 5
ALL_GOOD, FAULTY, IMPOSSIBLE = 0, 1, 2


class Fault(Exception):
    """一处不符：在哪里，是什么。"""


class Impossible(Exception):
    """不能校验的原因。"""


# ---- 读取：ZIP和文件夹一样读


class Folder:
    """解压后的文件夹。"""

    def __init__(self, root):
        self.root = root

    def sizes(self):
        """返回每个文件的路径和字节数。"""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                place = os.path.relpath(path, self.root).replace(os.sep, "/")
                found[unicodedata.normalize("NFC", place)] = os.path.getsize(path)
        return found

    def open(self, name):
        """打开一个文件。"""
        return open(os.path.join(self.root, *name.split("/")), "rb")


class Zip:
    """没有解压的ZIP。"""

    def __init__(self, path):
        self.file = zipfile.ZipFile(path)

    def sizes(self):
        """返回每个文件的路径和字节数。"""
        found = {}
        for entry in self.file.infolist():
            if entry.filename in found:
                raise Fault(entry.filename, "在ZIP中出现不止一次")
            if not entry.is_dir():
                found[entry.filename] = entry.file_size
        return found

    def open(self, name):
        """打开一个文件。"""
        return self.file.open(name)


def text_of(package, name):
    """返回一个文件的全部字节。"""
    with package.open(name) as file:
        return file.read()


def json_of(package, name):
    """返回一个JSON文件的内容。"""
    try:
        return json.loads(text_of(package, name).decode("utf-8"))
    except (ValueError, KeyError, OSError) as problem:
        raise Fault(name, "不能读取（%s）" % type(problem).__name__) from None


def digest_of_file(package, name):
    """返回一个文件的SHA-256摘要值和字节数。"""
    digest, size = hashlib.sha256(), 0
    with package.open(name) as file:
        while True:
            piece = file.read(PIECE)
            if not piece:
                return digest.hexdigest(), size
            digest.update(piece)
            size += len(piece)


def canonical(content):
    """返回JSON内容的唯一写法：成员按名称排序，没有空格，文字不转义，UTF-8。"""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest_of(content):
    """返回JSON内容的SHA-256摘要值。"""
    return hashlib.sha256(canonical(content)).hexdigest()


def expect(condition, where, what):
    """不符时说明在哪里、是什么。"""
    if not condition:
        raise Fault(where, what)


# ---- 各项核对：每项返回核对了什么，不符时抛出第一处


class Package:
    """一个归档包和已读到的内容。"""

    def __init__(self, source):
        self.source = source
        try:
            self.manifest_text = text_of(source, MANIFEST)
            self.manifest = json.loads(self.manifest_text.decode("utf-8"))
        except (KeyError, OSError):
            raise Impossible("没有找到“%s”，这不是归档包，或者清单已缺失。" % MANIFEST) from None
        except ValueError:
            raise Impossible("“%s”不是能读取的JSON。" % MANIFEST) from None
        if not isinstance(self.manifest, dict) or self.manifest.get("format") != FORMAT:
            raise Impossible("“%s”不是本程序认识的格式（%s）。" % (MANIFEST, FORMAT))
        self.digest = hashlib.sha256(self.manifest_text).hexdigest()
        self.listed = {line["path"]: line for line in self.manifest["files"]}
        self.told = None

    def names(self, start, end):
        """返回清单中以某处开头、以某处结尾的文件。"""
        return [name for name in sorted(self.listed) if name.startswith(start) and name.endswith(end)]

    def json(self, name):
        """返回一个JSON文件的内容。"""
        expect(name in self.listed, name, "清单中没有这个文件")
        return json_of(self.source, name)

    def cases(self):
        """逐件返回文件夹和申报的登记内容。"""
        for name in self.names(CASES, "/申报.json"):
            yield name[: -len("申报.json")], self.json(name)["申报"][0]


def check_files(package):
    """文件：一个不少、一个不多，字节数和摘要值与清单相同。"""
    paths = [line["path"] for line in package.manifest["files"]]
    expect(paths == sorted(set(paths)), MANIFEST, "没有按路径排序，或者有重复的路径")
    there = package.source.sizes()
    for path in sorted(set(paths) - set(there)):
        raise Fault(path, "清单中有，包内没有这个文件")
    for path in sorted(set(there) - set(paths) - {MANIFEST}):
        raise Fault(path, "清单中没有，包内多出这个文件")
    total = 0
    for path in paths:
        line = package.listed[path]
        expect(there[path] == line["size"], path, "字节数为%d，清单为%s" % (there[path], line["size"]))
        try:
            digest, size = digest_of_file(package.source, path)
        except (zipfile.BadZipFile, OSError, EOFError) as problem:
            raise Fault(path, "不能读取（%s）" % problem) from None
        expect(digest == line["sha256"], path, "SHA-256摘要值与清单不同")
        total += size
    return "%d个文件，共%d字节" % (len(paths), total)


def check_sums(package):
    """供手工核对的清单与主清单相同。"""
    lines = text_of(package.source, SUMS).decode("utf-8").splitlines()
    mine = ["%s  %s" % (package.listed[name]["sha256"], name) for name in sorted(package.listed) if name != SUMS]
    for ours, theirs in zip(mine, lines):
        expect(ours == theirs, SUMS, "与%s不同：%s" % (MANIFEST, theirs))
    expect(len(mine) == len(lines), SUMS, "行数与%s不同" % MANIFEST)
    return "%d行" % len(lines)


def check_revisions(package):
    """固定版本：由内容重算摘要值，与固定时登记的相同，编号连续。"""
    number = 0
    for index in package.names(CASES, REVISIONS + INDEX):
        folder, rows = index[: -len(INDEX)], package.json(index)["固定版本"]
        numbers = [row["number"] for row in rows]
        expect(numbers == list(range(1, len(rows) + 1)), index, "版本号不连续")
        files = [folder + row["file"] for row in rows]
        others = [name for name in package.names(folder, ".json") if name not in files + [index]]
        expect(not others, others[0] if others else "", "固定版本目录中没有登记")
        for name, row in zip(files, rows):
            content = package.json(name)
            expect(digest_of(content) == row["digest"], name, "由内容重算的摘要值与固定时登记的不同")
            number += 1
    return "%d个版本" % number


def instant(text):
    """返回台账摘要值所用的时间写法。"""
    return None if text is None else text.replace("Z", "+00:00")


def key(value):
    """返回所指的编号。"""
    return value["id"] if isinstance(value, dict) else value


def digest_of_mark(row):
    """返回一次评分的摘要值（scoring/digests.py的写法）。"""
    parts = [row["assessment"], row["code"], row["version"], row["points"], row["typed"], row["words"], row["reason"]]
    spelled = json.dumps(parts + [key(row["set_by"]), instant(row["set_at"])])
    return hashlib.sha256(spelled.encode("utf-8")).hexdigest()


def digest_of_layer(row):
    """返回一个评分层的摘要值。"""
    parts = [row["ledger"], row["layer"], key(row["assessor"]), row["version"], row["total"]]
    return hashlib.sha256(json.dumps(parts + [instant(row["locked_at"])]).encode("utf-8")).hexdigest()


def check_ledgers(package):
    """评分台账：每一层、每一次评分的摘要值重算后与登记的相同。"""
    layers = marks = 0
    for name in package.names(CASES, "/评分台账.json"):
        book = package.json(name)
        for row in book["评分层"]:
            expect(digest_of_layer(row) == row["digest"], name, "评分层%s的摘要值不符" % row["id"])
            layers += 1
        for row in book["得分修改记录"]:
            where = "指标%s第%s次评分的摘要值不符（评分层%s）" % (row["code"], row["version"], row["assessment"])
            expect(digest_of_mark(row) == row["digest"], name, where)
            marks += 1
    return "%d个评分层，%d次评分" % (layers, marks)


def check_runs(package):
    """评分结果：由各项得分重算摘要值。"""
    number = 0
    for name in package.names(CASES, "/评分结果.json"):
        for row in package.json(name)["评分结果"]:
            where = "第%s次评分结果的得分摘要值不符" % row["number"]
            expect(digest_of(row["inputs"]) == row["inputs_digest"], name, where)
            number += 1
    return "%d次评分结果" % number


def check_kept(package):
    """佐证材料：收入本包的文件与登记时的摘要值相同。"""
    kept = listed = 0
    for name in package.names("", "材料目录.json"):
        folder = name[: -len("材料目录.json")]
        for row in package.json(name)["材料"]:
            listed += 1
            if not row["file"]:
                continue
            path = folder + row["file"]
            expect(path in package.listed, path, "目录中说收入，清单中没有")
            expect(package.listed[path]["sha256"] == row["digest"], path, "与登记时的摘要值不同")
            kept += 1
    return "目录%d个，收入本包%d个" % (listed, kept)


class Trail:
    """留痕中供其他各项核对的内容。"""

    def __init__(self):
        self.seals = {}
        self.frozen = {}
        self.published = ""
        self.whole = self.bare = 0
        self.first = self.last = 0


def hashed(name, content):
    """返回摘要值；本机没有这种算法时不能校验。"""
    try:
        return hashlib.new(name, content).hexdigest()
    except ValueError:
        raise Impossible("本机的Python不提供%s算法，不能核对用它封存的留痕。" % name.upper()) from None


def read_trail(package, heads):
    """逐条重算留痕的封存值，记下其他各项要用的内容。"""
    found = Trail()
    cycle = str(package.json(CYCLE)["周期"][0]["id"])
    with package.source.open(TRAIL) as file:
        mark, first, last, before = file.readline().decode("utf-8").rstrip("\n").split("\t")
        expect(mark == "sihao-trail-1", TRAIL, "首行的格式不认识")
        found.first, found.last = int(first), int(last)
        for place in range(found.first, found.last + 1):
            line = file.readline()
            expect(line.endswith(b"\n"), TRAIL, "第%d条缺失，应当至第%d条" % (place, found.last))
            parts = line[:-1].split(b"\t")
            expect(len(parts) == 4 and parts[0] == str(place).encode(), TRAIL, "第%d条的序号不符" % place)
            name, seal, spelling = parts[1].decode(), parts[2].decode(), parts[3]
            if spelling == b"-":
                found.bare += 1
            else:
                found.whole += 1
                expect(hashed(name, before.encode() + spelling) == seal, TRAIL, fault_of_entry(place, spelling))
                note(found, cycle, place, name, json.loads(spelling.decode("utf-8")))
            if place in heads:
                found.seals[place] = seal
            before = seal
        expect(not file.read(1), TRAIL, "第%d条之后还有内容" % found.last)
    return found


def fault_of_entry(place, spelling):
    """说明第几条不符。"""
    try:
        entry = json.loads(spelling.decode("utf-8"))
        about = "（条目%s，%s，%s，%s）" % (entry["id"], entry["event"], entry["at"], entry["target"]["label"])
    except (ValueError, KeyError, TypeError):
        about = ""
    return "第%d条%s：封存值与内容和上一条的封存值不符" % (place, about)


def note(found, cycle, place, name, entry):
    """记下固定版本和公布名单在留痕中的摘要值。"""
    expect((entry["sequence"], entry["hash"]) == (place, name), TRAIL, "第%d条所载的序号或者算法不符" % place)
    data, target = entry["data"], entry["target"]
    if target["kind"] == "declaration" and "frozen" in data:
        found.frozen[(target["id"], data["revision"])] = data["frozen"]
    if entry["event"] == "list_published" and target["kind"] == "cycle" and target["id"] == cycle:
        found.published = data["digest"]


def check_trail(package):
    """留痕：逐条重算封存值，与每日公布的封存值相同。"""
    lines = text_of(package.source, HEADS).decode("utf-8").splitlines()
    heads = {}
    for line in lines:
        if line and not line.startswith("#"):
            day, place, _, seal = line.split(" ")
            heads[int(place)] = (day, seal)
    package.told = found = read_trail(package, heads)
    for place, (day, seal) in sorted(heads.items()):
        expect(found.first <= place <= found.last, HEADS, "%s的封存值不在本包的留痕之内" % day)
        expect(found.seals.get(place) == seal, HEADS, "%s的封存值与留痕第%d条不同" % (day, place))
    bare = "，另有%d条不属于本周期，只列封存值" % found.bare if found.bare else ""
    words = "第%d条至第%d条：逐条重算%d条%s；每日封存值%d个"
    return words % (found.first, found.last, found.whole, bare, len(heads))


def check_frozen(package):
    """固定版本的摘要值与办理时写入留痕的相同。"""
    expect(package.told is not None, TRAIL, "留痕不符，不能用来核对")
    number = 0
    for folder, case in package.cases():
        for row in package.json(folder + "固定版本/" + INDEX)["固定版本"]:
            where = "%s固定版本/%s" % (folder, row["file"])
            told = package.told.frozen.get((str(case["id"]), row["number"]))
            expect(told is not None, where, "留痕没有这一版本的记载")
            expect(told == row["digest"], where, "摘要值与留痕所载的不同")
            number += 1
    return "%d个版本" % number


def check_list(package):
    """公布名单：由审议结果、评分结果、异议办结情况和公布次序可以推出，摘要值与留痕所载的相同。"""
    cycle, published = package.json(CYCLE)["周期"][0], package.json(LIST)
    publications = package.json(PUBLICATION)
    decided = Decided(package)
    found = []
    for one in sorted(publications["公布"], key=lambda row: row["number"]):
        if one["completed_at"] is None:
            continue
        lines = [row for row in publications["公布名单"] if row["publication"] == one["id"] and not row["refusal"]]
        for row in sorted(lines, key=lambda row: row["place"]):
            number = "%s%04d" % (cycle["certificate_prefix"], len(found) + 1)
            what = decided.fault(key(row["declaration"]), one["begun_at"])
            expect(not what, LIST, "%s %s：%s" % (number, row["declaration"]["number"], what))
            found.append([number, decided.name(key(row["declaration"]), one["begun_at"])])
    for ours, theirs in zip(found, published):
        expect(ours == theirs, LIST, "应为“%s”，名单为“%s”" % (" ".join(ours), " ".join(theirs)))
    expect(len(found) == len(published), LIST, "由审议结果推出%d家，名单有%d家" % (len(found), len(published)))
    if not published:
        return "本周期没有公布名单"
    expect(digest_of(published) == cycle["published_digest"], LIST, "摘要值与公布时登记的不同")
    expect(package.told is not None, TRAIL, "留痕不符，不能用来核对")
    expect(digest_of(published) == package.told.published, LIST, "摘要值与公布时留痕所载的不同")
    return "%d家，摘要值%s" % (len(published), digest_of(published))


class Decided:
    """每件申报由哪些决定列入名单。"""

    def __init__(self, package):
        self.package = package
        self.folders = {case["id"]: folder for folder, case in package.cases()}
        deliberation = package.json(DELIBERATION)
        met = {row["id"]: row["decided_at"] for row in deliberation["审议议程"]}
        self.approved = {}
        for row in deliberation["议程事项"]:
            if row["outcome"] == "approved" and met.get(row["agenda"]):
                self.approved.setdefault(key(row["declaration"]), []).append(met[row["agenda"]])
        self.objections = {}
        for row in package.json(OBJECTIONS)["异议"]:
            self.objections.setdefault(key(row["declaration"]), []).append(row)

    def fault(self, case, at):
        """返回某时公布一件申报缺少什么依据。"""
        if case not in self.folders:
            return "包内没有这件申报"
        if not any(decided <= at for decided in self.approved.get(case, ())):
            return "没有审议通过的记载"
        for row in self.objections.get(case, ()):
            if row["received_at"] <= at and (row["settled_at"] is None or row["settled_at"] > at):
                return "公布时第%s件异议尚未办结" % row["number"]
        runs = self.package.json(self.folders[case] + "评分结果.json")["评分结果"]
        runs = sorted((row for row in runs if row["run_at"] <= at), key=lambda row: row["number"])
        if not runs:
            return "没有评分结果"
        return "" if runs[-1]["eligible"] else "评分结果为不能参与认定"

    def name(self, case, at):
        """返回公布前最后一次固定的商会名称。"""
        folder = self.folders[case] + "固定版本/"
        rows = self.package.json(folder + INDEX)["固定版本"]
        rows = [row for row in rows if row["frozen_at"] <= at and row["transition"] != "recognise"]
        return self.package.json(folder + rows[-1]["file"]).get("applicant", "") if rows else ""


CHECKS = (
    ("文件", check_files),
    ("手工核对清单", check_sums),
    ("固定版本", check_revisions),
    ("评分台账", check_ledgers),
    ("评分结果", check_runs),
    ("佐证材料", check_kept),
    ("留痕", check_trail),
    ("固定版本与留痕", check_frozen),
    ("公布名单", check_list),
)


def check(package, say):
    """逐项核对，返回第一处不符；各项都做完，不因前面不符而停。"""
    first = None
    for name, function in CHECKS:
        try:
            say("相符　%s：%s。" % (name, function(package)))
        except Fault as fault:
            first = first or fault
            say("不符　%s：%s　%s。" % (name, fault.args[0], fault.args[1]))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError, zipfile.BadZipFile) as problem:
            fault = Fault(name, "内容残缺，不能核对（%s %s）" % (type(problem).__name__, problem))
            first = first or fault
            say("不符　%s：%s。" % fault.args)
    return first


def opened(path):
    """返回ZIP或者文件夹。"""
    if os.path.isdir(path):
        return Folder(path)
    if not os.path.exists(path):
        raise Impossible("没有“%s”这个文件或者文件夹。" % path)
    try:
        return Zip(path)
    except (zipfile.BadZipFile, OSError) as problem:
        raise Impossible("“%s”不是能读取的ZIP（%s）。" % (path, problem)) from None


def asked(words):
    """返回要校验的路径和所给的清单摘要值。"""
    words, digest = list(words), ""
    if "--digest" in words:
        at = words.index("--digest")
        digest = "".join(words[at + 1 : at + 2]).strip().lower()
        del words[at : at + 2]
        if len(digest) != 64:
            raise Impossible("--digest后面请写清单的64位摘要值。")
    if len(words) > 1:
        raise Impossible("一次校验一个归档包：python verify.py 归档包.zip")
    return (words[0] if words else os.path.dirname(os.path.abspath(__file__))), digest


def main(words, say):
    """校验并说明结果，返回退出码。"""
    try:
        path, digest = asked(words)
        package = Package(opened(path))
        say("归档包：%s" % package.manifest.get("name", ""))
        say("清单摘要值（SHA-256）：%s" % package.digest)
        first = check(package, say)
    except Impossible as problem:
        say("不能校验：%s" % problem)
        return IMPOSSIBLE
    except Fault as fault:
        say("不符　%s　%s。" % fault.args)
        return FAULTY
    if digest and digest != package.digest:
        first = first or Fault(MANIFEST, "摘要值与所提供的不同")
        say("不符　清单摘要值：所提供的为%s。" % digest)
    if first:
        say("结果：不符。第一处：%s　%s。" % first.args)
        return FAULTY
    if digest:
        say("结果：全部相符，清单摘要值与所提供的相同。")
    else:
        say("结果：全部相符。请将上面的清单摘要值与移交时登记的、留痕所载的比对。")
    return ALL_GOOD


def printed(line):
    """印出一行。"""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:], printed))
