"""Strokes for drawn data: data objects, inputs and outputs, and the arrows between them."""

from __future__ import annotations


def objects(names: str) -> str:
    """Data objects by name, with ids of their own: `objects("order")` gives `d_order` and a reference `r_order`."""
    reference = '<bpmn:dataObjectReference id="r_{0}" dataObjectRef="d_{0}" name="{0}"/>'
    return "".join(f'<bpmn:dataObject id="d_{name}"/>' + reference.format(name) for name in names.split())


def specification(inputs: str = "", outputs: str = "", *, optional: str = "") -> str:
    """An ioSpecification: inputs `i_x` called x, outputs `o_x` called x, each in the one set."""
    names_in, names_out = inputs.split(), outputs.split()
    declared = "".join(f'<bpmn:dataInput id="i_{n}" name="{n}"/>' for n in names_in)
    declared += "".join(f'<bpmn:dataOutput id="o_{n}" name="{n}"/>' for n in names_out)
    refs = "".join(f"<bpmn:dataInputRefs>i_{n}</bpmn:dataInputRefs>" for n in names_in)
    refs += "".join(f"<bpmn:optionalInputRefs>i_{n}</bpmn:optionalInputRefs>" for n in optional.split())
    made = "".join(f"<bpmn:dataOutputRefs>o_{n}</bpmn:dataOutputRefs>" for n in names_out)
    sets = f"<bpmn:inputSet>{refs}</bpmn:inputSet><bpmn:outputSet>{made}</bpmn:outputSet>"
    return f"<bpmn:ioSpecification>{declared}{sets}</bpmn:ioSpecification>"


def into(source: str, target: str, transformation: str = "") -> str:
    """An arrow from a data object to an input."""
    return _association("Input", f"r_{source}", f"i_{target}", transformation)


def out(source: str, target: str, transformation: str = "") -> str:
    """An arrow from an output to a data object."""
    return _association("Output", f"o_{source}", f"r_{target}", transformation)


def assign(direction: str, *pairs: tuple[str, str]) -> str:
    """An arrow with assignments: `assign("Input", ("order.id", "i_x"))`."""
    parts = "".join(
        f"<bpmn:assignment><bpmn:from>{a}</bpmn:from><bpmn:to>{b}</bpmn:to></bpmn:assignment>" for a, b in pairs
    )
    return f"<bpmn:data{direction}Association>{parts}</bpmn:data{direction}Association>"


def _association(direction: str, source: str, target: str, transformation: str) -> str:
    inner = f"<bpmn:sourceRef>{source}</bpmn:sourceRef><bpmn:targetRef>{target}</bpmn:targetRef>"
    inner += f"<bpmn:transformation>{transformation}</bpmn:transformation>" if transformation else ""
    return f"<bpmn:data{direction}Association>{inner}</bpmn:data{direction}Association>"


def bars(inner: str, attributes: str = "") -> str:
    """The three bars of a multi-instance."""
    kind = "multiInstanceLoopCharacteristics"
    return f"<bpmn:{kind}{attributes}>{inner}</bpmn:{kind}>"


def arrow(direction: str, source: str, target: str) -> str:
    """An association between ids."""
    return _association(direction, source, target, "")
