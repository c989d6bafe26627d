"""Guesses at imports as other languages write them: `from http import get`, `import { get } from "http"`, `use http`.

A fix is made only where it is known to name a module or a file.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.word_hints import is_declared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax import ast
    from flowlang.syntax.repairs import Edits

MODULES: Final = frozenset("auth events http json llm math notify oauth2 text time validate webhook".split())
WORDS: Final = frozenset("import imports from include require use using load".split())
"""What a line of imports begins with, here and elsewhere."""
_IMPORTED: Final = "`{}` is imported already: leave this out"
_end: Final = r"(?=[ \t]*(?:[#\r\n]|\Z))"
_names: Final = r"\w+(?:[ \t]+as[ \t]+\w+)?(?:[ \t]*,[ \t]*\w+(?:[ \t]+as[ \t]+\w+)?)*,?"
_listed: Final = rf"(?:\*|{_names}|[({{][ \t]*{_names}[ \t]*[)}}])"
_from: Final = patterns.compile(rf"from[ \t]+[\"']?([\w./]+)[\"']?[ \t]+import[ \t]+({_listed}){_end}").match
_out_of: Final = patterns.compile(
    rf"import[ \t]+(?:\*[ \t]+as[ \t]+)?({_listed})[ \t]+from[ \t]+[\"']?([^\"'\s]+)[\"']?{_end}"
).match
_several: Final = patterns.compile(rf"import[ \t]+({_names}){_end}").match
_other: Final = patterns.compile(
    rf"(?:include|require|use|using|load)\b[ \t]*\(?[ \t]*[\"'<]?([\w./]+)[\"'>]?[ \t]*\)?{_end}"
).match
_required: Final = patterns.compile(
    rf"(?:const|var)[ \t]+(\w+)[ \t]*=[ \t]*require\([ \t]*[\"']([^\"'\s]+)[\"'][ \t]*\);?{_end}"
).match
_bare_path: Final = patterns.compile(rf"import[ \t]+([\w./-]*\w)(?:[ \t]+as[ \t]+(\w+))?{_end}").match
_word: Final = patterns.compile(r"\w+").findall
_is_name: Final = patterns.compile(r"[A-Za-z_]\w*\Z").match
_renamed: Final = patterns.compile(r"(\w+)(?:[ \t]+as[ \t]+(\w+))?").findall


def of_import(text: str, expected: frozenset[str], start: int) -> Guess:
    """Guess at what was meant by a line of imports, of which a place is on."""
    line = text.rfind("\n", 0, start) + 1
    while text[line : line + 1] in (" ", "\t"):
        line += 1
    if text.startswith("from", line):
        return _from_module(text, line, "import" in expected)
    if text.startswith("import", line):
        return _imported(text, line, start)
    if start != line or "import" not in expected:
        return NOTHING
    found = _required(text, line)
    if found is not None:
        return _one(text, found[2], (line, found.end()), "there is no `require`", alias=found[1])
    found = _other(text, line)
    if found is None:
        return NOTHING
    return _one(text, found[1], (line, found.end()), f"there is no `{text[line:].split()[0].partition('(')[0]}`")


def _from_module(text: str, line: int, is_on_top: bool) -> Guess:
    """`from http import get`; where none may stand it has no fix."""
    found = _from(text, line)
    if found is None:
        return NOTHING
    name = next((each for each in _word(found[2]) if each != "as"), "name")
    guess = _one(text, found[1], (line, found.end()), "there is no `from`", name)
    place = "" if is_on_top else " at the top of the file"
    help = guess.help.replace(", and", f"{place}, and")
    return Guess(guess.message, help, edits=guess.edits if is_on_top else ())


def _imported(text: str, line: int, at: int) -> Guess:
    found = _out_of(text, line)
    if found is not None:
        names = [each for each in _word(found[1]) if each != "as"]
        place = (line, found.end())
        if len(names) == 1 and found[1] == names[0]:
            return _one(text, found[2], place, "", alias=names[0])
        return _one(text, found[2], place, "", names[0] if names else "name")
    found = _several(text, line)
    if found is not None and "," in found[1]:
        parts = [f"import {name}" + (f" as {alias}" if alias else "") for name, alias in _renamed(found[1])]
        others = text[:line] + text[found.end() :]
        is_known = all(name in MODULES and not is_declared(others, name) for name, _ in _renamed(found[1]))
        edits = ((line, found.end(), "\n".join(parts)),) if is_known else ()
        return Guess("", "each import stands on a line of its own", edits=edits)
    if text[at : at + 1] in ("(", "<", "["):
        return Guess("", "each import stands on a line of its own, as in `import http`")
    found = _bare_path(text, line)
    if found is not None and ("/" in found[1] or "." in found[1]):
        return _one(text, found[1], (line, found.end()), "", alias=found[2] or "")
    return NOTHING


def _one(text: str, place: str, span: tuple[int, int], message: str, member: str = "", alias: str = "") -> Guess:
    """The import of a module or of a file, by what it is called elsewhere."""
    parts = place.split(".")
    is_file = "/" in place or place.endswith(".flow")
    is_dotted = not is_file and len(parts) > 1 and parts[0] not in MODULES
    python = ""
    if is_dotted:
        ours = f"action {member or 'name'}() -> any = python('{place}:{member or 'name'}')"
        python = f"; a function of Python is declared: `{ours}`"
        is_file, place = True, "/".join(parts)
    used = f", and `{{}}.{member}(…)` where it is used" if member else ""
    if not is_file and parts[0] not in MODULES:
        return Guess(
            message, "a module is imported by its name: `import http`; a file by its path: `import 'x.flow' as x`"
        )
    others = text[: span[0]] + text[span[1] :]
    if not is_file:
        if is_declared(others, parts[0]):
            return Guess(message, f"{_IMPORTED.format(parts[0])}{used.format(parts[0])}")
        edits: Edits = ((*span, f"import {parts[0]}"),)
        return Guess(message, f"write `import {parts[0]}`{used.format(parts[0])}", edits=edits)
    path = place.removeprefix("./").removesuffix(".flow")
    name = alias or _stem(path)
    ours = f'import "{path}.flow" as {name}'
    help = f"a file is imported by its path: `{ours}`{used.format(name)}{python}"
    is_certain = not is_dotted and f" as {name}\n" not in others
    return Guess(message, help, edits=((*span, ours),) if is_certain else ())


def unnamed(path: ast.Text, file: str, text: str) -> tuple[str, str, tuple[Fix, ...]]:
    """The message, the help and the fix for `import "x.flow"` and `import "http"`."""
    span = Span(file, path.start, path.end)
    if path.value in MODULES:
        if is_declared(text, path.value):
            return "a module is imported by its name, without quotes", _IMPORTED.format(path.value), ()
        ours = f"import {path.value}"
        fix = Fix(f"write `{ours}`", (Edit(span, path.value),))
        return "a module is imported by its name, without quotes", f"write `{ours}`", (fix,)
    message = "an imported file needs a name"
    if not path.value.endswith(".flow"):
        return message, f"write `import '{path.value.removesuffix('/')}.flow' as name`", ()
    name = _stem(path.value)
    fix = Fix(f"add `as {name}`", (Edit(Span(file, path.end, path.end), f" as {name}"),))
    return message, f"write `import '{path.value}' as {name}`", (fix,) if _is_name(name) else ()


def _stem(path: str) -> str:
    """What a file is called by its path."""
    return path.removesuffix(".flow").rpartition("/")[2].replace("-", "_") or "name"
