"""Calling built-in, given and own functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from lark import Tree

from engine.feel.compiler import UNKNOWN, Closure, Code, Compiler, Frame, Frames, cost, levels_of, rule
from engine.feel.functions import ABSENT, BUILTINS, call_first
from engine.feel.kinds import FUNCTION, FeelFunction, kind_of
from engine.feel.limits import MAX_DEPTH
from engine.feel.literals import key, resolve
from engine.feel.scope import Run, Scope
from engine.feel.types import ANY_TYPE, FeelType, read_type
from engine.texts import Text

Names = tuple[str, ...]


class ContextFunction:
    """A given function that needs the caller's variables (for `__now__`) or functions, such as a decision."""

    def within(self, context: Mapping[str, Any], functions: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the function to call in this context."""
        raise NotImplementedError


@rule("call")
def call(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    callee, written = children[0], children[1] if len(children) > 1 else None
    names, arguments = _arguments(compiler, written, frames)
    runs = tuple(argument.run for argument in arguments)
    size = cost(*arguments)
    if callee.data == "name":
        name = str(callee.children[0])
        is_local = any(name in frame.names for frame in frames)
        if name in BUILTINS:
            built_in = _builtin(compiler, name, names, runs)
            if not is_local and name not in compiler.declared:
                return Code(built_in, size)
            own = resolve(compiler, callee.children[0], frames).run if is_local else partial(_variable, name)
            return Code(_shadowed(own, built_in, names, runs), size)
        if not is_local:
            compiler.calls.add(name)
            return Code(_given(name, names, runs), size)
    function = resolve(compiler, callee.children[0], frames) if callee.data == "name" else None
    function = function or compiler.compile(callee, frames)
    return Code(_value_call(function.run, names, runs), size + function.size)


def _arguments(compiler: Compiler, tree: Tree[Any] | None, frames: Frames) -> tuple[Names | None, list[Code]]:
    """Return the parameters' names (None: positional) and the compiled arguments."""
    if tree is None:
        return None, []
    if tree.data == "positional":
        return None, [compiler.compile(child, frames) for child in tree.children]
    named: list[Any] = tree.children
    names = tuple(key(compiler, child.children[0]) for child in named)
    if len(set(names)) < len(names):
        raise compiler.error(Text("an argument is given twice"), tree)
    return names, [compiler.compile(child.children[1], frames) for child in named]


def _builtin(compiler: Compiler, name: str, names: Names | None, runs: tuple[Closure, ...]) -> Closure:
    builtin = BUILTINS[name]
    order: tuple[int | None, ...] = tuple(range(len(runs)))
    signatures = builtin.positional(len(runs))
    if names is not None:
        bound = builtin.named(names)
        signatures, order = ((bound[0],), bound[1]) if bound is not None else ((), ())
    if not signatures:
        forms = ", ".join(f"{name}({', '.join(p.name for p in s.parameters)})" for s in builtin.signatures)
        reason = Text("the arguments of {name} don't fit, so it gives null; it is {forms}", name=name, forms=forms)
        compiler.doubts.append(reason)
        return lambda _: None
    if len(signatures) > 1:
        return lambda scope: call_first(signatures, scope.run, [run(scope) for run in runs])
    chosen = signatures[0]
    if order == tuple(range(len(runs))):
        return lambda scope: chosen.call(scope.run, [run(scope) for run in runs])
    return lambda scope: chosen.call(scope.run, [ABSENT if i is None else runs[i](scope) for i in order])


def _variable(name: str, scope: Scope) -> Any:
    return scope.run.context.get(name)


def _shadowed(read: Closure, built_in: Closure, names: Names | None, runs: tuple[Closure, ...]) -> Closure:
    """Call the built-in function unless a value of its name is a function, which goes first."""

    def run(scope: Scope) -> Any:
        own = read(scope)
        if not isinstance(own, FeelFunction):
            return built_in(scope)
        return apply(own, scope, names, [evaluate(scope) for evaluate in runs])

    return run


def _given(name: str, names: Names | None, runs: tuple[Closure, ...]) -> Closure:
    """Call a function that the caller gave, or a function value among the variables."""

    def run(scope: Scope) -> Any:
        function = scope.run.functions.get(name)
        values = [evaluate(scope) for evaluate in runs]
        scope.run.spend(1)
        if function is None:
            return apply(scope.run.context.get(name), scope, names, values)
        if isinstance(function, ContextFunction):
            function = function.within(scope.run.context, scope.run.functions)
        if names is None:
            return function(*values) if fits(function, len(values), ()) else None
        keywords = {n.replace(" ", "_"): value for n, value in zip(names, values, strict=True)}
        return function(**keywords) if fits(function, 0, tuple(keywords)) else None

    return run


def call_given(function: Any, name: str, run: Run, names: Names, values: list[Any]) -> Any:
    """Call a function value, or else the caller's function of that name, with named arguments: a boxed invocation."""
    if isinstance(function, FeelFunction):
        return apply(function, Scope({}, None, run), names, values)
    given = run.functions.get(name)
    if isinstance(given, ContextFunction):
        given = given.within(run.context, run.functions)
    keywords = {n.replace(" ", "_"): value for n, value in zip(names, values, strict=True)}
    return given(**keywords) if given is not None and fits(given, 0, tuple(keywords)) else None


@lru_cache(maxsize=1024)
def fits(function: Callable[..., Any], count: int, keywords: Names) -> bool:
    """Tell whether a Python function takes these arguments."""
    try:
        inspect.signature(function).bind(*range(count), **dict.fromkeys(keywords))
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature: let it decide
        return True
    return True


def _value_call(function: Closure, names: Names | None, runs: tuple[Closure, ...]) -> Closure:
    return lambda scope: apply(function(scope), scope, names, [run(scope) for run in runs])


def apply(function: Any, scope: Scope, names: Names | None, values: list[Any]) -> Any:
    """Call a function value; null if it is none or the arguments don't fit."""
    if not isinstance(function, FeelFunction):
        return None
    if names is not None:
        return function.invoke_named(scope.run, names, values)
    return function.invoke(scope.run, values)


@rule("function")
def function(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    *declared, body = children
    names = tuple(str(parameter.children[0]) for parameter in declared)
    types = tuple(_type(compiler, p.children[1]) if len(p.children) > 1 else ANY_TYPE for p in declared)
    if len(set(names)) < len(names):
        raise compiler.error(Text("two parameters have the same name"), declared[0])
    code = compiler.compile(body, (*frames, Frame(set(names))))
    levels = 2 + levels_of(body)
    known = code.constant is not UNKNOWN
    signature = FeelType(FUNCTION, parameters=types, result=FeelType(kind_of(code.constant)) if known else None)

    def make(scope: Scope) -> FeelFunction:
        call = partial(_invoke, code, names, types, levels, scope)
        return FeelFunction(names, call, signature)

    return Code(make, 1)


@rule("external")
def external(compiler: Compiler, children: list[Any], _: Frames) -> Code:
    """Compile a function in Java or PMML: legal, but it is never run."""
    *declared, _body = children
    names = tuple(str(parameter.children[0]) for parameter in declared)
    compiler.doubts.append(Text("a function in another language is not run and gives null: write its body in FEEL"))
    function = FeelFunction(names, lambda _run, _values: None)
    return Code(lambda _: function, 1)


def _invoke(
    code: Code, names: Names, types: tuple[FeelType, ...], levels: int, scope: Scope, _run: Run, values: Any
) -> Any:
    conformed = {}
    for name, kind, value in zip(names, types, values, strict=True):
        fits_type, conformed[name] = kind.conform(value)
        if not fits_type:
            return None
    run = scope.run
    run.spend(code.size)
    run.descend(levels)
    try:
        return code.run(Scope(conformed, scope, run))
    finally:
        run.ascend(levels)


def _type(compiler: Compiler, tree: Tree[Any]) -> FeelType:
    if levels_of(tree) > MAX_DEPTH:
        raise compiler.error(Text("the type is nested deeper than {limit} levels", limit=MAX_DEPTH), tree)
    kind = read_type(tree, compiler.types)
    if kind.unknown:
        raise compiler.error(Text("“{name}” is not a type", name=kind.unknown), tree)
    return kind


@rule("instance_of")
def instance_of(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    value = compiler.compile(children[0], frames)
    kind = _type(compiler, children[1])
    return Code(lambda scope: kind.holds(value.run(scope)), cost(value))
