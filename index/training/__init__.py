"""Trains the embedding model that ships: `python -m index.training --data DIR --out DIR`.

    texts       official texts, cut into sentences
    vocabulary  a Unigram tokenizer grown from them
    pairs       which pieces of text belong together
    contrast    vectors that put those near each other
    folder      the model folder that model2vec and sentence-transformers both load
    measure     public benchmarks, never trained on
    card.md     the model card, with blanks

torch is imported in `contrast` alone, so nothing that serves an answer needs it.
"""
