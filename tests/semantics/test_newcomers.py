"""What people bring from other languages is one error with help about it, at its place, and hides no other error."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

FUNCTION = "a function is one expression: `function f(a: int) -> int = a + 1`"
# (what stands in a flow, a part of the message, what is underlined, a part of the help)
WORDS = [
    (
        "try:\n    do fail('x')\n  except Exception as e:\n    do fail('y')",
        "no `try`",
        "try",
        "a `catch` clause behind it",
    ),
    ("try:\n    do fail('x')\n  finally:\n    do fail('y')", "no `try`", "try", "a `catch` clause behind it"),
    (
        "try:\n    do fail('x')\n  except:\n    do fail('y')\n  else:\n    do fail('z')",
        "no `try`",
        "try",
        "`catch` clause",
    ),
    ("try: do fail('x')", "no `try`", "try", "a `catch` clause behind it"),
    ("try:\n  {\n    do fail('x')\n  }", "no `try`", "try", "a `catch` clause behind it"),
    ("do fail('x')\n  except:\n    do fail('y')", "no `except`", "except", "`catch kinds as err"),
    ("do fail('x')\n  finally:\n    do fail('y')", "no `finally`", "finally", "`undo`"),
    ("if c { }\n  else:\n    do fail('y')", "expected a statement", "else", "`if c { … } else { … }`"),
    ("if c:\n    do fail('x')\n  else:\n    do fail('y')", "expected `{`", ":", "in braces"),
    (
        "if c:\n    do fail('x')\n  elif n > 3:\n    do fail('z')\n  else:\n    do fail('y')",
        "expected `{`",
        ":",
        "in braces",
    ),
    ("while c:\n    do fail('x')\n  else:\n    do fail('y')", "no `while`", "while", "`repeat x = first"),
    ("do {\n    do fail('x')\n  }\n  while (c)", "begins with its word", "{", "`sequence { … }`"),
    ("const g = (x) => x + 1", "no `const`", "const", "name a `function`"),
    ("let n2 += 1", "`+=` is not an operator", "+", "a value never changes"),
    ("let i = 1\n  ++i", "`i` waits for itself", "i", "a value never changes"),
    ("if n instanceof Error { }", "expected `{`", "instanceof", "`x is string`"),
    ("step r = if c { yield from xs }", "no `yield from`", "from", "`yield xs`"),
    ("a, err := n", "expected a statement", "a", "each value has a name of its own"),
    ("x := 1", "a statement begins with its word", "x", "`let name = …` for a value"),
    ("defer close(n)", "no `defer`", "defer", "`undo { … }`"),
    ("go fetch(n)", "no `go`", "go", "run at the same time"),
    ("for i, x := range xs {\n    do fail('x')\n  }", "expected `,` or `in`", ":", "`for x in xs { … }`"),
    ("for n < 3 {\n    do fail('x')\n  }", "expected `,` or `in`", "<", "`repeat x = first"),
    ("for x in \"${xs[@]}\"; do\n    do fail('x')\n  done", "`;` has no meaning here", ";", "a line end ends"),
    ("curl -X POST https://a.example", "no `curl`", "curl", "`step a = http.get(…)`"),
    ("c && do fail('x')", "expected a statement", "c", "`do … when c`"),
    ("case $n in\n    1) do fail('x') ;;\n  esac", "stands in a `match`", "case", "`match value {"),
    ("g() {\n    do fail('x')\n  }", "expected a statement", "g", "`flow g() { … }`"),
    ("local m = 3", "no `local`", "local", "`let name = …`"),
    ("xs | sort | first", "expected a statement", "xs", "`let name = …`"),
    ("let a: hello world", "expected `=` or `(`", "world", "a text stands in quotes: `let a = '…'`"),
    ("let a = |\n    hello", "expected an expression after `=`", "|", '`"""`'),
    ("let a = n + 1 for i in xs", "expected a statement", "for", "`[e for x in xs if c]`"),
    ("if n is 3 { }", "expected a name after `is`", "3", "compared with `==`"),
    ("if c { ... }", "`...` has no meaning here", "...", "may be empty: `{ }`"),
    ("sys.exit(1)", "no `sys.exit`", "sys", "`do fail('text')`"),
    ("let a\n", "expected `:` or `=`", "a", "`let` gives it at once"),
    ("let g = () => { return 1 }", "expected an expression after `(`", ")", "name a `function`"),
    ("if /abc/.test('x') { }", "expected an expression after `if`", "/", "`x | matches("),
    ("step r = if c { yield* xs }", "no `yield*`", "*", "`yield xs`"),
    ("step r = match n {\n    1 => 'one',\n    _ => 'other',\n  }", "expected `else`, `case`", "1", "`case 'a', 'b' {"),
    ("if let Some(x) = n {\n    do fail('x')\n  }", "no `if let`", "let", "`if x is not none { … }`"),
    ("def g(x)\n    x + 1\n  end", "no `def`", "def", "`function name("),
    ("xs.each do |x|\n    do fail('x')\n  end", "expected a statement", "xs", "`for x in xs { … }`"),
    ("begin\n    do fail('x')\n  rescue => e\n    do fail('y')\n  end", "no `begin`", "begin", "a `catch` clause"),
    ("if n ~= 3 { }", "`~=` is not an operator", "~=", "not equal"),
    ("let a = xs |> sum", "`|>` is not an operator", "|>", "`x | f`"),
    ("if c step a = n", "expected `{`", "step", "in braces"),
    ("repeat {\n    do fail('x')\n  } until c", "expected a name after `repeat`", "{", "`repeat x = first"),
    ("default:\n    do fail('x')", "expected a statement", "default", "`let name = …`"),
]
FUNCTIONS = [
    ("function g(x: int) => x + 1", "`=>` has no meaning here", "=>", FUNCTION),
    ("function g(x: int) => { return x + 1 }", "`=>` has no meaning here", "=>", FUNCTION),
    ("function g(x: int): int {\n  return x + 1\n}", "expected `=` or `->`", ":", FUNCTION),
    ("export function g(x) {\n  return x + 1\n}", "no `export`", "export", "can be used from any other"),
]
# (what stands in a flow, what the fix makes of it)
COMMENTS = [
    ("let a = n\n  // hello\n  let b = n", "let a = n\n  # hello\n  let b = n"),
    ("let a = n\n  // hello there\n  let b = n", "let a = n\n  # hello there\n  let b = n"),
    ("let a = n\n  // one\n  // two\n  let b = n", "let a = n\n  # one\n  # two\n  let b = n"),
    ("let a = n\n  // TODO: mend it", "let a = n\n  # TODO: mend it"),
    ("let a = n\n  // if it fails", "let a = n\n  # if it fails"),
    ("let a = n\n  // don't", "let a = n\n  # don't"),
    ("let a = n\n  // it's what's \"said", "let a = n\n  # it's what's \"said"),
    ("let a = n\n  // if (c) {", "let a = n\n  # if (c) {"),
    ("let a = n\n  // f({ x: 1", "let a = n\n  # f({ x: 1"),
    ("let a = n\n  // hello.", "let a = n\n  # hello."),
    ("let a = n\n  //\n  let b = n", "let a = n\n  #\n  let b = n"),
    ("let a = n\n  /// hello there", "let a = n\n  ## hello there"),
    ("let a = xs\n    // the sum\n    | sum", "let a = xs\n    # the sum\n    | sum"),
    ("do fail('x')\n    // if it fails\n    when c", "do fail('x')\n    # if it fails\n    when c"),
    ("let a = n // hello", "let a = n # hello"),
    ("let a = n // hello there", "let a = n # hello there"),
    ("let a = n // don't", "let a = n # don't"),
    ("let a = n // if one fails", "let a = n # if one fails"),
    ("let a = n // {", "let a = n # {"),
    ("do fail('x') // hello", "do fail('x') # hello"),
    ("if c { // why\n    do fail('x')\n  }", "if c { # why\n    do fail('x')\n  }"),
    ("-- hello\n  let a = n", "# hello\n  let a = n"),
    ("let a = n\n  -- 3", "let a = n\n  # 3"),
    ("let a = n\n  -- hello", "let a = n\n  # hello"),
    ("let a = n\n  -- hello there, you", "let a = n\n  # hello there, you"),
    ("let a = n\n  // one\n  // two words", "let a = n\n  # one\n  # two words"),
    ("let a = n\n  -- one\n  -- two words", "let a = n\n  # one\n  # two words"),
    ("let a = n -- hello", "let a = n # hello"),
    ("let a = n -- hello there", "let a = n # hello there"),
    ("/* hello */\n  let a = n", "# hello\n  let a = n"),
    ("<!-- hello -->\n  let a = n", "# hello\n  let a = n"),
    ("let a = n\n  <!-- one\n    two -->\n  let b = n", "let a = n\n  # one\n  # two\n  let b = n"),
    ("let a = n <!-- hello -->", "let a = n # hello"),
    ("{# hello #}\n  let a = n", "# hello\n  let a = n"),
    ("(* hello *)\n  let a = n", "# hello\n  let a = n"),
    ("; hello there\n  let a = n", "# hello there\n  let a = n"),
    ("let a = n\n  ; one\n  ; two\n  let b = n", "let a = n\n  # one\n  # two\n  let b = n"),
    ("REM hello there\n  let a = n", "# hello there\n  let a = n"),
    ("let a = n\n  % hello", "let a = n\n  # hello"),
    ("let a = n\n  % hello there", "let a = n\n  # hello there"),
    ("%% hello\n  let a = n", "#% hello\n  let a = n"),
]
ITEMS = [
    ("func g(x: int) {\n  return x\n}", "no `func`", "func", "a flow is written"),
    ("flow g(x int) {\n  return x\n}", "expected `:` after `x`", "int", "behind `:`: `x: int`"),
    ("flow g(int x) {\n  return x\n}", "expected `:` after `int`", "x", "follows the name: `x: int`"),
    ("flow g() = {\n  return 1\n}", "expected `{` or `->`", "=", "`flow name() { … }`"),
    ("package main", "no `package`", "package", "no head"),
    ("type Lead struct {\n  id: string\n}", "no `struct`", "struct", "`type Lead { … }`"),
    ("type A { readonly id: string }", "expected `:` after `readonly`", "id", "its name and its type only"),
    ("void g() {\n  return 1\n}", "expected an item", "void", "`flow name() { … }`"),
    ("main {\n  step a = 1\n}", "expected an item", "main", "`flow name() { … }`"),
    ("module.exports = { f }", "expected an item", "module", "`flow name() { … }`"),
    ("@flow\ndef g():\n  return 1", "no `def`", "def", "`function name("),
]
POLICIES = [
    (
        "@concurrency(none)\n  step r = for x in xs { yield x }",
        "none",
        "a whole number of at least 1, or leave `@concurrency` out",
    ),
    ("@retry(attempts=none)\n  do fail('x')", "none", "a whole number from 1 to 1000, or leave `attempts` out"),
    (
        "@retry(none)\n  do fail('x')",
        "none",
        "`'exponential'`, `'linear'`, `'fixed'` or `'none'`, or leave `strategy` out",
    ),
    ("@retry(delay=null)\n  do fail('x')", "null", "a duration such as `30s`, or leave `delay` out"),
    ("@retry(multiplier=none)\n  do fail('x')", "none", "a number of at least 1, or leave `multiplier` out"),
    ("@rate_limit(none, per=1m)\n  do fail('x')", "none", "a whole number of at least 1, or leave `@rate_limit` out"),
    ("@concurrency('unlimited')\n  step r = for x in xs { yield x }", "'unlimited'", "a whole number of at least 1"),
    ("@timeout(false)\n  do fail('x')", "false", "a duration such as `30s` or `none`"),
    ("do wait(none)", "none", "write a duration such as `30s`"),
]
AFTER = [
    (
        "step r = if c {\n    step x = n\n  }\n  step y = n after x",
        "`after r`: a block has ended when all of its steps have",
    ),
    ("for i in xs {\n    step x = n\n  }\n  step y = n after x", "`step result = for …`, and write `after result`"),
    ("step y = n after x\n  if c {\n    step x = n\n  }", "`step result = if …`, and write `after result`"),
    ("if c {\n    step x = n\n  } else {\n    step y = n after x\n  }", "steps of its own block"),
    ("step r = if c {\n    step x = n\n  } after x", "what a block waits for stands outside of it"),
]


@pytest.mark.parametrize(("body", "message", "marked", "help"), WORDS, ids=[each[0][:40] for each in WORDS])
def test_a_word_of_another_language_is_one_error(body: str, message: str, marked: str, help: str) -> None:
    text = _flow(body)
    (found,) = _errors(text)
    assert message in found.message
    assert text[found.span.start : found.span.end] == marked
    assert help in found.help


@pytest.mark.parametrize(("body", "fixed"), COMMENTS, ids=[each[0] for each in COMMENTS])
def test_a_comment_of_another_language_is_one_error_with_its_fix(body: str, fixed: str) -> None:
    text = _flow(body)
    (found,) = _errors(text)
    assert found.help == "comments begin with `#`"
    after = apply(text, found.fixes[0].edits)
    assert after == _flow(fixed)
    assert _errors(after) == []


def test_each_comment_of_another_language_is_an_error_of_its_own_beside_those_before_them() -> None:
    text = _flow("\n  ".join([f"let a{each} = nobody{each}\n  // hello" for each in range(3)]))
    found = _errors(text)
    assert [each.help for each in found] == ["", "comments begin with `#`"] * 3


@pytest.mark.parametrize(
    "value", ["n\n    // 2", "n\n    // n", "n - -n", "n -- n", "n--n", "n\n    % n", "n\n    - -n"]
)
def test_an_operation_that_goes_on_below_is_no_comment(value: str) -> None:
    assert _errors(_flow(f"let a = {value}")) == []


@pytest.mark.parametrize(("item", "message", "marked", "help"), [*FUNCTIONS, *ITEMS])
def test_an_item_of_another_language_is_one_error(item: str, message: str, marked: str, help: str) -> None:
    text = f"{item}\n\n{_flow('let m = n')}"
    (found,) = _errors(text)
    assert message in found.message
    assert text[found.span.start : found.span.end] == marked
    assert help in found.help


@pytest.mark.parametrize(("body", "marked", "help"), POLICIES)
def test_what_a_policy_does_not_take_is_told_with_what_it_takes(body: str, marked: str, help: str) -> None:
    text = _flow(body)
    (found,) = _errors(text)
    assert text[found.span.start : found.span.end] == marked
    assert help in found.help


@pytest.mark.parametrize(("body", "help"), AFTER)
def test_after_a_step_of_a_block_names_the_block(body: str, help: str) -> None:
    text = _flow(body)
    (found,) = _errors(text)
    assert "`x` stands in" in found.message
    assert text[found.span.start : found.span.end] == "x"
    assert help in found.help


def _flow(body: str) -> str:
    """A flow around statements, with one mistake behind them."""
    return f"flow f(xs: list[int], c: bool, n: int) {{\n  {body}\n  let last = nobody\n}}\n"


def _errors(text: str) -> list[Diagnostic]:
    """The errors but for the one behind the statements, which must be found too."""
    errors = [each for each in check_text(text, "x.flow").diagnostics if each.severity == "error"]
    others = [each for each in errors if "`nobody`" not in each.message]
    assert len(others) == len(errors) - 1, errors
    return others
