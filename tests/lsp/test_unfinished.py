"""What is offered in a head whose body, and in an annotation whose step or flow, is not written yet."""

from __future__ import annotations

import pytest

from tests.lsp.asking import Asked

HEAD = """\
type Inner { items: list[int], n: int }
type Outer { inner: Inner, k: 'u' | 'v' }

flow f(a: Outer) -> int {
  step first = wait(1s)
"""
ENDS = ["\n  return 1\n}\n", "\n}\n", ""]
MATCH = "match a.k {\n"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "line",
    [
        "for k in a.‸",
        "for k, v in a.‸",
        "step z = for k in a.‸",
        "if a.‸",
        "if a.‸ # whether",
        "if a.k == 'u' and a.‸",
        "if length(a.‸",
        'if "{{ a.‸',
        "do if a.‸",
        "step z: int = if a.‸",
        "if true {\n  } else if a.‸",
        "if true { do wait(1s) } else if a.‸",
        "match a.‸",
        "match a.‸ {",
        "match a.‸ {\n    case 'u' { }\n  }",
        "step z = match a.‸",
        "step z = repeat c: int = a.‸",
        "do wait(1s)\n    catch http when a.‸",
        "@retry('fixed') for k in a.‸",
    ],
)
def test_fields_are_offered_in_a_head_without_its_body(line: str, end: str) -> None:
    assert Asked(f"{HEAD}  {line}{end}").labels() == ["inner", "k"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "line",
    [
        "if a.k == 'u'\n    and a.‸",
        "if a.k == '😀' and  # whether\n    # it is\n    a.‸",
        "if a.k == 'u'\n    and a.‸ {\n  }",
        "if true {\n  } else if a.k == 'u'\n    or a.‸",
        "step z = if a.k == 'u'\n    or a.‸",
        "if length(\n    a.‸",
        "if length(\n    a.‸\n  )",
        "if length(\n    a.‸\n  ) > 1 {\n  }",
        "if length('(' ~\n    a.‸ # )\n  )",
        "if [\n    a.‸",
        "if '😀' in [\n    ')',\n    a.‸\n  ]",
        "for k in [\n    1,\n    a.‸\n  ]",
        "for k\n    in a.‸",
        "for k in a\n    .‸",
        "match (\n    a.‸\n  )",
        "repeat c: int =\n    a.‸",
        "step z = repeat c: int =\n    a.‸",
        "do wait(1s)\n    catch http\n    when a.‸",
        "do wait(1s)\n    catch http {\n    }\n    ensure a.‸",
        "step x = http.get(\n    a=[\n      a.‸",
        "step x = http.get(\n    a=[\n      a.‸\n    ]",
        "return a\n    .‸",
        "step x = http.get(\n    a.‸  # 😀\n    params={ a: 1 },\n  )",
        "step x = http.get(\n    \"😀 {{ a.‸\n    'x',\n  )",
        "let b = [\n    a.‸\n    1,\n  ]",
        "let b = [\n    a.‸\n    for c in [1]\n  ]",
        "step x = match a.k {\n    case 'u' { yield '😀' if a.‸ }\n    else { yield 1 }\n  }",
    ],
)
def test_fields_are_offered_in_a_head_of_several_lines(line: str, end: str) -> None:
    assert Asked(f"{HEAD}  {line}{end}").labels() == ["inner", "k"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "line",
    [
        'let b = """\n    😀\n    {{ a.‸ }}\n  """',
        'let b = """\n    😀 {{ a.‸ }} (\n    {{ a.inner.n }}\n  """',
        'if """\n    {{ a.‸ }}\n  """ != \'\' {\n  }',
        'step x = http.get(\n    """\n    😀 (\n    {{ a.‸ }}\n    """\n  )',
        'step x = http.get(\n    "😀 ( {{ a.‸ }}",\n  )',
        'if http.get(\n    "😀 ( {{ a.‸",\n  )',
        'let b = """\n    😀\n    {{ a.‸',
        'let b = """\n    😀\n    {{ a.‸\n  let c = """\n  """',
    ],
)
def test_fields_are_offered_in_holes_of_several_lines(line: str, end: str) -> None:
    assert Asked(f"{HEAD}  {line}{end}").labels() == ["inner", "k"]


@pytest.mark.parametrize("end", ["", "\n", "\n\nflow q() {\n}\n"])
@pytest.mark.parametrize(
    "head",
    ["flow z(\n  a: 'u' | 'v' = ‸", "flow z(\n  a: 'u' | 'v' = ‸,\n  b: int\n) -> int", "flow z(a: 'u' | 'v' = ‸"],
)
def test_literals_are_offered_in_the_head_of_a_flow_without_its_body(head: str, end: str) -> None:
    assert Asked(f"# 😀\n{head}{end}").labels()[:2] == ["'u'", "'v'"]


@pytest.mark.parametrize("end", ENDS)
def test_fields_of_fields_are_offered_in_a_head_without_its_body(end: str) -> None:
    assert Asked(f"{HEAD}  for k in a.inner.‸{end}").labels() == ["items", "n"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "line", ["if a.k == '‸", "if a.k == '‸'", MATCH + "    case '‸", MATCH + "    case 'u' { }\n    case '‸'"]
)
def test_literals_are_offered_in_a_head_without_its_body(line: str, end: str) -> None:
    assert Asked(f"{HEAD}  {line}{end}").labels() == ["u", "v"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "line", [MATCH + "    case ‸", MATCH + "    case ‸\n    case 'v' { }\n  }", MATCH + "    case ‸ {\n    }\n  }"]
)
def test_literals_come_first_behind_a_case_without_its_body(line: str, end: str) -> None:
    assert Asked(f"{HEAD}  {line}{end}").labels()[:2] == ["'u'", "'v'"]


@pytest.mark.parametrize("below", ["\n", "", "\n  return 1\n}\n", "\n}\n", "\n  # next\n  step b = wait(1s)\n}\n"])
@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("@retry('‸')", ["exponential", "fixed", "linear", "none"]),
        ("@retry('‸", ["exponential", "fixed", "linear", "none"]),
        ("@retry('fixed', ‸)", ["attempts=", "delay="]),
        ("@retry('fixed', ‸", ["attempts=", "delay="]),
        ("@timeout(‸)", ["each=", "total="]),
        ("@retry(\n    '‸'\n  )", ["exponential", "fixed", "linear", "none"]),
        ("@retry(\n    '‸", ["exponential", "fixed", "linear", "none"]),
        ("@retry(\n    'fixed',  # 😀 (\n    ‸\n  )", ["attempts=", "delay="]),
        ("@retry(\n    'fixed',\n    ‸", ["attempts=", "delay="]),
        ("@retry('fixed',\n    ‸", ["attempts=", "delay="]),
        ("@timeout(\n    each=1s,\n    ‸\n  )", ["total="]),
    ],
)
def test_arguments_are_offered_in_an_annotation_above_nothing(written: str, first: list[str], below: str) -> None:
    assert Asked(f"{HEAD}  {written}{below}").labels()[: len(first)] == first
    if "}" not in below:
        assert Asked(f"{written}{below}").labels()[: len(first)] == first


@pytest.mark.parametrize("written", ["(1, key=‸)", "(\n  1,\n  key=‸\n)", "(\n  1,\n  key=‸"])
@pytest.mark.parametrize("head", ["lead: string", "\n  lead: string,\n"])
def test_an_annotation_sees_what_it_stands_on(written: str, head: str) -> None:
    text = f"@concurrency{written}\nflow f({head}) -> string {{\n  return lead\n}}\n"
    assert "lead" in Asked(text).labels()


def test_a_condition_behind_a_value_is_no_head() -> None:
    assert Asked(f"{HEAD}  let q = 'x' if a.‸{ENDS[0]}").labels() == ["inner", "k"]
