#!/usr/bin/python3
"""Holds a page against HTML's own grammar (html5lib, which follows the standard's parser) and against what a page of
ours promises: it needs nothing else, and says with words what it draws.

  check.py FILE...     prints what is wrong; status 1 if something is, 77 where html5lib is not installed
"""

import re
import sys

try:
    import html5lib
except ImportError:
    sys.exit(77)

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = set(
    "html head meta title style body a header h1 h2 h3 span main p ul li div strong small nav section table caption "
    "thead tbody tr th td figure figcaption details summary code pre footer br abbr".split())
ALLOWED_SVG = set("svg defs pattern rect path g title".split())


def check(text):
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=True)
    document = parser.parse(text)
    for position, error, data in parser.errors:
        yield f"line {position[0]}: {error} {data}"
    elements = list(document.iter())
    ids = [element.get("id") for element in elements if element.get("id")]
    for name in set(ids):
        if ids.count(name) > 1:
            yield f"the id {name} stands {ids.count(name)} times"
    parents = {child: parent for parent in elements for child in parent}
    level = 0
    for element in elements:
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.replace(HTML, "").replace(SVG, "svg:")
        name = tag.replace("svg:", "")
        if name not in (ALLOWED_SVG if tag.startswith("svg:") else ALLOWED):
            yield f"an element that we do not write: {tag}"
        for attribute, value in element.attrib.items():
            if attribute.startswith("on") or attribute in ("src", "srcset", "action", "data", "background", "poster"):
                yield f"{tag} has an attribute that fetches or runs: {attribute}"
            if attribute == "href" and not re.match(r"#|https://", value):
                yield f"a link that leads nowhere known: {value}"
            if attribute == "href" and value.startswith("#") and value[1:] not in ids:
                yield f"a link to a part that is not there: {value}"
            if attribute == "style" and not re.fullmatch(r"background:rgba\(var\(--heat\),0\.\d\d\)", value):
                yield f"a style that we do not write: {value}"
        words = "".join(element.itertext()).strip()
        if tag in ("h1", "h2", "h3"):
            if int(tag[1]) > level + 1:
                yield f"{tag} follows h{level}"
            level = int(tag[1])
        if tag in ("a", "summary", "h1", "h2", "h3", "caption", "figcaption") and not words:
            yield f"{tag} without words"
        if tag == "table":
            if element.find(HTML + "caption") is None:
                yield "a table without a caption"
            for row in element.iter(HTML + "tr"):
                if row.find(HTML + "th") is None:
                    yield "a row without a header"
            widths = {sum(int(cell.get("colspan", 1)) for cell in row) for row in element.iter(HTML + "tr")}
            if len(widths) > 1:
                yield f"rows of {widths} cells"
        if tag == "th" and element.get("scope") not in ("row", "col"):
            yield "a table header without a scope"
        is_named = element.get("role") == "img" and element.get("aria-label")
        if tag == "svg:svg" and element.get("aria-hidden") != "true" and not is_named:
            yield "a drawing without words"
        if element.get("tabindex") and not (element.get("role") and element.get("aria-label")):
            yield "a place for the keyboard without a name"
    html = document if document.tag == HTML + "html" else document.find(HTML + "html")
    if html is None or html.get("lang") != "en":
        yield "no language"
    metas = [m for m in document.iter(HTML + "meta") if m.get("http-equiv") == "Content-Security-Policy"]
    policy = [m.get("content") for m in metas]
    if not policy or "default-src 'none'" not in policy[0]:
        yield "no policy that forbids to fetch"


found = False
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        for problem in check(file.read()):
            print(f"{name}: {problem}")
            found = True
sys.exit(found)
