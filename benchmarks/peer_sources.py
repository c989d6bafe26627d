"""Inputs of a wanted length for the peers: valid files whose steps use earlier steps, with conditions and expressions,
so that a checker has names, types and templates to look at.
"""

from __future__ import annotations

import json


def wdl(lines: int) -> str:
    """A WDL workflow of tasks that use one another."""
    tasks: list[str] = []
    calls: list[str] = []
    count = max(1, lines // 22)
    for i in range(1, count + 1):
        tasks.append(f"""task t{i} {{
  input {{
    String name
    Int amount = {i}
    Array[String] tags = ["a", "b"]
  }}
  command <<<
    echo "~{{name}} ~{{amount * 2}} ~{{sep=',' tags}}"
  >>>
  output {{
    String out = read_string(stdout())
    Int total = amount * 3 + {i}
  }}
  runtime {{
    docker: "ubuntu:22.04"
    maxRetries: 3
  }}
}}""")
        before = "order_id" if i == 1 else f"t{i - 1}.out"
        calls.append(f'  call t{i} {{\n    input: name = {before} + "-{i}", amount = {i}\n  }}')
    head = "version 1.0\nworkflow w {\n  input {\n    String order_id\n  }\n"
    return (
        head + "\n".join(calls) + f"\n  output {{\n    String last = t{count}.out\n  }}\n}}\n" + "\n".join(tasks) + "\n"
    )


def states(lines: int) -> str:
    """A Step Functions machine of tasks and choices."""
    found: dict[str, object] = {}
    count = max(1, lines // 43)
    for i in range(1, count + 1):
        found[f"Fetch{i}"] = {
            "Type": "Task",
            "Resource": f"arn:aws:lambda:us-east-1:123456789012:function:f{i}",
            "Parameters": {"id.$": "$.order_id", "n": i},
            "ResultPath": f"$.r{i}",
            "TimeoutSeconds": 10,
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 5, "BackoffRate": 2}],
            "Next": f"Check{i}",
        }
        choice = {"Variable": f"$.r{i}.total", "NumericGreaterThan": i, "Next": f"Set{i}"}
        found[f"Check{i}"] = {"Type": "Choice", "Choices": [choice], "Default": f"Set{i}"}
        found[f"Set{i}"] = {"Type": "Pass", "Result": {"v": i}, "ResultPath": f"$.s{i}", "Next": f"Fetch{i + 1}"}
    found[f"Fetch{count + 1}"] = {"Type": "Succeed"}
    return json.dumps({"StartAt": "Fetch1", "States": found}, indent=2) + "\n"


def cloudformation(lines: int) -> str:
    """A template of roles and functions that refer to one another."""
    found = ["AWSTemplateFormatVersion: '2010-09-09'", "Parameters:", "  Env:", "    Type: String", "    Default: dev"]
    found += ["Conditions:", "  Prod: !Equals [!Ref Env, prod]", "Resources:"]
    for i in range(1, max(1, lines // 45) + 1):  # a template has at most 500 resources
        before = f"!GetAtt Fn{i - 1}.Arn" if i > 1 else "none"
        variables = "\n".join(f'          NAME_{n}: !Sub "${{Env}}-{n}"' for n in range(20))
        found.append(f"""  Role{i}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
  Fn{i}:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub "${{Env}}-fn-{i}"
      Handler: index.handler
      Runtime: python3.12
      Timeout: !If [Prod, 30, 10]
      Role: !GetAtt Role{i}.Arn
      Code:
        ZipFile: "def handler(e, c): return {i}"
      Environment:
        Variables:
          PREVIOUS: {before}
{variables}""")
    return "\n".join(found) + "\n"


def github(lines: int) -> str:
    """A GitHub workflow of jobs that need one another."""
    found = ["---", "name: ci", "permissions: {}", "on:", "  push:", "    branches: [main]", "jobs:"]
    for i in range(1, max(1, lines // 15) + 1):
        needs = f"    needs: [job{i - 1}]\n" if i > 1 else ""
        before = f"needs.job{i - 1}.outputs.total" if i > 1 else "github.run_id"
        found.append(f"""  job{i}:
    runs-on: ubuntu-24.04
{needs}    if: github.event_name == 'push'
    outputs:
      total: ${{{{ steps.calc.outputs.total }}}}
    steps:
      - id: calc
        name: Calculate {i}
        env:
          BEFORE: ${{{{ {before} }}}}
        run: echo "total=$((BEFORE + {i}))" >> "$GITHUB_OUTPUT"
      - name: Notify
        if: steps.calc.outputs.total != '{i}'
        run: echo done""")
    return "\n".join(found) + "\n"


def python(lines: int) -> str:
    """A module of functions that call one another."""
    found = [_HEAD]
    for i in range(1, max(1, lines // 10) + 1):
        before = f"step_{i - 1}(order_id, item)" if i > 1 else "str(order_id)"
        found.append(f"""

def step_{i}(order_id: str, item: Item, vip: bool = False) -> str:
    total = item.price * item.amount + {i} * 2
    label = f"Item {{item.name.upper()}} costs {{item.price * 2}}"
    if total > {i} and not vip:
        tags = [order_id, label, *item.tags]
        return ",".join(t for t in tags if t)
    return {before}
""")
    return "".join(found)


_HEAD = '''"""Steps."""

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    amount: int
    price: float
    tags: list[str]
'''
