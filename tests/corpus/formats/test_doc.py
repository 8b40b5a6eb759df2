"""Old Word files, through LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from corpus.errors import SourceError
from corpus.formats.any import read_document
from tests.corpus.formats.word_xml import paragraph, rows_of, tbl, tc, texts, word

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 没有安装")


@needs_libreoffice
def test_an_old_word_file_gives_what_its_docx_gives(tmp_path: Path) -> None:
    source = tmp_path / "旧文件.docx"
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [tc("序号") + tc("措施"), tc("1", start) + tc("治理扬尘"), tc("", on) + tc("治理臭氧")]
    title = paragraph("行动计划", '<w:jc w:val="center"/>')
    word(title, tbl((1000, 5000), *rows), paragraph("完")).save(str(source))
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "doc:MS Word 97"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, capture_output=True)
    old, new = read_document(tmp_path / "旧文件.doc"), read_document(source)
    assert old.blocks == new.blocks
    assert rows_of(next(old.tables)) == [["序号", "措施"], ["1", "治理扬尘"], ["1", "治理臭氧"]]
    assert old.name == "旧文件.doc"
    assert old.notes == ("由 LibreOffice 从 .doc 转换后读取",)


@needs_libreoffice
def test_rtf_under_the_name_of_a_doc_is_read(tmp_path: Path) -> None:
    written = "".join(f"\\u{ord(char)}?" for char in "治理扬尘")
    (tmp_path / "通知.doc").write_bytes(b"{\\rtf1\\ansi " + written.encode() + b"\\par}")
    assert texts(read_document(tmp_path / "通知.doc")) == ["治理扬尘"]


def test_without_libreoffice_the_operator_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "通知.rtf").write_bytes(b"{\\rtf1 x}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"通知\.rtf：.*LibreOffice.*没有安装.*另存为 docx"):
        read_document(tmp_path / "通知.rtf")


def test_a_conversion_that_fails_or_hangs_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does what LibreOffice does on a file that it cannot open, and one that never ends."""
    (tmp_path / "通知.rtf").write_bytes(b"{\\rtf1 x}")
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho 'Error: source file could not be loaded'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(
        SourceError, match=r"通知\.rtf：LibreOffice 转换失败（Error: source file could not be"
    ):
        read_document(tmp_path / "通知.rtf")
    program.write_text("#!/bin/sh\nexec tail -f /dev/null\n", encoding="utf-8")
    monkeypatch.setattr("corpus.formats.doc.SECONDS", 0.2)
    with pytest.raises(SourceError, match=r"通知\.rtf：LibreOffice 转换超过.*已中止.*另存为 docx"):
        read_document(tmp_path / "通知.rtf")
