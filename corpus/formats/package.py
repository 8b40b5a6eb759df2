"""The guard in front of zip packages (docx, xlsx, odt): nothing is unpacked before it has passed here.

Sizes are declared in a zip, and zipfile gives out no byte more than declared, so their sum bounds what
any library behind this can be made to unpack. OOXML and OpenDocument allow no DTD in any part (ECMA-376
part 2, 8.1.4): a part that brings one is an attack (entities that swell, entities that fetch files).
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from corpus.errors import SourceError

MAX_UNPACKED = 300 * 2**20
MAX_MEMBERS = 5_000
MAX_RATIO = 200
RATIO_FLOOR = 20 * 2**20  # a short table packs well: below this a ratio says nothing
_CHUNK = 2**16
_ENCRYPTED = 0x1
_NO_PART = (".htm", ".html", ".xhtml", ".svg")  # web formats: a DTD is usual there, and no reader parses them
_XML = (".xml", ".rels", ".vml")
RESEND = "请重新下载，或请发文单位重发"


class _RootReachedError(Exception):
    """The prolog is over: a DTD can only stand before the root element."""


def guarded(path: Path) -> frozenset[str]:
    """The names of the members of the zip at `path`, once it has passed every check.

    Raises:
        SourceError: it is damaged, encrypted, swells beyond all bounds, has a member that escapes its
            folder, or has a DTD in an XML part.
    """
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            _check_sizes(path, members)
            _check_names(path, members)
            for member in members:
                _check_part(path, package, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, UnicodeError) as error:
        raise SourceError(path.name, None, f"文件已损坏，压缩包读不完整：{RESEND}") from error
    return frozenset(member.filename for member in members)


def member(path: Path, name: str) -> bytes:
    """One member of a package that has passed; empty where it has none of that name."""
    with zipfile.ZipFile(path) as package:
        return package.read(name) if name in package.namelist() else b""


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_MEMBERS:
        problem = f"内含{len(members)}个部件，超过{MAX_MEMBERS}个的上限，不像正常文件：{RESEND}"
    elif unpacked > MAX_UNPACKED:
        problem = (
            f"解压后有{unpacked / 2**20:.0f}MB，超过{MAX_UNPACKED // 2**20}MB的上限，疑似压缩炸弹，没有打开："
            f"确认来源可靠后，压缩图片或拆成几个文件再添加"
        )
    elif unpacked > RATIO_FLOOR and unpacked > MAX_RATIO * max(packed, 1):
        problem = f"压缩比超过{MAX_RATIO}倍，疑似压缩炸弹，没有打开：请核实文件来源，{RESEND}"
    else:
        return
    raise SourceError(path.name, None, problem)


def _check_names(path: Path, members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise SourceError(
                path.name, None, f"内含指向文件外部的路径“{name[:60]}”，没有打开：请核实文件来源，{RESEND}"
            )
        if name.lower() in seen:  # one reader would take the first, another the last
            raise SourceError(path.name, None, f"部件“{name[:60]}”出现两次，文件已损坏：{RESEND}")
        seen.add(name.lower())
        if member.flag_bits & _ENCRYPTED:
            raise SourceError(path.name, None, "压缩包已加密：请取消密码后再添加")


def _check_part(path: Path, package: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Read it to its end (that checks its CRC); where it is XML, let its prolog hold no DTD."""
    name = member.filename.lower()
    with package.open(member) as stream:
        head = stream.read(_CHUNK)
        opening = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        if head and not name.endswith(_NO_PART) and (name.endswith(_XML) or opening.startswith(b"<")):
            parser = _prolog_parser(path, member.filename)
            try:
                chunk = head
                while chunk:
                    parser.Parse(chunk)
                    chunk = stream.read(_CHUNK)
                parser.Parse(b"", True)
            except _RootReachedError:
                pass
            except expat.ExpatError as error:
                problem = f"部件“{member.filename[:60]}”不是有效的XML，文件已损坏：{RESEND}"
                raise SourceError(path.name, None, problem) from error
        while stream.read(_CHUNK):
            pass


def _prolog_parser(path: Path, part: str) -> expat.XMLParserType:
    """A parser that stops at the root; expat knows UTF-8 and UTF-16, all that these formats allow."""

    def doctype(*_: object) -> None:
        problem = (
            f"部件“{part[:60]}”里有DTD或实体声明（可能引用外部文件），没有打开：请核实文件来源，{RESEND}"
        )
        raise SourceError(path.name, None, problem)

    def root(*_: object) -> None:
        raise _RootReachedError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    return parser
