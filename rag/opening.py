"""Of thousands of names the few that may stand in a text: those whose first two characters do."""

from __future__ import annotations

from collections.abc import Sequence


class Opening:
    """Names by their first two characters."""

    def __init__(self, names: Sequence[str]) -> None:
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            self._places.setdefault(name[:2], []).append(place)

    def places(self, text: str) -> list[int]:
        """The places, in order, of the names that may stand in `text`."""
        return sorted(at for opening, places in self._places.items() if opening in text for at in places)
