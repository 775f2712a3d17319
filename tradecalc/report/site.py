"""One self-contained HTML site: the notebooks, their sources, what is assumed, the methods and the words."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from tradecalc import __version__
from tradecalc.account import account_names, read_definition
from tradecalc.files import data_files, data_root, shipped, write_atomic
from tradecalc.report import pages
from tradecalc.report.cells import Block, Page, notebook_page
from tradecalc.report.markup import Heading, Links, markdown, parse_html
from tradecalc.report.notebooks import NotebookError, execute_all, notebook_paths, read_notebook
from tradecalc.report.tables import table
from tradecalc.terms import InputError

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_OWN_PAGES: Final = {"sources.html": "Sources", "assumptions.html": "Assumptions", "vocabulary.html": "Vocabulary"}
_GENERATOR: Final = '<meta name="generator" content="tradecalc'


def write_report(out: str | Path = "_site", *, execute: bool = True, notebooks: Iterable[Path] | None = None) -> Path:
    """Write the report as a folder of HTML pages and return the path of its ``index.html``.

    The folder is built aside and swapped in when it is complete: when anything fails, what was there stays as it was.

    Args:
        out: the folder; an earlier report there is replaced.
        execute: run the notebooks afresh; False shows their stored outputs.
        notebooks: None takes those that travel with the package.

    Raises:
        InputError: the folder holds something that is not a report.
        NotebookError: a notebook failed, warned, or shows a figure without a description.
    """
    target = _target(Path(out))
    paths = list(notebook_paths() if notebooks is None else notebooks)
    nodes = execute_all(paths) if execute else [read_notebook(path) for path in paths]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as aside:
        built = Path(aside, "new")
        for name, content in _site(dict(zip([p.stem for p in paths], nodes, strict=True)), execute=execute):
            write_atomic(built / name, content)
        _swap(target, built, Path(aside, "old"))
    return target / "index.html"


def _swap(target: Path, built: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        built.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def write_vocabulary(path: Path | None = None) -> Path:
    """Write docs/vocabulary.md from the registry of variables and return its path."""
    return write_atomic(path or shipped("docs") / "vocabulary.md", pages.vocabulary_markdown())


def _target(out: Path) -> Path:
    target = out.resolve()
    index = target / "index.html"
    if target.is_dir() and (not any(target.iterdir()) or (index.is_file() and _GENERATOR in index.read_text("utf-8"))):
        return target
    if target.exists():
        raise InputError(f"{out}: exists and is not a report, so it is not replaced; name a new folder or remove it.")
    return target


def _site(nodes: dict[str, Any], *, execute: bool) -> Iterator[tuple[str, str | bytes]]:
    """Yield every file of the site: its name and its content."""
    documents = {path.stem: path for path in sorted(shipped("docs").glob("[a-z]*.md"))}
    titles = {f"{stem}.html": stem.replace("-", " ").capitalize() for stem in documents} | _OWN_PAGES
    names = ["index.html", *(f"{name}.html" for name in nodes), *titles]
    links = Links(names, [path.relative_to(data_root()).as_posix() for path in data_files()])
    told = [notebook_page(node, name, links) for name, node in nodes.items()]
    render = _renderer({"nav": {"index.html": "Overview", **dict(sorted(titles.items()))}, "pages": told})

    yield "assets/style.css", (_TEMPLATES / "style.css").read_text("utf-8")
    for page in told:
        for image, png in page.images.items():
            yield f"assets/{image}", png
        yield f"{page.name}.html", render("notebook.html", f"{page.name}.html", title=page.title, page=page)
    for name in titles:
        text = documents[name[:-5]].read_text("utf-8") if name[:-5] in documents else ""
        text = pages.vocabulary_markdown() if name == "vocabulary.html" else text
        html, headings = _document(text, name, titles[name], links)
        template, extra = (name, _EXTRA[name]()) if name in _EXTRA else ("document.html", {})
        yield name, render(template, name, title=titles[name], html=html, headings=headings, **extra)
    yield (
        "index.html",
        render(
            "index.html",
            "index.html",
            title="What would each lever of the deal do to the deficit?",
            headline=_headline(told),
            accounts=_accounts(),
            scenarios=pages.scenarios(),
            provenance=pages.provenance(),
            executed=execute,
        ),
    )


_EXTRA: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "sources.html": lambda: {"sources": pages.sources(), "rules": pages.rules()},
    "assumptions.html": lambda: {"beliefs": pages.beliefs()},
}


def _document(text: str, name: str, title: str, links: Links) -> tuple[str, list[Heading]]:
    count = iter(range(1, 1000))
    try:
        return markdown(text, links=links, label=lambda: f"Table {next(count)}, {title}", taken={"content"})
    except NotebookError as err:
        raise InputError(f"docs/{name[:-5]}.md: {err}") from None


def _renderer(shared: dict[str, Any]) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_TEMPLATES)
    options: dict[str, Any] = {"autoescape": True, "undefined": StrictUndefined}
    environment = Environment(loader=loader, trim_blocks=True, lstrip_blocks=True, **options)

    def render(template: str, here: str, **values: Any) -> str:
        return environment.get_template(template).render(here=here, version=__version__, **shared, **values)

    return render


def _headline(pages: list[Page]) -> list[Block]:
    """Return what cells tagged ``headline`` show; without any, the headline table of the shipped scenarios."""
    tagged = [block for page in pages for block in page.headline]
    if tagged:
        return tagged
    from tradecalc.study import headline_table

    columns = ["deficit_first_year_usd_bn", "deficit_usd_bn", "deficit_change_usd_bn", "p5", "p95"]
    html = table(headline_table().set_index("title")[columns], caption="Shipped scenarios, USD bn a year")._repr_html_()
    return [Block("table", label="Table 1", section="Shipped scenarios", grid=part) for part in parse_html(html)]  # type: ignore[arg-type]


def _accounts() -> list[dict[str, str]]:
    """Return title and basis of each account with figures of its own, then of those that tables give, by basis."""
    books = [read_definition(name) for name in account_names()]
    rows = [{"title": book.title, "basis": book.basis} for book in books if book.cells is not None]
    for basis in dict.fromkeys(book.basis for book in books if book.cells is None):
        named = [book.in_a_sentence for book in books if book.cells is None and book.basis == basis]
        rows.append({"title": f"US goods trade with {', '.join(named)}", "basis": basis})
    return rows
