"""Boxed expressions for tests, written short."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from tests.engine.dmn.tables import model


def lit(text: str, kind: str = "") -> str:
    """Write a literal expression."""
    return f"<literalExpression{_type(kind)}><text>{escape(text)}</text></literalExpression>"


def entry(name: str | None, box: str, kind: str = "") -> str:
    """Write a context's entry; without a name it is the result."""
    variable = "" if name is None else f'<variable name="{name}"{_type(kind)}/>'
    return f"<contextEntry>{variable}{box}</contextEntry>"


def context(*entries: str) -> str:
    """Write a boxed context."""
    return f"<context>{''.join(entries)}</context>"


def function(body: str, *parameters: str) -> str:
    """Write a function definition; a parameter is `name` or `name:type`."""
    return f"<functionDefinition>{formal(*parameters)}{body}</functionDefinition>"


def formal(*parameters: str) -> str:
    """Write formal parameters."""
    parts = [(*p.split(":"), "")[:2] for p in parameters]
    return "".join(f'<formalParameter name="{name}"{_type(kind)}/>' for name, kind in parts)


def call(name: str, **bindings: str) -> str:
    """Write an invocation; `_` in a parameter's name stands for a blank."""
    bound = "".join(
        f'<binding><parameter name="{parameter.replace("_", " ")}"/>{box}</binding>'
        for parameter, box in bindings.items()
    )
    return f"<invocation>{lit(name)}{bound}</invocation>"


def knowledge(name: str, body: str, *parameters: str, kind: str = "") -> str:
    """Write a business knowledge model."""
    logic = f"<encapsulatedLogic>{formal(*parameters)}{body}</encapsulatedLogic>"
    variable = f'<variable name="{name}"{_type(kind)}/>'
    id_ = name.replace(" ", "_")
    return f'<businessKnowledgeModel id="{id_}" name="{name}">{variable}{logic}</businessKnowledgeModel>'


def decision(box: str, *, id_: str = "d", kind: str = "", head: str = "", name: str = "") -> str:
    """Write a decision around a box."""
    name = name or id_
    return f'<decision id="{id_}" name="{name}"><variable name="{name}"{_type(kind)}/>{head}{box}</decision>'


def data(name: str, kind: str = "") -> str:
    """Write input data."""
    id_ = f"in_{name.replace(' ', '_')}"
    return f'<inputData id="{id_}" name="{name}"><variable name="{name}"{_type(kind)}/></inputData>'


def requires(*ids: str) -> str:
    """Write information requirements of decisions."""
    return "".join(f'<informationRequirement><requiredDecision href="#{i}"/></informationRequirement>' for i in ids)


def item(name: str, kind: str = "", *, inner: str = "", many: bool = False) -> str:
    """Write an item definition."""
    reference = f"<typeRef>{kind}</typeRef>" if kind else ""
    collection = ' isCollection="true"' if many else ""
    return f'<itemDefinition name="{name}"{collection}>{reference}{inner}</itemDefinition>'


def component(name: str, kind: str, inner: str = "") -> str:
    """Write an item definition's component."""
    return f'<itemComponent name="{name}"><typeRef>{kind}</typeRef>{inner}</itemComponent>'


def allowed(text: str, tag: str = "allowedValues") -> str:
    """Write allowed values or a type constraint."""
    return f"<{tag}><text>{escape(text)}</text></{tag}>"


def answer(box: str, /, *others: str, **variables: Any) -> Any:
    """Decide by a box."""
    return model(*others, decision(box)).evaluate("d", variables).value


def _type(kind: str) -> str:
    return f' typeRef="{kind}"' if kind else ""


def importing(name: str, namespace: str) -> str:
    """Write an import."""
    return f'<import name="{name}" namespace="{namespace}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'


def needs(kind: str, *references: str) -> str:
    """Write requirements: `requiredInput`, `requiredDecision` or `requiredKnowledge`."""
    tag = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return "".join(f'<{tag}><{kind} href="{reference}"/></{tag}>' for reference in references)
