"""The table of what an answer cites, as HTML; every value is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from corpus.types import ROLE_WORDS, STATUS_WORDS
from index.store import Store
from rag.answer import Answer, Citation, Table, marked
from rag.listing import row

COLUMNS = ("引用", "原文摘句", "完成时限", "部门")
WAITING = '<p class="hint">提问后，答复所引用的措施列在这里。</p>'
NONE_CITED = '<p class="hint">这次答复没有引用任何措施。</p>'


def table(answer: Answer, store: Store) -> str:
    """One row for each citation of `answer`, in its order."""
    if not answer.citations:
        return NONE_CITED
    head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(_row(cited, row(cited.record, cited.plan, cited.label)) for cited in answer.citations)
    title = f"<h2>引用的措施<small>共 {len(answer.citations)} 条</small></h2>"
    beside = _comparison(answer.table) if answer.table else ""
    return f'{beside}{title}<table class="cited"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _comparison(compared: Table) -> str:
    """What is compared, a row a side, above what is cited."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in compared.columns)
    cells = zip(compared.columns * len(compared.rows), (c for row in compared.rows for c in row), strict=True)
    made = [_cell(name, escape(cell)) for name, cell in cells]
    width = len(compared.columns)
    body = "".join(f"<tr>{''.join(made[n : n + width])}</tr>" for n in range(0, len(made), width))
    inside = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<h2>对照</h2><table class="cited compared">{inside}</table>'


def words(answer: Answer) -> str:
    """The answer as the conversation shows it: how the question was read, and what else can be asked.

    Of an answer that a model words: what stands so far, what the plans say themselves where a sentence
    of the model's failed, and who wrote it.
    """
    read = f"（按“{answer.understood}”理解）\n" if answer.understood else ""
    more = "\n还可以问：" + " ".join(answer.suggestions) if answer.suggestions else ""
    if not answer.statements:
        return f"{read}已找到 {len(answer.citations)} 条依据，正在撰写……"
    note = f"\n（{answer.writing.note.rstrip('。')}）" if answer.writing else ""
    return f"{read}{marked(answer.statements)}{note}{more}"


def _row(cited: Citation, listed: dict[str, Any]) -> str:
    cells = (_source(cited), _quote(cited), _deadline(listed), _departments(listed["roles"]))
    return "<tr>" + "".join(_cell(name, cell) for name, cell in zip(COLUMNS, cells, strict=True)) + "</tr>"


def _cell(name: str, content: str) -> str:
    return f'<td data-column="{name}">{content or "—"}</td>'


def _source(cited: Citation) -> str:
    """The label, the plan with its status, and where in which file."""
    plan, span = cited.plan, cited.record.span
    return (
        f"<b>{escape(cited.label)}</b>"
        f'<div class="plan">{escape(plan.title)}</div>'
        f'<span class="status {plan.status}">{STATUS_WORDS[plan.status]}</span>'
        f'<div class="source">出处：{escape(span.file)} <span>第{span.first}行</span></div>'
    )


def _quote(cited: Citation) -> str:
    """The quote under its section; the whole text, with the quote marked, unfolds."""
    text, quote = cited.record.text, cited.quote
    said = f'<div class="path">{escape(" › ".join(cited.record.path))}</div>' if cited.record.path else ""
    said += f"<q>{escape(quote)}</q>"
    if len(text) <= len(quote) + 1:
        return said
    before, _, after = text.partition(quote)
    whole = f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"
    return f"{said}<details><summary>全文</summary>{whole}</details>"


def _deadline(listed: dict[str, Any]) -> str:
    if listed["target"]:
        return f"年终目标：{escape(listed['target'])}"
    return escape(listed["deadline"] or "")


def _departments(roles: dict[str, Sequence[str]]) -> str:
    lines = [
        f'<div><span class="role">{words}</span>{escape("、".join(roles[role.value]))}</div>'
        for role, words in ROLE_WORDS.items()
        if roles[role.value]
    ]
    return "".join(lines)


def notice(sentence: str) -> str:
    """`sentence` as a line that screen readers announce."""
    return f'<p role="alert">{escape(sentence)}</p>'
