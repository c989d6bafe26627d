"""Plans as JSON documents, both ways: what `nodes` declares is what is written and what is accepted, nothing else.

The document carries the version and the content hash; a reader refuses another version first, then a wrong shape, then
a wrong hash, then what does not hold together. The order of keys is kept. Anything wrong is a `PlanError` that names
the place.
"""

from __future__ import annotations

import json

from flowlang.plan import nodes
from flowlang.plan.depth import Deep
from flowlang.plan.errors import PlanError
from flowlang.plan.identity import content_hash
from flowlang.plan.shape import decode, encode
from flowlang.plan.verify import verify


def to_json(plan: nodes.Plan) -> dict[str, object]:
    """Convert a plan to a JSON document that carries its hash."""
    with Deep():
        body = encode(plan)
    return {"format": body.pop("format"), "evaluator": body.pop("evaluator"), "hash": content_hash(plan), **body}


def dumps(plan: nodes.Plan) -> str:
    """Write a plan as one line of JSON."""
    document = to_json(plan)
    with Deep():
        return json.dumps(document, separators=(",", ":"), allow_nan=False)


def loads(text: str | bytes) -> nodes.Plan:
    """Read a plan back, checked through and through."""
    try:
        with Deep():
            data = json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise PlanError("the plan is not UTF-8 text") from error
    except ValueError as error:
        raise PlanError(f"the plan is not JSON: {error}") from error
    except RecursionError as error:
        raise PlanError("the plan is nested too deeply") from error
    return from_json(data)


def from_json(data: object) -> nodes.Plan:
    """Convert a JSON document to a plan, checked through and through."""
    if not isinstance(data, dict) or "format" not in data:
        raise PlanError("this is not a flowlang plan: it has no `format`")
    _check_version(data)
    body = {key: value for key, value in data.items() if key != "hash"}
    try:
        with Deep():
            plan: nodes.Plan = decode(nodes.Plan, body)
            verify(plan)
        actual = content_hash(plan)
    except RecursionError as error:
        raise PlanError("the plan is nested too deeply") from error
    except ValueError as error:
        raise PlanError("the plan holds a number that is not finite") from error
    if "hash" not in data:
        raise PlanError("the plan carries no hash")
    if data["hash"] != actual:
        raise PlanError(f"the plan was changed after it was made: its content has the hash {actual}")
    return plan


def _check_version(data: dict[str, object]) -> None:
    for field, supported in (("format", nodes.FORMAT), ("evaluator", nodes.EVALUATOR)):
        found = data.get(field)
        if type(found) is not int:
            raise PlanError(f"the plan's `{field}` is not a number")
        if found != supported:
            raise PlanError(
                f"the plan has {field} {found}, and this flowlang reads {field} {supported}: plan the flow again"
            )


def _refuse_constant(name: str) -> object:
    raise PlanError(f"the plan holds {name}, which is not JSON")
