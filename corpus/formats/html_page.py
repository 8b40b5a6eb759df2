"""The page around a published document: its encoding, its tree, and the element that holds the text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lxml.html

from corpus.errors import SourceError
from corpus.places import LEXICON

Element = Any
"""An lxml element: lxml ships no types."""

SILENT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "rp",
        "area",
        "col",
        "colgroup",
    ]
)
AROUND = frozenset(["nav", "header", "footer", "aside"])
NESTED = "网页的标签嵌套过深，后面的内容读不到；请转成docx后再添加"
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\u200b-\u200d\u2060\ufeff\xad]")
_HIDDEN = re.compile(r"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all)")
_MOST = 0.5
_TOOL = 200
"""An element with more text than that is no tool, whatever it is called."""


def decoded(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of the page, and what had to be said about its encoding.

    A byte order mark decides, then what the page declares, then UTF-8, then GB18030. What is valid
    UTF-8 is UTF-8 whatever is declared: saved pages are often recoded without their head.

    Raises:
        SourceError: it can be read in none of them, with the first line that cannot.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(name, data[len(mark) :], encoding), ()
    found = _DECLARED.search(data[:4096])
    declared = _known(found.group(1).decode().lower()) if found else None
    readable = [one for one in ("utf-8", declared, "gb18030") if one and _reads(data, one)]
    if not readable or (readable[0] != "utf-8" and _is_damaged_utf8(data)):
        return _strict(name, data, "utf-8"), ()
    chosen = readable[0]
    if declared and chosen != declared and not data.isascii():
        return data.decode(chosen), (f"网页声明的编码是{declared}，实际按{chosen}读出",)
    return data.decode(chosen), ()


def parsed(name: str, text: str) -> Element:
    """The tree of the page; entities of its own and the network are never touched.

    Raises:
        SourceError: it nests deeper than the parser follows, or holds no element.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    source = _CONTROL.sub("", text).encode("utf-8", "replace")
    try:
        tree = lxml.html.document_fromstring(source, parser=parser)
    except lxml.etree.ParserError:
        raise SourceError(name, None, "网页是空的；请在浏览器里重新另存后再添加") from None
    limits = [entry for entry in parser.error_log if "RESOURCE_LIMIT" in entry.type_name]
    if limits:
        raise SourceError(name, limits[0].line, NESTED)
    return tree


def is_hidden(element: Element) -> bool:
    """Whether the element itself says that it is not shown."""
    if element.get("hidden") is not None:
        return True
    return bool(_HIDDEN.search(style(element)))


def style(element: Element) -> str:
    """The element's own style in lower case without blanks."""
    own = element.get("style")
    return re.sub(r"\s+", "", own).lower() if own else ""


def is_tool(element: Element) -> bool:
    """Whether the element is a tool of the page (sharing, printing), not its text."""
    named = element.tag != "body" and bool(_names(element) & _bodies().tools)
    return element.tag == "nav" or (named and len(readable(element)) < _TOOL)


def bodies_of(tree: Element) -> list[Element]:
    """The elements that hold the document, in reading order: one or more, or the whole body."""
    lexicon = _bodies()
    named: dict[str, list[Element]] = {}
    for element in tree.iter():
        for name in _names(element) & lexicon.all:
            named.setdefault(name, []).append(element)
    certain = {one for name in lexicon.certain for one in named.get(name, ()) if readable(one)}
    if certain:
        return [one for one in tree.iter() if one in certain and not certain & set(one.iterancestors())]
    whole = _weight([tree])
    for name in lexicon.likely:
        likely = set(named.get(name, ()))
        outer = [one for one in named.get(name, ()) if not likely & set(one.iterancestors())]
        if _weight(outer) > _MOST * whole:
            return outer
    body = tree.find("body")
    return [tree if body is None else body]


def readable(element: Element) -> str:
    """The text that a reader of the page sees in the element, blanks closed up."""
    return re.sub(r"\s+", "", "".join(_texts(element)))


def outside(tree: Element, bodies: Iterable[Element]) -> str:
    """The text of the page around `bodies`, blanks narrowed to one."""
    return " ".join("\n".join(_texts(tree, frozenset(bodies))).split())


def _texts(element: Element, without: frozenset[Element] = frozenset()) -> Iterator[str]:
    if element in without or element.tag in SILENT or is_hidden(element):
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _texts(child, without)
        yield child.tail or ""


def _weight(elements: Iterable[Element]) -> int:
    """How much text the elements hold that is no link: menus are links."""
    return sum(len(readable(one)) - sum(len(readable(link)) for link in one.iter("a")) for one in elements)


def _names(element: Element) -> set[str]:
    return {name.lower() for name in (element.get("class") or "").split() + (element.get("id") or "").split()}


@dataclass(frozen=True)
class _Bodies:
    certain: frozenset[str]
    likely: tuple[str, ...]
    tools: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """The names of every element that may hold the document."""
        return self.certain | frozenset(self.likely)


@lru_cache(maxsize=1)
def _bodies() -> _Bodies:
    entries = tomllib.loads((LEXICON / "page_bodies.toml").read_text("utf-8"))
    lower = {kind: tuple(name.lower() for name in names) for kind, names in entries.items()}
    return _Bodies(frozenset(lower["certain"]), lower["likely"], frozenset(lower["tools"]))


def _known(declared: str) -> str | None:
    """The codec for a declared name; the wider one for the GB family, none where it says nothing."""
    if declared.startswith(("gb", "x-gb", "cp936")):
        return "gb18030"
    return declared if declared in ("utf-8", "big5") else None


def _reads(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(data: bytes) -> bool:
    """Few bytes are wrong: as GB18030 it might decode, but to other characters."""
    text = data.decode("utf-8", "replace")
    beyond = sum(1 for char in text if char > "\x7f")
    return text.count("\ufffd") * 10 < beyond


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = f"这里的文字不能按{encoding}解码，文件可能损坏；请在浏览器里按UTF-8重新另存后再添加"
        raise SourceError(name, line, problem) from None
