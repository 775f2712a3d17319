"""The site in headless Chromium: nothing fails, nothing leaves the machine, anyone can read it, paper included."""

import os
import shutil
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = [
    new_markdown_cell(
        "# Does a page hold everything?\n\nText, $\\hat q = d^{-\\sigma}$, and\n\n"
        "$$\\Delta D = \\sum_p (M_p - M_p^{ref})$$\n\n"
        "| a | b |\n|---|--:|\n| one long sentence in a cell of a table in Markdown | 2 |"
    ),
    new_markdown_cell("## What we assume"),
    new_code_cell(
        "import pandas as pd\nfrom tradecalc.report import say, table\n"
        "pd.DataFrame({f'column {i}': [1.5, None] for i in range(20)}, index=pd.Index(['one', 'two'], name='case'))"
    ),
    new_code_cell("table([{'deficit_change_usd_bn': -8.1, 'said': 'a'}], caption='A caption')"),
    new_markdown_cell("## Compute"),
    new_code_cell("print('x' * 200)  # a comment, to be read\nlen(str(1)) + sum(i for i in (1, 2.5))"),
    new_code_cell(
        "from matplotlib.figure import Figure\nfrom tradecalc import plots\nax = Figure().subplots()\n"
        "ax.set_label('An empty box between zero and one.')\nplots.picture(ax)"
    ),
    new_markdown_cell("## Check"),
    new_code_cell("assert True"),
]


@pytest.fixture(scope="session")
def chromium():
    """The browser; without one, skip, or fail where one is required."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("TRADECALC_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        reason = "no Chromium here; install it (apt-get install chromium) or name it in TRADECALC_CHROMIUM"
        if os.environ.get("TRADECALC_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site with the committed outputs, and one notebook that shows one of everything."""
    from tradecalc.report import write_report
    from tradecalc.report.notebooks import notebook_paths, write_notebooks

    everything = tmp_path_factory.mktemp("notebooks") / "99_everything.ipynb"
    nbformat.write(new_notebook(cells=EVERYTHING), everything)
    write_notebooks([everything])
    out = tmp_path_factory.mktemp("report") / "_site"
    return write_report(out, execute=False, notebooks=[*notebook_paths(), everything]).parent


@pytest.fixture
def visit(chromium, site):
    """Open pages of the site; whatever fails, leaves the machine or complains is an error at the end."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    problems = []

    def request(r):
        url = urlsplit(r.url)
        inside = url.scheme == "data" or (url.scheme == "file" and Path(unquote(url.path)).is_relative_to(site))
        if not inside:
            problems.append(f"asks for {r.url}")

    def visit(name, *, width=1280):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("request", request)
        page.on("requestfailed", lambda r: problems.append(f"{name}: {r.url} failed"))
        page.on("console", lambda m: m.type in ("error", "warning") and problems.append(f"{name}: {m.text}"))
        page.on("pageerror", lambda e: problems.append(f"{name}: {e}"))
        page.goto((site / name).as_uri(), wait_until="load")
        return page

    yield visit
    context.close()
    assert not problems


def names(site):
    return sorted(path.name for path in site.glob("*.html"))


def test_every_page_is_whole_and_in_order(visit, site):
    titles = []
    for name in names(site):
        page = visit(name)
        titles.append(page.title())
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.locator("h1").count() == 1, name
        assert page.locator("main, header, footer").count() == 3, name
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth || !i.alt).map(i => i.src)")
        assert broken == [], name
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
        assert levels[0] == 1, name
        assert all(b - a <= 1 for a, b in pairwise(levels)), (name, levels)
        page.close()
    assert len(set(titles)) == len(titles), "a title tells its page apart"


def test_axe_finds_nothing(visit, site):
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for name, width in [*((name, 1280) for name in names(site)), ("99_everything.html", 360), ("index.html", 360)]:
        page = visit(name, width=width)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        response = Axe().run(page, options={"runOnly": WCAG, "preload": False, "resultTypes": ["violations"]}).response
        found += [(name, v["id"], v["nodes"][0]["html"][:200]) for v in response["violations"]]
        page.close()
    assert found == []


def test_a_phone_scrolls_down_only(visit, site):
    for name in names(site):
        page = visit(name, width=360)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        page.close()


def test_the_keyboard_reaches_everything(visit):
    page = visit("99_everything.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, "the skip link shows itself"
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or reached[-1].startswith("<body"), reached[-1]
    for start in (
        '<a href="index.html"',
        '<a href="sources.html"',
        '<div class="scroll"',
        "<summary",
        '<div class="formula"',
    ):
        assert any(r.startswith(start) for r in reached), start


def test_the_skip_link_leads_past_the_navigation(visit):
    page = visit("index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_code_is_folded_until_asked_for(visit):
    page = visit("99_everything.html")
    code = page.locator("details.code pre").first
    assert not code.is_visible()
    page.locator("details.code summary").first.focus()
    page.keyboard.press("Enter")
    assert code.is_visible()


def test_paper_has_results_and_addresses_but_no_code(visit):
    page = visit("99_everything.html")
    page.emulate_media(media="print")
    assert not page.locator("details.code").first.is_visible()
    assert not page.locator("header nav").is_visible()
    assert page.locator("figure img").is_visible()
    assert page.locator("table").first.is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    sources = visit("sources.html")
    sources.emulate_media(media="print")
    address = sources.locator(".source a[href^=http]").first
    assert address.inner_text() == address.get_attribute("href")


def test_every_link_leads_somewhere(visit, site):
    anchors, links = {}, []
    for name in names(site):
        page = visit(name)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(set(ids)) == len(ids), f"{name}: an anchor stands twice"
        anchors[name] = set(ids)
        hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
        links += [(name, href) for href in hrefs]
        page.close()
    inside = [(name, href) for name, href in links if not href.startswith(("https://", "http://"))]
    assert inside
    for name, href in inside:
        path, _, anchor = href.partition("#")
        target = path or name
        assert (site / target).is_file(), (name, href)
        assert not anchor or anchor in anchors[target], (name, href)


def test_it_reads_without_javascript(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "99_everything.html").as_uri())
    assert page.locator("h1").inner_text() == "Does a page hold everything?"
    assert page.locator("math").count() >= 2
    context.close()
