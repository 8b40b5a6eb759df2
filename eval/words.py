"""How a report says things in Chinese: categories, metrics and what they mean, values in their units."""

from __future__ import annotations

from typing import Any

CATEGORIES = {
    "fact": "事实",
    "duty": "职责",
    "complaint": "市民诉求",
    "nickname": "简称俗称",
    "deadline": "期限",
    "list": "清单",
    "count": "计数",
    "compare": "市区对比",
    "summary": "概述",
    "yesno": "是否",
    "indicator": "指标表",
    "outline": "提纲",
    "five-year": "五年规划",
    "follow-up": "追问",
    "ambiguous": "有歧义",
    "unanswerable": "不可答",
    "other-district": "其他区",
}
NOTES = {
    "headline": "答对，并且应引的措施全部引到；没有回答的算错",
    "recall@1": "前 1 条里应引措施的比例",
    "recall@5": "前 5 条里应引措施的比例",
    "recall@10": "前 10 条里应引措施的比例",
    "mrr": "第一条应引措施的名次的倒数",
    "ndcg@10": "前 10 条的排序质量",
    "citation_precision": "所引措施中该引或可引的比例",
    "citation_recall": "应引措施中引到的比例",
    "list_f1": "清单题所列措施与应列措施",
    "list_exact": "清单题一条不多、一条不少",
    "answers": "答案应含的字句出现的比例",
    "figures": "应含的数字出现的比例",
    "duties": "所问部门个个以其角色给出",
    "grounded": "数字、期限、部门都在所引原文里找得到的句子",
    "refusal_recall": "不可答的题里被拒答的比例",
    "refusal_precision": "被拒答的题里不可答的比例",
    "wrong_refusal": "可答的题里被拒答的比例，越低越好",
    "clarify": "有歧义的题里列出候选或反问的比例",
    "writer_before": "模型写的句子中，一次核对就有据的比例",
    "writer_mended": "模型写的句子中，改过一次才有据的比例",
    "writer_replaced": "模型写的句子中，因无据而未采用的比例，越低越好",
    "writer_after": "答复里留下的模型句子中，数字、期限、部门都有据的比例",
    "writer_fallback": "模型的话一句也没用上、全用原文的题的比例，越低越好",
    "latency_p50": "一半的题在此时间内答完",
    "latency_p99": "99% 的题在此时间内答完",
    "first_sentence_p50": "一半的题，模型的第一句在此时间内写出",
    "first_sentence_p90": "九成的题，模型的第一句在此时间内写出",
    "tokens_per_s": "模型每秒写出的词元，取中位数",
}
VERDICTS = {"right": "✓ 应引", "also": "○ 可引", "extra": "△ 未列", "missing": "✗ 漏引"}
SCORES = {"mrr", "ndcg@10", "list_f1"}  # said as they are; other metrics are shares, said as percentages
LESS_IS_BETTER = {"wrong_refusal", "latency_p50", "latency_p99", "writer_replaced", "writer_fallback"}
TITLES = {"mrr": "MRR", "ndcg@10": "nDCG@10", "latency_p50": "时延 p50", "latency_p99": "时延 p99"}


def said(value: float | None, metric: str, signed: bool = False) -> str:
    """`value` in the unit of `metric`; a difference (`signed`) of shares is in points of 100."""
    if value is None:
        return "—"
    sign = "+" if signed else ""
    if metric == "tokens_per_s":
        return f"{value:{sign}.1f}"
    if metric.startswith(("latency", "first_sentence")):
        return f"{value:{sign}.{0 if abs(value) >= 100 else 1}f} ms"
    if metric in SCORES:
        return f"{value:{sign}.3f}"
    return f"{round(value * 100, 1) + 0.0:{sign}.1f}" + ("" if signed else "%")


def titles(configs: list[dict[str, Any]]) -> dict[str, str]:
    """The metrics' Chinese names as the record gives them, else their own names."""
    scored = {name: name for config in configs for result in config["results"] for name in result["scores"]}
    given = {name: mean.get("title", name) for config in configs for name, mean in config["metrics"].items()}
    titles = scored | {"headline": "答对且引全"} | given | TITLES
    return {name: title.replace("recall@", "召回@") for name, title in titles.items()}
