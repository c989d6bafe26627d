"""What fixes are tested over: the bad examples of the rules' pages, and bad lines of what the pages do not show.

A page shows a rule once; what its fix makes of other spellings, other types and other flows stands here.
"""

from __future__ import annotations

import re
from pathlib import Path

from flowlang.checks.registry import rules
from tests.surfaces.test_exact_fixes import FIXES, FLOW, HOISTED

PAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "rules"
FENCE = re.compile(r"^```flow ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GET = 'http.get("{{ config.api }}/x").json'
LINES = [
    *(line for _, line, _ in FIXES),
    *(line.format(get=GET) for line, _ in HOISTED),
    "let r = [http.get(x).json for x in xs]",
    "step r = for x in http.get(config.api).json { yield x }",
    "if http.get(config.api).json.ok { do http.delete(config.api) }",
    "do http.post(config.api, data={ a: 1 }, body='x')",
    "@retry('fixed', attempt=3, attemps=4)\n  do http.get(config.api)",
    "@retry('fixed', attempts=3, on=[404])\n  do http.get(config.api)",
    "@retry('fixed', attempts=3, on=[503])\n  do http.get(config.api)",
    "wait(5m)",
    "wait(5m)\n  do http.delete(config.api)",
    "sleep(5s)",
    "sleep(5s)\n  do http.delete(config.api)",
    "wait 5m",
    "repeat a = 0 {\n    do http.delete(config.api)\n    wait(5m)\n    yield a next a + 1 if a < 3 else none\n  }",
    "let r: int = 1 if b",
    "let r: int? = 1 if b",
    "let r: int = 1 when b",
    "do notify.slak(webhook=config.hook, text='x')",
    "do notify.slack(webhook=config.hook, text='${id}')",
]
FILES = [
    'import "lib.flow" as lib\nflow f(a: lib.Leed) -> any {\n  return a\n}\n',
    'import "lib.flow" as lib\nflow f(a: list[lob.Lead]) -> any {\n  return a\n}\n',
]
LIBRARY = "type Lead { id: string }\n"
FLOWS = [
    "flow f(flag: bool) -> int {\n  return 1 when flag\n}\n",
    "flow f(flag: bool) -> int {\n  return 1 if flag\n}\n",
    "flow f(flag: bool) -> int? {\n  return 1 if flag\n}\n",
    "flow f(flag: bool) -> 'a' | 'b' { return 'a' when flag }\n",
    "flow f(flag: bool) -> list[{ a: int }] {\n  return [{ a: 1 }] when flag\n}\n",
    "flow f() -> int {\n  wait(5m)\n  return 1\n}\n",
    "type Lead { id: string }\nflow f() -> any {\n  return laed\n}\n",
    "import http\nimport htpp\nflow f() -> any {\n  return 1\n}\n",
    'import http\nimport "http"\nflow f() -> any {\n  return 1\n}\n',
    "import http\nfrom http import get\nflow f() -> any {\n  return 1\n}\n",
    "import http\nimport time, http\nflow f() -> any {\n  return 1\n}\n",
    "service s {\n  base_url = 'https://a.example'\n  base_ur = 'https://b.example'\n}\nflow f() { do s.get('/x') }\n",
]


def of_pages() -> list[tuple[str, dict[str, str]]]:
    """The texts of each bad example, by path, with its rule."""
    found = []
    for rule in rules():
        page = (PAGES / f"{rule}.md").read_text(encoding="utf-8") if (PAGES / f"{rule}.md").exists() else ""
        bad = page.partition("## Example\n")[2].partition("## Use instead\n")[0]
        texts = {name or "example.flow": text for name, text in FENCE.findall(bad)}
        if texts:
            found.append((rule, texts))
    return found


def of_lines() -> list[tuple[str, dict[str, str]]]:
    """Each bad line in its flow, each bad flow, and each bad use of `lib.flow`, as `of_pages`."""
    texts = [{"example.flow": text} for text in (*(FLOW.format(line=line) for line in LINES), *FLOWS)]
    texts += [{"example.flow": text, "lib.flow": LIBRARY} for text in FILES]
    return [(f"line-{number}", each) for number, each in enumerate(texts)]
