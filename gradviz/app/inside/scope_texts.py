"""The scalar graph of an element in words: for screen readers, the clipboard, and its cards."""

from __future__ import annotations

from ..i18n import ntr, tr
from ..numerals import number
from .microscope import ElementGraph, ScopeEdge, ScopeNode

SIGNS = {
    "add": "Σ",
    "mul": "×",
    "square": "x²",
    "div": "÷",
    "neg": "−x",
    "pow": "xʸ",
    "sqrt": "√",
    "abs": "|x|",
    "exp": "eˣ",
    "log": "ln",
    "sigmoid": "σ",
    "where": "if",
    "argmax": "arg max",
    "id": "=",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "eq": "=?",
    "ne": "≠",
    "floor": "⌊x⌋",
    "ceil": "⌈x⌉",
    "log2": "log₂",
    "log10": "log₁₀",
}
SPOKEN = 6  # operands that are read out


def sign_of(fn: str) -> str:
    """The sign of an operation: "Σ", "×", "max", "tanh"."""
    return SIGNS.get(fn, fn)


def operation(node: ScopeNode) -> str:
    """What an op node does with its operands: "sum of 26 terms"."""
    n = node.count
    match node.fn:
        case "id":
            return tr("a copy")
        case "add":
            return ntr("sum of {n} term", "sum of {n} terms", n).format(n=n) if n else tr("sum of nothing")
        case "mul":
            return ntr("product of {n} factor", "product of {n} factors", n).format(n=n)
        case "max":
            return ntr("largest of {n} number", "largest of {n} numbers", n).format(n=n)
        case "min":
            return ntr("smallest of {n} number", "smallest of {n} numbers", n).format(n=n)
        case "argmax":
            return ntr("place of the largest of {n}", "place of the largest of {n}", n).format(n=n)
        case "square":
            return tr("square")
        case "div":
            return tr("quotient")
        case "where":
            return tr("choice")
    return sign_of(node.fn)


def title(node: ScopeNode) -> str:
    """The name of an element, the sign of an operation, how many others a folded part stands for."""
    if node.kind == "element" or not node.path:
        return node.title
    if node.kind == "rest":
        return ntr("{n} more term", "{n} more terms", node.count).format(n=node.count)
    return tr("number") if node.kind == "number" else sign_of(node.fn)


def page_text(node: ScopeNode) -> str:
    """ "terms 1 to 12 of 400"; "" where all are shown."""
    if not node.pages or node.closed:
        return ""
    return tr("terms {first} to {last} of {n}").format(
        first=node.first + 1, last=node.first + node.shown, n=node.count
    )


def verdict(graph: ElementGraph) -> str:
    """How the graph's number compares with the engine's."""
    match graph.trouble:
        case "outside":
            return tr("It came from outside: nothing is computed behind it.")
        case "unknown":
            return tr("How this operation makes its elements is not known here.")
        case "too many":
            return tr("It is made from too many terms to draw them.")
    if graph.agrees:
        return tr("= {value}, as the engine computed").format(value=number(graph.engine, 6))
    return tr("The graph gives {value}, but the engine computed {engine}").format(
        value=number(graph.value, 9), engine=number(graph.engine, 9)
    )


def spoken(graph: ElementGraph, at: int = 0) -> str:
    """One sentence: "conv1[0,0,3,4] = 0.12, sum of 26 terms: x[0,0,3,4] = 0.5, …"."""
    node = graph.nodes[at]
    said = tr("{name} = {value}").format(name=title(node), value=number(node.value))
    if node.kind != "op":
        if node.slope is not None:
            said = tr("{element}; factor {slope}").format(element=said, slope=number(node.slope))
        return said
    said = tr("{result}, {operation}").format(result=said, operation=operation(node))
    edges = graph.operands(at)
    if not edges:
        return said
    parts = [_spoken_part(graph, edge) for edge in edges[:SPOKEN]]
    if len(edges) > SPOKEN:
        parts.append("…")
    return tr("{result}: {parts}").format(result=said, parts=tr(", ").join(parts))


def _spoken_part(graph: ElementGraph, edge: ScopeEdge) -> str:
    """An operand; of a product of elements its factors, as "×" alone would say nothing."""
    node = graph.nodes[edge.source]
    factors = [graph.nodes[each.source] for each in graph.operands(edge.source)]
    if node.fn == "mul" and factors and all(factor.kind in ("element", "number") for factor in factors):
        product = " × ".join(_named(factor) for factor in factors)
        text = tr("{name} = {value}").format(name=product, value=number(node.value))
    elif node.kind == "number":
        text = number(node.value)
    else:
        text = tr("{name} = {value}").format(name=title(node), value=number(node.value))
    text = f"{edge.mark} {text}".strip()
    return tr("{part} (chosen)").format(part=text) if edge.chosen else text


def _named(node: ScopeNode) -> str:
    return title(node) if node.kind == "element" else number(node.value)


def as_text(graph: ElementGraph) -> str:
    """The whole picture as indented lines, each with its number."""
    lines = [f"{graph.nodes[0].title} {verdict(graph)}"]
    waiting = [(edge, 1) for edge in reversed(graph.operands(0))]
    lines[0] += f" ({operation(graph.nodes[0])})" if graph.nodes[0].kind == "op" else ""
    while waiting:
        edge, depth = waiting.pop()
        node = graph.nodes[edge.source]
        mark = f"{edge.mark} " if edge.mark else ""
        star = " *" if edge.chosen else ""
        name = f"{title(node)} = " if node.kind != "number" else ""
        lines.append(f"{'  ' * depth}{mark}{name}{number(node.value, 6)}{star}")
        waiting += [(each, depth + 1) for each in reversed(graph.operands(edge.source))]
    return "\n".join(lines)
