"""The interpreter: runs a plan's flow, step by step as needs are met, over a journal and a seam.

run → flow → scope ⇄ undo            one entry of a scope: `frame` schedules, `scope` opens and closes steps →
handlers, attempts → guards → effect     one step, nested as the language says; `blocks`, `race` open inner scopes
program                              the plan made ready: arrays and compiled expressions, shared by runs state,
progress, cut, waits          what all frames of a run share; how far a step is; what can be interrupted
"""

from flowlang.runtime.interpreter.run import Outcome, Run, StepRecord

__all__ = ["Outcome", "Run", "StepRecord"]
