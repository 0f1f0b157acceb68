"""Scripts that run in the environments of peers; they import the peer and nothing of Ringfence."""

__all__: list[str] = []
