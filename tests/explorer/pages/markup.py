"""What a browser would make of a piece of HTML: its elements, and its text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Markup:
    """Start tags with their attributes, in order, and the text between them."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""

    def named(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element with this name."""
        return [attributes for tag, attributes in self.elements if tag == name]

    def attributes(self) -> set[str]:
        """The names of all attributes."""
        return {name for _, attributes in self.elements for name in attributes}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Markup()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.found.text += data


def read(html: str) -> Markup:
    """A piece of HTML, or a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found
