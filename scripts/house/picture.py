"""Draws the modules, their folders and the arrows between these, as SVG: docs/architecture.svg."""

WIDTH, LINE, GAP = 1280, 20, 46
ROWS = (["stagex-maint"], ["SignFlow"], ["Review"], ["GitBridge", "OpenPGP"], ["Basics"])


def direct(order, arrows):
    """The arrows that do not follow from others: who uses a folder may use what that one uses."""
    below = {place: {b for a, b in arrows if a == place and b in order} for place in order}
    reach = {}
    for place in order:
        reach[place] = set().union(below[place], *(reach.get(b, set()) for b in below[place]))
    return {a: {b for b in below[a] if not any(b in reach.get(c, set()) for c in below[a] - {b})} for a in order}


def levels(order, arrows):
    """How high each folder stands: one more than the highest that it uses."""
    height = {}
    for place in order:
        height[place] = 1 + max((height[b] for a, b in arrows if a == place and b in height), default=-1)
    return height


def label(place):
    return "the command itself" if place == "." else place


def text(x, y, words, more=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{words}</text>'


def module(name, order, arrows, left, top, width):
    """One module's frame with its boxes: the SVG, and how high it is."""
    height = levels(order, arrows)
    rows = {}
    for place in order:
        rows.setdefault(height[place], []).append(place)
    highest = max(rows, default=-1)
    out, where = [], {}
    for level, places in rows.items():
        step = (width - 20) / len(places)
        for index, place in enumerate(places):
            size = min(step - 8, 14 + 6.5 * len(label(place)))
            x = left + 10 + step * index + (step - size) / 2 + (len(places) < 7 and (12 if level % 2 else -12))
            y = top + 34 + (highest - level) * GAP
            where[place] = (x + size / 2, y, size)
    for a, targets in direct(order, arrows).items():
        for b in sorted(targets):
            (ax, ay, _), (bx, by, _) = where[a], where[b]
            middle = (ay + LINE + by) / 2
            out.append(f'<path d="M{ax:.0f},{ay + LINE:.0f} '
                       f'C{ax:.0f},{middle:.0f} {bx:.0f},{middle:.0f} {bx:.0f},{by:.0f}"/>')
    for place, (x, y, size) in where.items():
        out.append(f'<rect x="{x - size / 2:.0f}" y="{y:.0f}" width="{size:.0f}" height="{LINE}" rx="4"/>')
        out.append(text(x, y + 14, label(place), 'text-anchor="middle"'))
    tall = 44 + (highest + 1) * GAP - (GAP - LINE) if order else 32
    out.insert(0, f'<rect class="module" x="{left}" y="{top}" width="{width}" height="{tall}" rx="8"/>')
    out.insert(1, text(left + 12, top + 20, name, 'class="name"'))
    return out, tall


def of(orders, found):
    out, top = [], 10
    for row in ROWS:
        width = (WIDTH - 20 - 10 * (len(row) - 1)) // max(1, len(row))
        tallest = 0
        for index, name in enumerate(row):
            drawn, tall = module(name, orders.get(name, []), list(found[name]), 10 + index * (width + 10), top, width)
            out += drawn
            tallest = max(tallest, tall)
        top += tallest + 12
    style = """text{font:11px sans-serif;fill:#1c2733}.name{font-weight:bold;font-size:14px}\
rect{fill:#fff;stroke:#5b7083}
.module{fill:#f2f5f8;stroke:#b8c4cf}path{fill:none;stroke:#7d93a8;stroke-width:1.1;marker-end:url(#tip)}"""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">',
        "<title>What uses what: modules, folders, arrows. Made by scripts/check-house --write.</title>",
        f"<style>{style}</style>",
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0,0L6,3L0,6z" style="fill:#7d93a8;stroke:none;marker-end:none"/></marker></defs>',
        *out, "</svg>", ""])
