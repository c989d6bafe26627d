"""Patterns over paths as gitignore(5) writes them, as regular expressions."""

from __future__ import annotations

import re


def translate(glob: str) -> str:
    """A pattern of gitignore as a regular expression over a whole relative path."""
    out, at = [], 0
    while at < len(glob):
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
            continue
        if glob[at:] == "**" and (at == 0 or glob[at - 1] == "/"):
            out.append(".+")
            break
        char = glob[at]
        closing = glob.find("]", at + 2) if char == "[" else -1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif closing > 0:
            inside = glob[at + 1 : closing].replace("\\", "\\\\")
            out.append(f"(?!/)[{'^' + inside[1:] if inside.startswith('!') else inside}]")
            at = closing
        elif char == "\\" and at + 1 < len(glob):
            at += 1
            out.append(re.escape(glob[at]))
        else:
            out.append(re.escape(char))
        at += 1
    return "".join(out)
