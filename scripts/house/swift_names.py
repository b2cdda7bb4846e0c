"""Reads the names that Swift files declare and use: enough of the language for check-house, and no more.

What is in comments and strings does not count, what is interpolated into strings does. A name after a dot is a member;
members count where only one extension in the whole of Sources declares that name.
"""
import collections
import pathlib
import re

root = pathlib.Path(__file__).resolve().parent.parent.parent
TYPES = {"struct", "class", "enum", "actor", "protocol"}
WORD = r"(?:@\w+(?:\([^)]*\))?\s+)*((?:(?:%s)(?:\(\w+\))?\s+)*)"
MODIFIERS = "package|public|internal|private|fileprivate|final|indirect|nonisolated|unsafe|static|mutating|consuming|" \
    "borrowing|lazy|override|weak|unowned|convenience|required"
DECLARATION = re.compile(
    r"^( *)" + WORD % MODIFIERS + r"(struct|class|enum|actor|protocol|typealias|func|let|var|case)\s+(\w+)")
EXTENSION = re.compile(r"^(?:\w+ )?extension\s+([\w.]+)")


def code(text):
    """The text without comments, and with strings emptied but for what they interpolate; lines stay where they are."""
    out, at = [], 0

    def plain(at, inner):
        depth = 0
        while at < len(text):
            opened = re.compile(r'(#*)("""|")').match(text, at)
            if text.startswith("//", at):
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
            elif text.startswith("/*", at):
                end = text.index("*/", at)
                out.append("\n" * text.count("\n", at, end))
                at = end + 2
            elif opened:
                at = string(opened.end(), *opened.groups())
            else:
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                if inner and depth < 0:
                    return at + 1
                out.append(text[at])
                at += 1
        return at

    def string(at, hashes, quote):
        out.append('""')
        while not text.startswith(quote + hashes, at):
            if text.startswith("\\" + hashes + "(", at):
                out.append(" (")
                at = plain(at + 2 + len(hashes), True)
                out.append(") ")
            else:
                out.append("\n" if text[at] == "\n" else "")
                at += 2 + len(hashes) if text.startswith("\\" + hashes, at) and text[at + 1:at + 2] != "\n" else 1
        return at + len(quote + hashes)

    plain(at, False)
    return "".join(out)


class File:
    """One file: what it declares at its top level, and its members."""

    def __init__(self, path):
        self.path = str(path.relative_to(root / "Sources"))
        self.folder, _, name = self.path.rpartition("/")
        self.stem = name.removesuffix(".swift")
        self.module, _, self.place = self.folder.partition("/")
        self.place = self.place or "."
        self.lines = code(path.read_text()).split("\n")
        self.tops, self.nested, self.members, self.extended = [], [], collections.Counter(), {}
        self.extends = set()
        inside = outer = None
        for number, line in enumerate(self.lines, 1):
            extension = EXTENSION.match(line)
            if extension:
                inside = outer = extension.group(1)
                self.extends.add(outer)
            found = DECLARATION.match(line)
            if not found:
                continue
            indent, modifiers, kind, name = found.groups()
            if not indent:
                inside, outer = None, name
                self.tops.append((name, kind, "private" in modifiers, number))
            else:
                if kind in TYPES or kind == "typealias":
                    self.nested.append((outer, name))
                if len(indent) == 2:
                    self.members[name] += 1
                    if inside and "private" not in modifiers:
                        self.extended[name] = inside


def read():
    """All files of Sources, in order."""
    return [File(path) for path in sorted((root / "Sources").rglob("*.swift"))]


def arrows(files):
    """Each use of a name that another folder of the same module declares: (from file, line, to file, name)."""
    tops, members = collections.defaultdict(list), collections.defaultdict(set)
    for file in files:
        for name, kind, private, _ in file.tops:
            if not private:
                tops[name].append((file, kind))
        for name in file.members:
            members[name].add(file.path)
    alone = {name: file for file in files for name in file.extended if len(members[name]) == 1}
    nested = collections.defaultdict(set)
    for file in files:
        for outer, name in file.nested:
            nested[outer].add(name)
    for file in files:
        # A type within the type that a file extends goes before one of the same name outside.
        own = {name for name, _, _, _ in file.tops} | {name for _, name in file.nested}
        own = own.union(*(nested[outer] for outer in file.extends))
        for number, line in enumerate(file.lines, 1):
            for word in re.finditer(r"(\.?)\b([A-Za-z_]\w*)\b(?=(.{0,2}))", line):
                dot, name, after = word.groups()
                if dot:
                    there = alone.get(name)
                elif name in own or name not in tops:
                    continue
                else:
                    there, kind = next((t for t in tops[name] if t[0].module == file.module), (None, None))
                    # A function or constant of a file: not the argument, the member or the variable of the same name.
                    is_other = name in members or kind == "func" and after[:1] not in "({ "
                    if kind not in TYPES | {"typealias"} and is_other:
                        continue
                    if kind not in TYPES | {"typealias"} and after.startswith(":"):
                        continue
                if there and there.module == file.module and there.folder != file.folder:
                    yield file, number, there, name
