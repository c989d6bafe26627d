"""Blanks in urls: written `%20`, unless they stand in what was meant as a hole and is plain text."""

from __future__ import annotations


def has_blank(text: str) -> bool:
    """Whether a blank of any kind stands in a text."""
    return "".join(text.split()) != text


def hole_with_blank(text: str) -> str:
    """The first `{{ x }}`, `{% x %}`, `{# x #}` or `{ x }` of a plain text that holds a blank; '' if there is none."""
    return next((hole for hole in _holes(text) if has_blank(hole)), "")


def encoded(written: str, is_end: bool) -> str:
    """A piece of a url with its blanks encoded; those behind the last word of a url are left out. '' if that fails."""
    if "\\" in written or _holes(written):
        return ""
    kept = written.rstrip(" ") if is_end else ""
    made = (kept or written).replace(" ", "%20")
    return "" if has_blank(made) else made


def _holes(text: str) -> list[str]:
    """What looks like holes, in source order; one that is not closed goes on to the end."""
    found: list[str] = []
    at = text.find("{")
    while at >= 0:
        inside = text[at + 1 :].lstrip()[:1]
        end = at + 1  # of a brace alone, as in JSON
        if inside in ("{", "%", "#") or inside.isalpha() or inside == "_":
            mark = {"{": "}}", "%": "%}", "#": "#}"}.get(inside, "}")
            close = text.find(mark, at + 1)
            end = close + len(mark) if close >= 0 else len(text)
            found.append(text[at:end])
        at = text.find("{", end)
    return found
