"""Old Word files (.doc), RTF and OpenDocument: LibreOffice makes a docx of them, which is then read.

LibreOffice runs in a profile of its own that is thrown away, with macros off, links to other hosts
blocked, a limit of time, and no shell in between.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import olefile

from corpus.document import Document, Paragraph
from corpus.errors import SourceError
from corpus.formats import docx
from corpus.formats.package import MAX_UNPACKED
from corpus.formats.sniff import kind_of

SECONDS = 120
_CELL_END = "\x07"
_PROGRAMS = ("soffice", "libreoffice")
_NOWHERE = "http://127.0.0.1:9"  # the discard port: whatever asks for a proxy reaches nobody
_INSTEAD = "请用 Word 或 WPS 打开，另存为 docx 后再添加"
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
 <prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
 <prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
 <prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
 <prop oor:name="Link" oor:op="fuse"><value>2</value></prop>
</item>
<item oor:path="/org.openoffice.Inet/Settings">
 <prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
 <prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
 <prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
 <prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
 <prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop>
</item>
</oor:items>
"""


def read(path: Path) -> Document:
    """Read the .doc, .rtf or .odt at `path`.

    Raises:
        SourceError: LibreOffice is not installed, cannot convert the file, or what it made cannot be read.
    """
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        problem = f"读旧版 Word 文件需要 LibreOffice，这台机器没有安装：{_INSTEAD}，或安装 LibreOffice"
        raise SourceError(path.name, None, problem)
    with tempfile.TemporaryDirectory(prefix="wence-doc-") as folder:
        made = _converted(path, Path(folder), program)
        try:
            if kind_of(made, MAX_UNPACKED // 2**20) != "docx":
                raise SourceError(path.name, None, f"LibreOffice 转换的结果不是 Word 文档：{_INSTEAD}")
            document = docx.read(made)
        except SourceError as error:
            raise SourceError(path.name, error.line, error.problem) from error
    if lost := _lost_table(path, document):
        problem = f"LibreOffice 没有认出里面的表格（“{lost}”成了一段文字）：{_INSTEAD}"
        raise SourceError(path.name, None, problem)
    notes = [f"由 LibreOffice 从 {path.suffix or '旧格式'} 转换后读取"]
    if _has_macros(path):
        notes.append("文件里有宏，没有运行，只读取文字")
    return replace(document, name=path.name, notes=(*notes, *document.notes))


def _converted(path: Path, folder: Path, program: str) -> Path:
    """The docx that LibreOffice makes of a copy of `path` inside `folder`."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    source = folder / f"source{_ending(path)}"
    made = folder / "made"
    made.mkdir()
    shutil.copyfile(path, source)
    command = [program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"]
    command += [f"-env:UserInstallation={profile.parent.as_uri()}"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made), str(source)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"}
    environment |= {"SAL_USE_VCLPLUGIN": "svp", "http_proxy": _NOWHERE, "https_proxy": _NOWHERE}
    said = _run(command, environment, path.name)
    results = list(made.glob("*.docx"))
    if not results:
        reason = f"（{said[-1][:120]}）" if said else ""
        raise SourceError(path.name, None, f"LibreOffice 转换失败{reason}：文件可能已损坏或加密，{_INSTEAD}")
    return results[0]


def _run(command: list[str], environment: dict[str, str], name: str) -> list[str]:
    """Run it to its end or its limit, with all that it started; returns the lines that it printed."""
    with subprocess.Popen(  # noqa: S603 -- a fixed program, no shell, a copy under a fixed name
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise SourceError(name, None, f"LibreOffice 转换超过{SECONDS}秒，已中止：{_INSTEAD}") from error
        finally:  # the program is a script that starts others
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return [line for line in printed.decode("utf-8", "replace").splitlines() if line.strip()]


def _lost_table(path: Path, document: Document) -> str:
    """Cells of the .doc whose texts have run together outside a table; "" where there are none.

    LibreOffice drops some tables of Word 97 files and keeps their words. A cell ends with character 7
    ([MS-DOC] 2.4.3); the text is looked up where it lies in one piece, as in all but fast-saved files.
    """
    if _ending(path) != ".doc":
        return ""
    with olefile.OleFileIO(str(path)) as container:
        stream = container.openstream("WordDocument").read()
    begin, characters = (int.from_bytes(stream[at : at + 4], "little") for at in (0x18, 0x4C))
    text = stream[begin : begin + 2 * characters].decode("utf-16-le", "replace")
    cells = [cell.split("\r") for cell in text.split(_CELL_END)]
    pairs = ((one[-1].strip(), other[0].strip()) for one, other in pairwise(cells[:-1]))
    prose = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    long = (pair for pair in pairs if all(len(half) > 1 for half in pair))
    return next(("、".join(pair)[:40] for pair in long if any("".join(pair) in line for line in prose)), "")


def _ending(path: Path) -> str:
    """The extension by content: LibreOffice lets the name choose between its filters."""
    with path.open("rb") as file:
        head = file.read(200)
    if head.startswith(olefile.MAGIC):
        return ".doc"
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    if head.startswith(b"PK"):
        return ".odt" if b"opendocument" in head else ".docx"
    return ".xml"


def _has_macros(path: Path) -> bool:
    if not olefile.isOleFile(str(path)):
        return False
    with olefile.OleFileIO(str(path)) as container:
        return any("VBA" in storage for storage in container.listdir(streams=False, storages=True))
