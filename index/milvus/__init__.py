"""Milvus behind the retriever's Protocol: words and vectors where one machine is not enough."""
