"""Floor 1: the store, words (BM25), vectors (FAISS), their fusion, and the build."""
