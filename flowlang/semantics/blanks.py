"""Blanks in urls: written `%20`, unless they stand in what was meant as a hole and is plain text."""

from __future__ import annotations


def has_blank(text: str) -> bool:
    """Whether a blank of any kind stands in a text."""
    return "".join(text.split()) != text


def hole_with_blank(text: str) -> str:
    """The first `{{ x }}`, `{% x %}`, `{# x #}`, `{ x }` or `<%= x %>` of a plain text that holds a blank; or ''."""
    return next((hole for hole in _holes(text) if has_blank(hole)), "")


def first_hole(text: str) -> str:
    """The `{{ x }}` that a plain text begins with; '' if there is none."""
    found = _holes(text) if text.startswith("{{") else []
    return found[0] if found and found[0].endswith("}}") else ""


def encoded(written: str, is_start: bool, is_end: bool) -> str | None:
    """A piece of a url with its blanks encoded; those before the first word of a url and behind the last are left out.
    None if that fails.
    """
    if "\\" in written or _holes(written):
        return None
    kept = written.lstrip(" ") if is_start else written
    kept = (kept.rstrip(" ") if is_end else "") or kept
    made = kept.replace(" ", "%20")
    return None if has_blank(made) else made


def _holes(text: str) -> list[str]:
    """What looks like holes, in source order; one that is not closed goes on to the end."""
    found: list[str] = _between_signs(text)
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


def _between_signs(text: str) -> list[str]:
    """Each `<%= x %>`."""
    found: list[str] = []
    at = text.find("<%")
    while at >= 0:
        close = text.find("%>", at)
        end = close + 2 if close >= 0 else len(text)
        found.append(text[at:end])
        at = text.find("<%", end)
    return found
