"""After any edits, checking in pieces finds what a check from scratch finds, to the last word and place."""

from __future__ import annotations

import gc
import random
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from hypothesis import strategies as st

from benchmarks.sources import source
from flowlang.checks.look import Look
from flowlang.checks.registry import CHECKS
from flowlang.compiler import incremental
from flowlang.compiler.incremental import Session
from flowlang.compiler.pieces import cut
from flowlang.compiler.pipeline import check
from flowlang.compiler.regrown import ROOM
from flowlang.compiler.workspace import Unreadable, reader
from flowlang.diagnostics import Diagnostic
from flowlang.semantics.facts import Facts, Program, Signature
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from tests.counted import growth
from tests.depth import law

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("examples", "tests/golden/check", "tests/corpus")
SEEDS = st.integers(0, 2**32)
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.flow"))


def in_texts(text: str) -> list[int]:
    """Places behind the first words of texts."""
    return [match.end() for match in re.finditer(r"""['"][\w ]+""", text)]


CLEAN = [path for path in FILES if "clean" in path.parts and in_texts(path.read_text(encoding="utf-8"))]
TYPED = """x| |\n|(|)|{|}|"|'|[|.|,|=|@|#|# c\n|1|step |flow |when |{{|}}|é|😀|\\|-|let z = 1\n|config|and """.split(
    "|"
)
TYPED += ['"""', "|"]
PARTS = (
    """( ) { } [ ] " ' {{ }} \\ @ @retry -> : = , | # ## ##! // /* */ <<END END --- ` \t é 😀 none when my-step x:"""
    " Date-Time {% {%if%} {%endif%} %} workflow async catch case else return flow type config"
).split(" ")
PARTS += [
    '"""',
    "'''",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\ufeff",
    "\x00",
    "\u2028",
    "\u200b",
    "\n# c\n",
    "\n## doc\n",
]
LINES = """function total(xs: list[int]) -> int = xs | sum
flow order() {
flow order(at: int) -> int {
flow order{}{{}}
function g(at:{
flow my-step() -> {
  return 1
}
type T { a: int }
type DateTime = string
let a = 1
  let b = a
  step s = http.get("https://a.example/{{ a }}").json
  do log.info(a)
import http
import "x.flow" as x
config {
  a: int = 1
service crm { base_url = "https://crm.example.com" }
let t = \"\"\"
  {{ a }}
\"\"\"
  for x in [1, 2] {
  } else {
  catch { yield 1 }
  case 1 { yield 2 }
test "t" {
  on cron("* * * * *")
action go(a: int) -> int
  a: http.get(1)
a: my-step
# flowlang: allow(unused-let): why""".split("\n")
"""Lines that are nothing without others, in any order."""


def edited(text: str, others: list[str], chance: random.Random) -> str:
    """A text after one edit: typing, deleting, moving lines, replacing words, pasting from another file."""
    lines, kind = text.splitlines(keepends=True), chance.random()
    at, line = chance.randrange(len(text) + 1), chance.randrange(max(1, len(lines)))
    words = list(re.finditer(r"\w+", text))
    if kind < 0.3 or not words:
        return text[:at] + chance.choice(TYPED) + text[at:]
    if kind < 0.5:
        return text[:at] + text[at + chance.choice((1, 1, 1, 2, 3, 10)) :]
    if kind < 0.65:
        old, new = chance.choice(words), chance.choice(words)
        return text[: old.start()] + new.group() + text[old.end() :]
    if kind < 0.8:
        del lines[line : line + chance.choice((1, 1, 1, 8))]
    elif kind < 0.9:
        lines.insert(line, chance.choice(lines))
    else:
        other = chance.choice(others).splitlines(keepends=True)
        begin = chance.randrange(max(1, len(other)))
        lines[line:line] = other[begin : begin + chance.randrange(1, 20)]
    return "".join(lines)


class Editor:
    """A file on the disk whose text is another one in the editor."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self._reads = reader(path)
        self.session = Session(path)

    def read(self, path: str) -> str:
        return self.text if path == self.path else self._reads(path)

    def found(self) -> tuple[list[Diagnostic], list[Diagnostic]]:
        """What the session finds in the file, and what a check from scratch does."""
        both = self.session.check(self.read).program, check(self.path, self.read)
        here, there = ([each for each in program.diagnostics if each.span.file == self.path] for program in both)
        return here, there


@law(SEEDS, usual=20, soak=600)
def test_edits(seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_bytes().decode("utf-8") for path in chance.sample(FILES, 4)]
    path = chance.choice(FILES)
    editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    history = [editor.text]
    for _ in range(8):
        is_undone = chance.random() < 0.2
        editor.text = chance.choice(history[-3:]) if is_undone else edited(editor.text, texts, chance)
        history.append(editor.text)
        here, there = editor.found()
        assert here == there, (seed, path)


@law(SEEDS, usual=20, soak=600)
def test_typing_at_one_place(seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(FILES)
    editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    at = chance.randrange(len(editor.text) + 1)
    for _ in range(12):
        editor.text, at = typed(editor.text, at, (*TYPED, *"abc123  "), chance)
        here, there = editor.found()
        assert here == there, (seed, path)


def nonsense(chance: random.Random) -> str:
    """A file of lines and parts of lines: brackets and texts of it are closed by chance only."""
    count = chance.choice((0, 1, 3, 6, 12, 20))
    return "".join(
        [chance.choice(PARTS) if chance.random() < 0.4 else chance.choice(LINES) + "\n" for _ in range(count)]
    )


def disturbed(text: str, at: int, chance: random.Random) -> tuple[str, int]:
    """A text after an edit where lines begin, at its ends, or at a place; and the place behind that."""
    bounds = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    kind, other = chance.random(), chance.choice(bounds)
    at = min(len(text), at if kind < 0.4 else chance.choice(bounds) if kind < 0.8 else chance.randrange(len(text) + 1))
    kind = chance.random()
    if kind < 0.4:
        new = chance.choice(PARTS)
        return text[:at] + new + text[at:], at + len(new)
    if kind < 0.6:
        new = chance.choice(LINES) + chance.choice(("\n", "\n", "\r\n", ""))
        return text[:at] + new + text[at:], at + len(new)
    if kind < 0.85:
        start = max(0, at - chance.choice((0, 1, 2, 30)))
        return text[:start] + text[start + chance.choice((1, 1, 2, 5, 30)) :], start
    start, end = sorted((at, other))
    return (text[:start] + text[end:] if kind < 0.93 else text[:end] + text[start:]), start


@law(SEEDS, usual=40, soak=4000)
def test_edits_of_nonsense(seed: int) -> None:
    """What is never closed, closed too often, or typed where a piece begins may concern all that stands around it."""
    chance = random.Random(seed)
    editor = Editor("a.flow", nonsense(chance))
    at, history = chance.randrange(len(editor.text) + 1), [editor.text]
    for _ in range(chance.choice((2, 8, 16))):
        here, there = editor.found()
        assert here == there, (seed, history)
        if chance.random() < 0.15:
            editor.text = chance.choice(history[-3:])
        else:
            editor.text, at = disturbed(editor.text, at, chance)
        history.append(editor.text)


def typed(text: str, at: int, keys: Sequence[str], chance: random.Random) -> tuple[str, int]:
    """A text after a key at a place, and the place behind that."""
    if chance.random() < 0.3:
        return text[: max(0, at - 1)] + text[at:], max(0, at - 1)
    key = chance.choice(keys)
    return text[:at] + key + text[at:], at + len(key)


@law(SEEDS, usual=10, soak=300)
def test_typing_in_texts_here_and_there(seed: int) -> None:
    """Such keys make few mistakes: the statements around them are the nodes that they were, key after key."""
    chance = random.Random(seed)
    path = chance.choice(CLEAN)
    editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    at = chance.choice(in_texts(editor.text) or [0])
    for _ in range(14):
        editor.text, at = typed(editor.text, at, "abc 1/", chance)
        if chance.random() < 0.3:
            at = chance.choice(in_texts(editor.text) or [at])
        here, there = editor.found()
        assert here == there, (seed, path)


@law(SEEDS, usual=20, soak=600)
def test_typing_in_the_configuration(seed: int) -> None:
    """What reads a value of it, or says that there is one of a name, is checked again."""
    chance = random.Random(seed)
    path = chance.choice([each for each in FILES if b"config {" in each.read_bytes()])
    editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    start = editor.text.index("config {")
    at = chance.randrange(start, editor.text.index("}", start) + 2)
    for _ in range(12):
        editor.text, at = typed(editor.text, at, (*TYPED, *"abc123  ", "x: int\n"), chance)
        here, there = editor.found()
        assert here == there, (seed, path)


@law(SEEDS, usual=20, soak=600)
def test_what_is_known_of_each_node(seed: int) -> None:
    """Keys within words and numbers leave most of a flow as it was: what is found out about it stays, and is right."""
    chance = random.Random(seed)
    path = chance.choice(FILES)
    editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    at = chance.choice([match.end() for match in re.finditer(r"\w", editor.text)])
    for _ in range(8):
        editor.text, at = typed(editor.text, at, "abc123 _", chance)
        checked = editor.session.check(editor.read)
        again = check(editor.path, editor.read)
        if editor.path in again.files:
            assert known(checked.program, editor.path) == known(again, editor.path), (seed, path)


def known(program: Program, path: str) -> dict[str, list[object]]:
    """What the tables of facts hold of a file, and the docs in its tree, whatever the places of nodes: by their order
    in the tree.
    """
    docs: list[object] = []
    number: dict[int, int] = {}
    waiting: list[object] = [*reversed(program.files[path].tree.items)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Node):
            number.setdefault(id(node), len(number))
            docs.append((node.__class__.__name__, getattr(node, "doc", "")))
        if isinstance(node, tuple):
            waiting += reversed(node)

    def told(value: object) -> object:
        if id(value) in number:
            return number[id(value)]
        if isinstance(value, ast.Node):
            return value.__class__.__name__
        if isinstance(value, Signature):
            return value.name, told(value.result)
        if isinstance(value, Source):
            return value.text
        return (value.__class__.__name__, *map(told, value)) if isinstance(value, tuple) else value

    found = {"docs": docs}
    for name in Facts.__slots__:
        table = getattr(program.facts, name)
        if name in ("called", "conditions"):
            found[name] = sorted(number[id(node)] for node in table.get(path, ()))  # items are met in another order
        elif name == "used":
            found[name] = sorted(number[key] for key in table if key in number)
        elif name not in ("presence", "read"):  # formulas number their atoms as they are met
            here = sorted((number[key], key) for key in table if key in number)
            found[name] = [(at, told(table[key])) for at, key in here]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_first_check(path: Path) -> None:
    try:
        editor = Editor(str(path), path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        return
    here, there = editor.found()
    assert here == there


def test_only_what_changed_is_parsed_and_checked() -> None:
    text = source(1000)
    editor = Editor("a.flow", text)
    editor.found()
    for place in ("'desk-2'", "'desk-1'", "scores only {{ lead.score }}"):
        at = editor.text.index(place) + 3
        editor.text = editor.text[:at] + "x" + editor.text[at:]
        editor.session.check(editor.read)
        assert editor.session.pieces == (1, 1)


def test_what_hangs_on_a_changed_item_is_checked() -> None:
    text = "type T { a: int }\n\nflow f(t: T) -> int {\n  return t.a\n}\n\nflow g() -> int {\n  return 1\n}\n"
    editor = Editor("a.flow", text)
    assert editor.found()[0] == []
    editor.text = text.replace("a: int", "b: int")
    here, there = editor.found()
    assert [each.rule for each in here] == ["unknown-field"]
    assert here == there
    assert editor.session.pieces == (1, 2)


def test_defaults_of_fields_are_checked_with_what_declares_them() -> None:
    text = (
        "type T { a: int = 1 }\n\nflow f(t: T, u: { b: int = 2 }) -> { c: int = 3 } {\n"
        "  step s: { d: int = 4 } = { d: 1 }\n  return { c: t.a + u.b + s.d }\n}\n\nflow g() -> int {\n  return 1\n}\n"
    )
    editor = Editor("a.flow", text)
    assert editor.found()[0] == []
    for old, pieces in (("= 1", (1, 2)), ("= 2", (1, 1)), ("= 3", (1, 1)), ("= 4", (1, 1))):
        for new, rules in (("'x'", ["type-mismatch"]), ("x", ["literal-needed"]), (old[2:], [])):
            editor.text = text.replace(old, f"= {new}")
            here, there = editor.found()
            assert here == there
            assert [each.rule for each in here] == rules
            assert editor.session.pieces == pieces


def test_what_reads_the_configuration_hangs_on_it() -> None:
    text = (
        "config { a: int }\n\nflow f() -> int {\n  return config.a\n}\n\nflow g() -> int {\n  return 1\n}\n\n"
        "flow h() -> int {\n  return b\n}\n"
    )
    editor = Editor("a.flow", text)
    editor.found()
    for config, rules, pieces in (
        ("config { b: int }", ["unknown-config", "unknown-name"], (1, 3)),
        ("config { b: string }", ["unknown-config", "unknown-name"], (1, 3)),
        ("config { a: string }", ["type-mismatch", "unknown-name"], (1, 3)),
        ("", ["unknown-config", "unknown-name"], (1, 3)),
    ):
        editor.text = text.replace("config { a: int }", config)
        here, there = editor.found()
        assert here == there
        assert [each.rule for each in here] == rules
        assert editor.session.pieces == pieces


def test_a_constant_that_may_fail_concerns_every_flow() -> None:
    text = (
        "import http\n\nfunction same(x: int) -> int = x\n\nlet c = 1\n\nflow f(u: url) -> any? {\n"
        "  step a = http.get(u).json\n    catch failed, network { yield none }\n  return a\n}\n"
    )
    editor = Editor("a.flow", text)
    assert "dead-handler" in [each.rule for each in editor.found()[0]]
    editor.text = text.replace("let c = 1", "let c = same(1)")
    here, there = editor.found()
    assert here == there
    assert "dead-handler" not in [each.rule for each in here]
    assert editor.session.pieces == (1, 1)


def test_places_move_with_the_text_before_them() -> None:
    text = "flow f() -> int {\n  return 1\n}\n\nflow g() -> int {\n  return x\n}\n"
    editor = Editor("a.flow", text)
    editor.found()
    editor.text = text.replace("return 1", "let 😀 = 2\n  return 1")
    here, there = editor.found()
    assert here == there
    assert editor.session.pieces == (1, 1)
    assert editor.text[here[-1].span.start : here[-1].span.end] == "x"


def test_what_a_broken_item_declares_with_dashes_is_seen() -> None:
    head = "flow f() -> int {\n  return my-step\n}\n\n"
    editor = Editor("a.flow", head)
    for broken, rules in (
        ("", ["unknown-name"] * 2),
        ("step my-step = 1\n", ["syntax-error"]),
        ("", ["unknown-name"] * 2),
    ):
        editor.text = head + broken
        here, there = editor.found()
        assert here == there
        assert [each.rule for each in here] == rules


def test_a_value_of_the_configuration_is_not_declared_in_a_text_that_did_not_parse() -> None:
    use = 'flow f(id: int) {\n  do http.put("{{ config.api }}/c/{{ id }}", json={ id })\n}\n'
    text = f"import http\n\n{use}\n{use.replace('f(', 'g(', 1)}"
    editor = Editor("a.flow", text)
    for place in ("http.put", "http.puig.api }}", "http.put"):
        editor.text = text[:-60] + text[-60:].replace("http.put", place)
        here, there = editor.found()
        assert here == there
        assert "unknown-config" in [each.rule for each in here]


def test_an_end_that_is_the_second_now_is_a_mistake() -> None:
    end = "  return [two, three]\n"
    text = "flow f() -> any {\n  let two = 'a'\n  let three = 'b'  # c\n" + end + "}\n"
    editor = Editor("a.flow", text)
    for now in (text, text.replace("# c", "# cc"), text.replace("  let three", end + "  let three")):
        editor.text = now
        here, there = editor.found()
        assert here == there
    assert [each.rule for each in here] == ["misplaced-return"]


def test_an_imported_file_that_changes_is_seen(tmp_path: Path) -> None:
    lib, root = tmp_path / "lib.flow", tmp_path / "a.flow"
    lib.write_text("function one() -> int = 1\n", encoding="utf-8")
    editor = Editor(str(root), 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n')
    assert editor.found()[0] == []
    lib.write_text("function two() -> int = 2\n", encoding="utf-8")
    here, there = editor.found()
    assert here == there
    assert [each.rule for each in here] == ["unknown-function"]
    lib.unlink()
    here, there = editor.found()
    assert here == there
    assert [each.rule for each in here] == ["unreadable-file"]


def test_a_file_that_goes_and_comes_back() -> None:
    editor = Editor("a.flow", "flow f() -> int {\n  return 1\n}\n")
    text = editor.text

    def gone(path: str) -> str:
        raise Unreadable("does not exist")

    assert editor.found()[0] == []
    assert [each.rule for each in editor.session.check(gone).program.diagnostics] == ["unreadable-file"]
    editor.text = text + "\n"
    here, there = editor.found()
    assert here == there == []


def test_what_cannot_be_checked_in_pieces_is_once_it_can() -> None:
    text = "function a() -> int = b()\n\nfunction b() -> int = a()\n\nflow f() -> int {\n  return a()\n}\n"
    editor = Editor("a.flow", text)
    for number in range(3):
        editor.text = f"{text}# {number}\n"
        here, there = editor.found()
        assert here == there
        assert "recursion" in [each.rule for each in here]
    editor.text = text.replace("= a()", "= 1")
    assert editor.found()[0] == []
    for number in range(2):
        editor.text = text.replace("= a()", f"= {number}")
        assert editor.found()[0] == []
    assert editor.session.pieces == (1, 3)


def test_a_long_session_holds_no_more_than_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "EDITS", 10)
    editor = Editor("a.flow", source(60))
    place = editor.text.rindex("'desk-") + len("'desk-")
    sizes = []
    for key in range(100):
        editor.text = editor.text[:place] + str(key % 10) + editor.text[place + 1 :]
        editor.session.check(editor.read)
        sizes.append(reachable(editor.session))
    assert max(sizes[12:]) < max(sizes[:12]) * 1.05


def reachable(root: object) -> int:
    """How many objects hang on one, but for those that all programs share."""
    seen = {id(root)}
    waiting = [root]
    for each in waiting:
        for other in gc.get_referents(each):
            if id(other) not in seen and not isinstance(other, (type, ModuleType, FunctionType)):
                seen.add(id(other))
                waiting.append(other)
    return len(seen)


def test_what_stands_around_a_key_is_not_parsed_again_and_what_hangs_on_it_inferred() -> None:
    editor = Editor("a.flow", source(100))
    editor.found()
    kept = []
    for key in "abc":  # the first moves the flow to where there is room, the second leaves marks in it
        at = editor.text.index("yield 'desk-") + len("yield 'desk-")
        editor.text = editor.text[:at] + key + editor.text[at:]
        program = editor.session.check(editor.read).program
        flow = next(item for item in program.files["a.flow"].tree.items if isinstance(item, ast.FlowDecl))
        statements = flow.body.statements
        effects = [program.facts.effects.get(id(each)) for each in statements]
        kept.append((statements, [program.facts.calls.get(id(each)) for each in effects]))
    (before, known_before), (after, known_after) = kept[-2:]
    stays = [one is other for one, other in zip(before, after, strict=True)]
    assert stays == [True] * 5 + [False] + [True] * (len(after) - 6)
    assert known_after[0] is known_before[0] is not None
    assert known_after[6] is not known_before[6] is not None  # it uses the value, of another type now
    assert known_after[7] is known_before[7] is not None


def test_what_uses_the_value_that_is_typed_stays_while_its_type_does() -> None:
    text = (
        "import http\n\nflow f(u: url, n: int) {\n  let z = 1\n  let a = n + 1\n  do http.post(u, json={ a, z })\n}\n"
    )
    editor = Editor("a.flow", text)
    editor.found()
    calls = []
    for value in ("n + 12", "n + 123", "n + 1234", "n > 1234", "n > 123"):
        editor.text = text.replace("n + 1", value)
        program = editor.session.check(editor.read).program
        assert known(program, editor.path) == known(check(editor.path, editor.read), editor.path)
        calls += [fact for fact in program.facts.calls.values() if fact.signature.name == "http.post"]
    assert [one is other for one, other in pairwise(calls)] == [True, True, False, False]


def test_types_that_are_equal_and_read_otherwise_are_two() -> None:
    head = "import http\n\nflow f(u: url) -> any {\n  let z = 1\n"
    text = head + "  step a: float(ge=0) = http.get(u).json\n  let b = a\n  return [b, z]\n}\n"
    editor = Editor("a.flow", text)
    for bound in ("10", "0", "0.0", "0"):
        editor.text = text.replace("ge=0", f"ge={bound}")
        programs = editor.session.check(editor.read).program, check(editor.path, editor.read)
        here, there = (repr([*each.facts.types.values()]) for each in programs)
        assert here.count(f"ge={bound},") == there.count(f"ge={bound},") > 1


def test_a_statement_outgrows_its_gap_and_shrinks_again() -> None:
    text = "flow f() -> int {\n  let a = 'x'\n  # why\n  ## doc\n  let b = 'y'\n  let c = 'z'\n\n  return 1\n}\n"
    editor = Editor("a.flow", text)
    for size in (2, ROOM, ROOM + 3, 10, 2 * ROOM, 5 * ROOM, 0, 3):
        for letter in "xzy":
            editor.text = text.replace(f"'{letter}'", f"'{letter * size}'")
            here, there = editor.found()
            assert here == there
            assert [each.rule for each in here] == ["unused-let"] * 3
            assert editor.session.pieces == (1, 1)


def test_a_key_before_statements_with_annotations() -> None:
    step = "  @timeout(9s)\n  @retry(attempts=2)\n  step %s = http.get('https://a.example/%s').json\n"
    steps = step % ("b", "b") + step % ("c", "c")
    text = f"import http\n\nflow f() -> any {{\n  let a = 'x'\n{steps}  return [a, b, c]\n}}\n"
    editor = Editor("a.flow", text)
    for key, path in (("'x'", "b'"), ("'xx'", "b'"), ("'xxx'", "b'"), ("'xxxx'", "b'"), ("'xxxx'", "bb'")):
        editor.text = text.replace("'x'", key).replace("b'", path)
        here, there = editor.found()
        assert here == there == []


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (
            "let b = m is not none\n  let e = b and flag\n  do http.post(u, json={ x: m + 1, z }) when e",
            ("m is not  none", "m is none", "m is not none"),
        ),
        (
            "let b = m is not none\n  let e = not b\n  step p = 1 when b\n  do http.post(u, json={ p, z }) when not e",
            ("m is not  none", "m is none", "m is not none"),
        ),
        (
            "let e = k != 'a'\n  let g = e or k == 'b'\n  do http.post(u, json={ m, flag, z }) when g",
            ("k !=  'a'", "k == 'a'", "k != 'a'"),
        ),
    ],
)
def test_what_a_let_means_hangs_on_others(body: str, texts: tuple[str, ...]) -> None:
    head = "import http\n\nflow f(m: int?, flag: bool, k: 'a' | 'b', u: url) {\n  let z = 1\n  "
    editor = Editor("a.flow", f"{head}{body}\n}}\n")
    editor.found()
    for text in texts:
        editor.text = f"{head}{body.replace(texts[-1], text)}\n}}\n"
        here, there = editor.found()
        assert here == there
        assert known(editor.session.check(editor.read).program, editor.path) == known(
            check(editor.path, editor.read), editor.path
        )


def test_no_gap_stands_in_a_text() -> None:
    text = (
        "import http\n\nfunction half(x: int) -> int = x\n\nflow f(u: url) -> any {\n  let z0 = 1\n"
        '  let a = "x"\n  # """\n  do http.post(u, json={ y: half(a) })\n  return [z0, a]\n}\n'
    )
    editor = Editor("a.flow", text)
    for typed_ in (text, text.replace("= 1", "= 12"), text.replace("= 1", "= 123")):
        editor.text = typed_
        editor.found()
    editor.text = text.replace('"x"', '"""')
    here, there = editor.found()
    assert here == there != []


def test_no_gap_parts_a_doc_from_its_statement() -> None:
    text = "flow f(n: int) -> int {\n  let z = 1\n  let gone = n\n  let kept = n + z\n  return kept + gone\n}\n"
    editor = Editor("a.flow", text)
    editor.found()
    for line in ("  let gone = n1", "  let gone = n12", "  ## The documented one."):
        editor.text = text.replace("  let gone = n", line)
        program = editor.session.check(editor.read).program
    (flow,) = program.files["a.flow"].tree.items
    assert isinstance(flow, ast.FlowDecl)
    assert [each.doc for each in flow.body.statements if isinstance(each, ast.Let)] == ["", "The documented one."]


def test_a_misspelt_use_is_one_of_what_takes_the_other_s_place() -> None:
    text = "function is_%s(x: int) -> bool = x < 10\n\nflow f(n: int) -> int {\n  return 1 if n is small else 0\n}\n"
    editor = Editor("a.flow", text % "smalb")
    for name in ("smalb", "smalb3", "smalb3 ", "smalb3  "):
        editor.text = text % name
        here, there = editor.found()
        assert here == there
        assert [each.rule for each in here] == ["unknown-test"]


def test_what_a_rule_suggests_to_declare_is_seen_when_it_is() -> None:
    flow = "flow f() -> int {\n  on webhook('/w')\n  return 1\n}\n"
    editor = Editor("a.flow", f"config {{ a: int = 1 }}\n\n{flow}")
    for config in ("a: int = 1", "a: int = 1\n  hook_secret: secret", "a: int = 1"):
        editor.text = f"config {{\n  {config}\n}}\n\n{flow}"
        here, there = editor.found()
        assert here == there
        assert "unsigned-webhook" in [each.rule for each in here]


def test_a_finding_at_a_gap_is_that_of_a_text_without_one() -> None:
    """The fix of an unused `let` takes its line out, and what it takes hangs on the lines around it."""
    text = "flow f() -> string {\n  let a = 'x'\n\n  let b = a\n\n  return b\n}\n"
    editor = Editor("a.flow", text)
    for key in ("'x'", "'xx'", "'xxx'"):
        for use in ("a", "'a'", "'aa'"):
            editor.text = text.replace("'x'", key).replace("return b", f"return {use}")
            here, there = editor.found()
            assert here == there
            assert [each.rule for each in here] == ["unused-let"]


def test_rules_do_not_look_again_at_statements_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "flow f(n: int) -> list[bool] {\n  let a = n == n\n  let b = n <= n\n  let c = n == 1\n  return [a, b, c]\n}\n"
    )
    rule = CHECKS["self-comparison"]
    check_, looked_at = rule.check, []

    def noting(node: ast.Compare, look: Look) -> Iterable[Diagnostic]:
        looked_at.append(look.file.source.text[node.start : node.end])
        return check_(node, look)

    monkeypatch.setattr(rule, "_check", noting)
    editor = Editor("a.flow", text)
    editor.session.check(editor.read)
    for value, stay in (("2", 0), ("3", 1), ("4", 1)):  # the first key leaves marks from which it is parsed again
        looked_at.clear()
        editor.text = text.replace("n == 1", f"n == {value}")
        found = editor.session.check(editor.read).program.diagnostics
        assert [each.rule for each in found] == ["self-comparison", "self-comparison"]
        assert looked_at == ["n == n", "n <= n", f"n == {value}"][stay:]
    for value in ("m", "5", "n"):  # with a mistake in the file nothing stays
        editor.text = text.replace("n == 1", f"n == {value}")
        here, there = editor.found()
        assert here == there


def test_a_word_that_goes_calls_for_no_rule_any_more() -> None:
    text = "let a = 1\n\nservice crm { base_url = 'https://crm.example.com' }\n\nflow f() -> int {\n  return a\n}\n"
    editor = Editor("a.flow", text)
    assert [each.rule for each in editor.found()[0]] == ["unused-service"]
    editor.text = text.replace("service", "servic")
    here, there = editor.found()
    assert here == there
    assert editor.session.pieces == (2, 3)


def test_a_word_of_two_items_calls_for_no_rule() -> None:
    editor = Editor("a.flow", "c# \nonfig { crm: string }\n\nflow f() -> int {\n  return 1\n}\n")
    editor.found()
    editor.text = editor.text.replace("# ", "# c")
    here, there = editor.found()
    assert here == there
    assert "unused-config" not in [each.rule for each in there]


def test_a_key_in_a_handler_of_a_flow_leaves_it_its_triggers() -> None:
    text = "flow f(a: int) {\n  on event('e') with { a: 1 }\n  on event('e') with { a: 1 }\n  do fail('no')\n}\n"
    text = text.replace("fail('no')\n}", "fail('no')\n} catch {\n  let b = 1\n  let c = b\n  do fail('{a}')\n}")
    editor = Editor("a.flow", text)
    for key in "bcd":
        editor.text = editor.text.replace("{a", "{a" + key)
        here, there = editor.found()
        assert here == there
        assert "duplicate-trigger" in [each.rule for each in here]


def test_an_order_that_changes_is_seen() -> None:
    text = "flow f() -> int {\n  let z = n\n  let s = 1\n  let t = 2\n  let u = t\n  let n = 3\n  return z + u\n}\n"
    editor = Editor("a.flow", f"{text}\nlet other = 1\n")
    editor.found()
    for value, pieces in (("4", (1, 1)), ("5", (1, 1)), ("6", (1, 1)), ("s", (1, 1)), ("t", (1, 1))):
        editor.text = f"{text}\nlet other = 1\n".replace("n = 3", f"n = {value}")
        here, there = editor.found()
        assert here == there
        assert editor.session.pieces == pieces


def test_a_name_that_did_not_parse_is_seen_by_what_stands_before_it() -> None:
    text = "let q = 1\n\nflow f() -> int {\n  let b = q\n  let c = 2\n  do log.info(b)\n  return c\n}\n"
    editor = Editor("a.flow", f"import log\n\n{text}")
    editor.session.check(editor.read)
    for written in ("do log.info('a')", "do log.info('ab')", "let q = "):
        editor.text = f"import log\n\n{text}".replace("do log.info(b)", written)
        program = editor.session.check(editor.read).program
        assert known(program, editor.path) == known(check(editor.path, editor.read), editor.path)


@pytest.mark.parametrize(
    ("second", "before", "after"),
    [
        ("confg {\n  two: int = 2\n}\n", "config {\n  one", "config \n  one"),  # the head of one breaks
        ("config {\n  own: int = 2\n}\n", "-> int {\n  return config.own", "> int {\n  return config.own"),
    ],
)
def test_two_configurations_are_one_table(second: str, before: str, after: str) -> None:
    first = "config {\n  one: int\n  own: string\n}\n\n"
    flow = "flow f() -> int {\n  return config.own\n}\n\nflow g() -> int {\n  return config.one\n}\n\n"
    whole = first + flow + second
    editor = Editor("f.flow", whole)
    for text in (whole, whole.replace(before, after, 1), whole):
        editor.text = text
        here, there = editor.found()
        assert here == there


def test_a_file_that_becomes_one_of_another_format_and_back() -> None:
    yaml, flow = "name: x\nother: y\n", "flow f() -> int {\n  return 1\n}\n"
    editor = Editor("a.flow", yaml)
    for text in (yaml, yaml + flow, flow, yaml + flow, yaml, f"{yaml}z: 1\n", "name: x\n", f"{yaml}{flow}", flow):
        editor.text = text
        here, there = editor.found()
        assert here == there, text
        assert any("YAML" in each.message for each in here) == (flow not in text and text != "name: x\n")


def test_no_fix_takes_out_a_comment_in_an_editor_either() -> None:
    text = "flow f(n: int) -> int {\n  return n | default( # why\n    1)\n}\n"
    editor = Editor("a.flow", text.replace("default", "defaul"))
    editor.found()
    editor.text = text
    here, there = editor.found()
    assert here == there
    assert [each.fixes for each in here if each.rule == "useless-default"] == [()]


@pytest.mark.parametrize(
    ("head", "statement"),
    [
        ("function foo(s: string) -> int = 1", "foo 'a'"),
        ("config { u: url }\n\nservice q { base_url = config.u }", "q.push('/a')"),
        ("function cron(s: string) -> int = 1", "cron('a')"),
        ("import http", "http.get 'a'"),
        ("function await(s: string) -> int = 1", "await foo('a')"),
    ],
)
def test_what_is_said_of_a_mistake_may_hang_on_declarations(head: str, statement: str) -> None:
    """On those of the file, wherever they stand, and whichever of the two is typed last."""
    flow = "flow g() {\n  let a = 1\n  %s\n}\n"
    wrong = flow % statement
    texts = [f"{head}\n\n{flow % 'let b = a'}", f"{head}\n\n{wrong}", wrong, f"{wrong}\n{head}\n", f"{head}\n\n{wrong}"]
    editor = Editor("a.flow", texts[0])
    for text in texts:
        editor.text = text
        here, there = editor.found()
        assert here == there


@pytest.mark.parametrize(
    "texts",
    [
        # The end of the file tells which bracket is never closed.
        ("function g(at:{\nfunction f(x:int)=x\nflow o{}{{}}", "function g(at:{\nfunction f(x:int)=x\nflow o{}{none}}"),
        # So does it where a text of several lines, a comment or a hole is not closed.
        ('let a=1\n"""', 'é"""\nlet a=1\n"""'),
        ('type T=t\n"""', '="""\ntype T=t\n"""'),
        ("/* a\nlet a=1\nlet b=2\n", "/* a\nlet a=1\nlet b=2\n*/\n"),
        ('let t = """{{ (1 """\nlet a=1\nlet b=2\n', 'let t = """{{ (1 """\nlet a=1\nlet b=2\n""")}}"""\n'),
        ("flow f() {\n  a <<END\n}\nlet a=1\nlet b=2\n", "flow f() {\n  a <<END\n}\nlet a=1\nlet b=2\nEND\n"),
        # What is renamed must stand nowhere else, and what is written instead be declared.
        ("flow o(){return 1}\nflow y-s(", "y-s\nflow o(){return 1}\nflow y-s("),
        ("let a=1\nlet b=2\nlow g(//my-step\n{\nflow my-step(", "let a=1\nlet b=2\nlow g(//my-step\n{\nflow my-step(a"),
        ("let a=1\nflow f(a: Date-Ti) {}\n", "type DateTi = int\nlet a=1\nflow f(a: Date-Ti) {}\n"),
        # A doc belongs to what follows it.
        ("config{a:int=1}", "##c\nconfig{a:int=1}"),
        ("let a=1\nlet b=2\n", "let a=1\n##! c\nlet b=2\n", "let a=1\n## c\nlet b=2\n"),
        # No line end stands behind the last line.
        ("", "config{a:1}"),
        # Letters of two items make no word.
        ("low o(){t\nype T=n",),
        # A text that is never closed stands before others in the editor, and behind them in the tree's text.
        ('let a=1\n"""', '"""\ufeff"""\nlet a=1\n"""'),
        ("'''\n\"\"\"\n\u200b'''\ny\"\"\"",),
    ],
)
def test_what_a_mistake_is_hangs_on_all_that_tells_it(texts: tuple[str, ...]) -> None:
    editor = Editor("a.flow", texts[0])
    for text in (*texts, *reversed(texts)):
        editor.text = text
        here, there = editor.found()
        assert here == there


def test_what_is_offered_for_a_missing_value_hangs_on_types() -> None:
    text = """import http
config { api: url }
type M = string?
flow f(b: bool) -> any {
  let r: M = 'a' if b
  let s = [1 if b]
  step t = http.get("{{ config.api if b }}/x")
  return [r, s, t, "{{ r if b }}"]
}
"""
    editor = Editor("x.flow", text)
    offered = []
    for old, new in (
        ("", ""),
        ("string?", "string"),
        ("string", "none | string"),
        (" r: M", " r: list[M]"),
        ("/x", ""),
    ):
        editor.text = editor.text.replace(old, new, 1)
        here, there = editor.found()
        assert here == there
        offered.append([[fix.safe for fix in each.fixes] for each in here if each.rule == "missing-else"])
    safe, unsafe, none = [True], [False], list[bool]()
    assert offered[:3] == [[safe, unsafe, none, safe], [none, unsafe, none, safe], [safe, unsafe, none, safe]]


def test_a_text_of_mistakes_is_cut_in_linear_work() -> None:
    texts = {size: "let x = 1 /* b */\n" * size for size in (200, 400)}
    parsed = {size: parse(Source("a.flow", text)) for size, text in texts.items()}
    assert growth(lambda size: cut(texts[size], 0, parsed[size]), 200) < 2.05
