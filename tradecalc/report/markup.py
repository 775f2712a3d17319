"""From what authors and pandas write to the HTML of the report: Markdown, formulas, code and tables."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup

from tradecalc.report.notebooks import NotebookError
from tradecalc.report.tables import MISSING

SHORT = 24
_NUMBER = re.compile(r"[-+−]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?\s*%?")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_INLINE = frozenset({"b", "strong", "i", "em", "code", "sub", "sup", "br"})
_UNKNOWN = frozenset({"NaN", "NaT", "None", "&lt;NA&gt;"})
_DROPPED = frozenset({"script", "style", "head", "title", "iframe", "object", "svg", "template"})


@dataclass(frozen=True)
class Heading:
    """A heading of a page: level, anchor and text."""

    level: int
    anchor: str
    text: str


@dataclass
class Cell:
    """One cell of a table: its HTML, what it heads, its extent, and how it is laid out."""

    html: Markup
    scope: str = ""
    colspan: int = 1
    rowspan: int = 1
    kind: str = ""


@dataclass
class Grid:
    """A table for the report: caption, rows of the head, rows of the body."""

    caption: str = ""
    head: list[list[Cell]] = field(default_factory=list)
    body: list[list[Cell]] = field(default_factory=list)

    @classmethod
    def of(cls, head: Collection[str], rows: Collection[Collection[Any]], *, caption: str = "") -> "Grid":
        """Return a table from headings and rows; the first cell of a row heads it; Markup stays as it is."""
        grid = cls(caption, [[Cell(Markup.escape(h), "col") for h in head]])
        for row in rows:
            grid.body.append([Cell(Markup.escape(c), "row" if i == 0 else "") for i, c in enumerate(row)])
        return grid.finish()

    def finish(self) -> "Grid":
        """Return the table with numbers marked, scopes set and a two-row head of pandas merged into one."""
        if len(self.head) == 2 and len(self.head[0]) == len(self.head[1]):
            pairs = list(zip(*self.head, strict=True))
            wide = any(cell.colspan > 1 for row in self.head for cell in row)
            if not wide and all(not a.html or not b.html for a, b in pairs):
                self.head = [[a if a.html else b for a, b in pairs]]
        for row in self.head:
            for cell in row:
                cell.scope = ("colgroup" if cell.colspan > 1 else "col") if cell.html else ""
        width = max((len(row) for row in self.body), default=0)
        for i in range(width):
            column = [row[i] for row in self.body if len(row) == width and not row[i].scope and row[i].html]
            texts = [cell.html.striptags() for cell in column]
            numeric = any(_NUMBER.fullmatch(t) for t in texts) and all(
                _NUMBER.fullmatch(t) or t == MISSING for t in texts
            )
            for cell in column if numeric else ():
                cell.kind = "number"
            for cell in (row[i] for row in self.head if numeric and len(row) == width):
                cell.kind = "number wide" if len(cell.html.striptags()) > SHORT else "number"
        for cell in (cell for row in self.body for cell in row if not cell.kind):
            cell.kind = kind_of(cell.html.striptags(), name=cell.scope == "row")
        return self


class Links:
    """Where links lead: notebooks and documents to their pages, data files to the sources, the rest nowhere."""

    def __init__(self, pages: Collection[str], files: Collection[str] = ()) -> None:
        """Keep the names of the pages of the site and of the data files that the sources page shows."""
        self.pages, self.files = frozenset(pages), frozenset(files)

    def resolve(self, href: str) -> str | None:
        """Return the address in the site, or None where a relative link has no page there."""
        if re.match(r"https?://|mailto:|#", href):
            return href
        path, _, anchor = href.partition("#")
        if re.match(r"[a-z]+:", path, re.IGNORECASE):
            return None
        if "data/" in path and (name := path.split("data/", 1)[1]) in self.files:
            return f"sources.html#{slug(name)}"
        page = re.sub(r"\.(ipynb|md)$", ".html", path.rsplit("/", 1)[-1])
        return f"{page}#{anchor}".rstrip("#") if page in self.pages else None


def kind_of(text: str, *, name: bool = False) -> str:
    """Return how a cell of text is laid out: a date or a short name stays on one line, long text gets room."""
    return "line" if _DATE.fullmatch(text) or (name and len(text) <= SHORT) else "long" if len(text) > 40 else ""


def slug(text: str) -> str:
    """Return a text as an anchor: lower case letters and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def math(latex: str, *, block: bool) -> str:
    """Return a formula as MathML.

    Raises:
        NotebookError: the formula cannot be read.
    """
    from latex2mathml.converter import convert

    try:
        mathml = str(convert(latex.strip(), display="block" if block else "inline"))
    except Exception as err:  # the converter has no base class for what it raises
        raise NotebookError(f"the formula {latex!r} cannot be read ({type(err).__name__}); check its braces.") from None
    return f'<div class="formula" tabindex="0" role="group" aria-label="Formula">{mathml}</div>' if block else mathml


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(content: str, options: dict[str, Any]) -> str:
        return math(content, block=options["display_mode"])

    def table_open(renderer: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        return f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(env["label"]())}">\n<table>\n'

    def table_close(renderer: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        return "</table>\n</div>\n"

    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_space=False, renderer=formula)
    parser.add_render_rule("table_open", table_open)
    parser.add_render_rule("table_close", table_close)
    return parser


def markdown(
    text: str, *, links: Links, label: Callable[[], str] = lambda: "Table", taken: set[str] | None = None
) -> tuple[Markup, list[Heading]]:
    """Return Markdown as HTML and the headings in it; ``taken`` holds the anchors of the page, and is added to.

    Raw HTML is shown as text; an image is refused, since figures come from outputs, which carry a description. A
    Mermaid picture is left out, since a page without scripts cannot draw it.
    ``label`` gives the accessible name of each table.

    Raises:
        NotebookError: an image, or a formula that cannot be read.
    """
    anchors = set() if taken is None else taken
    parser = _parser()
    tokens = [token for token in parser.parse(text) if token.info.strip() != "mermaid"]
    headings = []
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            plain = _plain(tokens[i + 1])
            anchor = _unique(slug(plain), anchors)
            token.attrSet("id", anchor)
            headings.append(Heading(int(token.tag[1]), anchor, plain))
        elif token.type in ("th_open", "td_open"):
            kind = "number" if "right" in str(token.attrGet("style")) else kind_of(tokens[i + 1].content)
            token.attrs = {"class": kind} if kind else {}
            if token.tag == "th":
                token.attrSet("scope", "col")
        elif token.type == "inline":
            token.children = _linked(token.children or [], links)
    return Markup(parser.renderer.render(tokens, parser.options, {"label": label})), headings


def _plain(inline: Any) -> str:
    texts = ("text", "code_inline", "math_inline")
    return "".join(c.content if c.type in texts else " " * (c.type == "softbreak") for c in inline.children or ())


def _unique(anchor: str, taken: set[str]) -> str:
    name, n = anchor, 1
    while name in taken:
        n += 1
        name = f"{anchor}-{n}"
    taken.add(name)
    return name


def _linked(children: list[Any], links: Links) -> list[Any]:
    out, dropped = [], []
    for child in children:
        if child.type == "image":
            raise NotebookError(f"the image {child.attrGet('src')!r} stands in Markdown; show it as an output instead.")
        if child.type == "link_open":
            href = links.resolve(str(child.attrGet("href") or ""))
            dropped.append(href is None)
            if href is None:
                continue
            child.attrSet("href", href)
        elif child.type == "link_close" and dropped.pop():
            continue
        out.append(child)
    return out


def code(source: str) -> Markup:
    """Return Python source as highlighted HTML."""
    from pygments import highlight  # type: ignore[import-untyped, unused-ignore]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped, unused-ignore]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped, unused-ignore]

    return Markup(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def parse_html(html: str) -> list[Markup | Grid]:
    """Return what an output's HTML says, as paragraphs and tables; style, script, links and images are dropped."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finish()


class _Reader(HTMLParser):
    """Read the tables and the text of an output; style, script, links and images do not pass."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Markup | Grid] = []
        self.text: list[str] = []
        self.grid: Grid | None = None
        self.row: list[Cell] | None = None
        self.cell: tuple[str, dict[str, str | None]] | None = None
        self.in_head = False
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.skipping += 1
        elif tag == "table":
            self._flush()
            self.grid = Grid()
        elif tag == "thead":
            self.in_head = True
        elif tag == "tr" and self.grid:
            self.row = []
        elif tag in ("td", "th", "caption") and self.grid:
            self.text, self.cell = [], (tag, dict(attrs))
        elif tag in _INLINE and not self.skipping:
            self.text.append(f"<{tag}>")
        elif tag in ("p", "div", "li") and self.cell is None:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.skipping = max(0, self.skipping - 1)
        elif tag == "table" and self.grid:
            self.parts.append(self.grid.finish())
            self.grid, self.text = None, []
        elif tag == "thead":
            self.in_head = False
        elif tag == "tr" and self.grid and self.row is not None:
            (self.grid.head if self.in_head else self.grid.body).append(self.row)
            self.row = None
        elif tag in ("td", "th", "caption") and self.grid and self.cell:
            self._end_cell(self.grid, *self.cell)
        elif tag in _INLINE and tag != "br" and not self.skipping:
            self.text.append(f"</{tag}>")
        elif tag in ("p", "div", "li") and self.cell is None:
            self._flush()

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.text.append(escape(data, quote=False))

    def _end_cell(self, grid: Grid, tag: str, attrs: dict[str, str | None]) -> None:
        content = Markup("".join(self.text).strip())
        content = Markup(MISSING) if content in _UNKNOWN and tag == "td" else content
        self.text, self.cell = [], None
        if tag == "caption":
            grid.caption = content.striptags()
        elif self.row is not None:
            across, down = (int(v) if (v := attrs.get(k) or "").isdigit() else 1 for k in ("colspan", "rowspan"))
            scope = "row" if tag == "th" and not self.in_head and content else ""
            self.row.append(Cell(content, scope, across, down))

    def _flush(self) -> None:
        content = "".join(self.text).strip()
        if content and self.grid is None:
            self.parts.append(Markup(f"<p>{content}</p>"))
        self.text = []

    def finish(self) -> list[Markup | Grid]:
        self._flush()
        return self.parts
