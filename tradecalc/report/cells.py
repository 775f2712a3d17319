"""From an executed notebook to the blocks of its page: prose, tables, figures, and the code behind each result."""

import base64
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from markupsafe import Markup

from tradecalc.report.markup import Grid, Heading, Links, code, markdown, parse_html
from tradecalc.report.notebooks import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

_NOTHING: Final = Markup("")


@dataclass(frozen=True)
class Block:
    """One thing on a page; which fields are set follows from ``kind``."""

    kind: Literal["prose", "code", "table", "figure", "text"]
    html: Markup = _NOTHING
    label: str = ""
    section: str = ""
    grid: Grid | None = None
    image: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass
class Page:
    """A notebook's page: its question, first paragraph, blocks, headings, and what the first page repeats."""

    name: str
    title: str = ""
    lead: str = ""
    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    headline: list[Block] = field(default_factory=list)
    images: dict[str, bytes] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {"content"})
    counts: dict[str, int] = field(default_factory=dict)
    told: int = 0

    def number(self, kind: str) -> str:
        """Return the next label of a kind, such as ``Figure 2``."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind} {self.counts[kind]}"

    @property
    def section(self) -> str:
        """Return the text of the heading that the next block stands under."""
        return self.headings[-1].text if self.headings else self.title


def notebook_page(notebook: "NotebookNode", name: str, links: Links) -> Page:
    """Return the page of an executed notebook.

    Raises:
        NotebookError: a cell that was not run, an error or a warning among the outputs, a figure without a
            description, an output of a kind that a page cannot show, or Markdown that cannot be rendered.
    """
    page = Page(name)
    for index, cell in enumerate(notebook.cells):
        try:
            if cell.cell_type == "markdown":
                page.blocks.append(_prose(cell.source, page, links))
                page.told = 0
            elif cell.cell_type == "code":
                _code_cell(cell, page, links)
        except NotebookError as err:
            raise NotebookError(f"{name}.ipynb, cell {index + 1}: {err}") from None
    if not page.headings or page.headings[0].level != 1:
        raise NotebookError(f"{name}.ipynb, cell 1: a notebook starts with `# ` and its question; add it.")
    page.title = page.headings[0].text
    paragraph = re.search(r"<p>(.*?)</p>", page.blocks[0].html, re.DOTALL)
    page.lead = _opening(Markup(paragraph.group(1)).striptags()) if paragraph else ""
    return page


def _opening(text: str) -> str:
    """Return the first sentences of a paragraph, until there are some thirty words."""
    said = ""
    for sentence in re.findall(r".+?[.?!](?=\s|$)|.+$", " ".join(text.split())):
        said = f"{said} {sentence.strip()}".strip()
        if len(said) > 150:
            break
    return said


def _prose(text: str, page: Page, links: Links) -> Block:
    html, headings = markdown(text, links=links, label=_labeller(page), taken=page.taken)
    page.headings += headings
    return Block("prose", html)


def _labeller(page: Page) -> Callable[[], str]:
    return lambda: ", ".join(filter(None, (page.number("Table"), page.section)))


def _code_cell(cell: Any, page: Page, links: Links) -> None:
    if not cell.source.strip():
        return
    if cell.execution_count is None:
        raise NotebookError("the cell was not run; run `tradecalc notebooks`.")
    results = [block for output in cell.outputs for block in _output(output, page, links)]
    claims = len(re.findall(r"^\s*assert\b", cell.source, re.MULTILINE))
    if claims and not results:
        one = "One statement was" if claims == 1 else f"{claims} statements were"
        held = Markup.escape(f"{one} tested when this notebook ran; {'it holds' if claims == 1 else 'all hold'}.")
        results.append(Block("prose", Markup("<p class='held'>{}</p>").format(held)))
    source = Block("code", code(cell.source), f"Code of cell {cell.execution_count}")
    if results and all(
        block.kind == "prose" for block in results
    ):  # sentences follow each other, their code after them
        page.blocks[len(page.blocks) - page.told :] = [*results, *page.blocks[len(page.blocks) - page.told :], source]
        page.told += 1
    else:
        page.blocks += [*results, source]
        page.told = 0
    if "headline" in cell.metadata.get("tags", []):
        page.headline += results


def _output(output: Any, page: Page, links: Links) -> list[Block]:
    if output.output_type == "error":
        raise NotebookError(f"ended in {output.ename}; mend the cell and run `tradecalc notebooks`.")
    if output.output_type == "stream":
        if output.name == "stderr":
            said = (output.text.strip().splitlines() or [""])[-1]
            raise NotebookError(f"warns: {said!r}; mend the cause, or say it as output.")
        return [Block("text", Markup.escape(output.text.rstrip()), page.number("Output"), page.section)]
    data = output.data
    if "text/markdown" in data:
        return [_prose(data["text/markdown"], page, links)]
    if "image/png" in data:
        return [_figure(data["image/png"], output.metadata.get("image/png", {}), page)]
    if "text/html" in data:
        return [_html(part, page) for part in parse_html(data["text/html"])]
    if set(data) == {"text/plain"}:
        return [Block("text", Markup.escape(data["text/plain"]), page.number("Output"), page.section)]
    raise NotebookError(
        f"shows {', '.join(sorted(data))}, which a page cannot hold; show Markdown, a table, a PNG or plain text."
    )


def _html(part: Markup | Grid, page: Page) -> Block:
    if isinstance(part, Grid):
        return Block("table", label=page.number("Table"), section=page.section, grid=part)
    return Block("prose", part)


def _figure(encoded: str, metadata: Any, page: Page) -> Block:
    alt = str(metadata.get("alt", "")).strip()
    if not alt:
        raise NotebookError("the figure has no description; return `tradecalc.plots.picture(ax)` from the cell.")
    png = base64.b64decode(encoded)
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise NotebookError("the figure is no PNG image; return `tradecalc.plots.picture(ax)` from the cell.")
    width, height = struct.unpack(">II", png[16:24])
    label = page.number("Figure")
    image = f"{page.name}-{label.lower().replace(' ', '-')}.png"
    page.images[image] = png
    return Block("figure", label=label, section=page.section, image=image, alt=alt, width=width, height=height)
