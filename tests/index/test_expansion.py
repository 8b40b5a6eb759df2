"""Everyday words: each entry helps the question that it names, and only in its direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.ingest import Corpus
from corpus.normal import normal
from index.expansion import Entry, Everyday, LexiconError, everyday, read_everyday
from index.store import searchable
from index.words import WordIndex

ENTRY = '[[word]]\nsays = ["雾霾"]\nmeans = ["重污染天气"]\nweight = 0.8\nhelps = "雾霾"\nfinds = "a/1/1"\n'


def test_every_entry_helps_the_question_that_it_names(corpus: Corpus) -> None:
    """By its own words the record scores higher with the entry than without, and is in the first five."""
    texts = [searchable(record) for record in corpus.records]
    words, place = WordIndex.build(texts), {record.id: n for n, record in enumerate(corpus.records)}
    lexicon = everyday()

    def found(entry: Entry, of: Everyday) -> tuple[int, float]:
        scores = words.scores(entry.helps, of.expansions(normal(entry.helps)))
        own = scores[place[entry.finds]]
        return (int((scores > own).sum()) + 1 if own > 0 else len(texts) + 1), float(own)

    assert len(lexicon.entries) > 200
    together = "\n".join(texts)
    for entry in lexicon.entries:
        others = Everyday([other for other in lexicon.entries if other is not entry])
        (rank, score), (without, less) = found(entry, lexicon), found(entry, others)
        assert rank <= min(without, 5) and score > less, entry
        assert all(term in together for term in entry.means), entry
    said = [word for entry in lexicon.entries for word in entry.says]
    assert len(said) == len(set(said))


def test_a_word_stands_for_a_term_and_not_the_other_way_round() -> None:
    lexicon = Everyday([Entry(("雾霾", "霾天"), ("重污染天气",), 0.8, "", "")])
    (found,) = lexicon.expansions("冬天雾霾怎么办")
    assert (found.start, found.end, found.terms, found.weight) == (2, 4, ("重污染天气",), 0.8)
    assert lexicon.expansions("重污染天气怎么办") == ()
    assert lexicon.expansions("雾霾就是重污染天气") == ()
    assert Everyday(()).expansions("雾霾") == ()


def test_of_an_expansion_the_best_term_counts_once() -> None:
    words = WordIndex.build(["重污染天气应急", "空气质量改善", "河道"])
    lexicon = Everyday([Entry(("雾霾",), ("重污染天气", "空气质量"), 0.5, "", "")])
    scores = words.scores("雾霾", lexicon.expansions("雾霾"))
    assert scores[0] == pytest.approx(0.5 * words.scores("重污染天气")[0])
    assert scores[1] == pytest.approx(0.5 * words.scores("空气质量")[1])
    assert scores[2] == 0


def test_both_directions_where_an_entry_says_so(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(ENTRY + "both = true\n", encoding="utf-8")
    lexicon = read_everyday(path)
    assert lexicon.expansions("重污染天气")[0].terms == ("雾霾",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ENTRY.replace("weight = 0.8", "weight = 2"), "weight 应在 0 和 1 之间"),
        (ENTRY.replace('says = ["雾霾"]', 'says = ["雾"]'), "says 应是词的列表"),
        (ENTRY.replace('helps = "雾霾"\n', ""), "缺 helps"),
        (ENTRY + "colour = 1\n", "多 colour"),
        ("[[word", "读不了"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "words.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError, match=problem):
        read_everyday(path)
