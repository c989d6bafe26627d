"""Policies around one call: each a pure function or a small state machine; the interpreter nests them
(`interpreter.attempts`).
"""
