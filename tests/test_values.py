"""Values that hold arrays can be compared: by default a dataclass would compare arrays by ==, which raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "sparsedff"
ARRAYS = {"NDArray", "ndarray", "Tensor"}


def names_in(annotation: ast.expr) -> Iterator[str]:
    """The names of a type, but for those that say what a function takes and gives."""
    if isinstance(annotation, ast.Subscript) and getattr(annotation.value, "id", "") == "Callable":
        return
    if isinstance(annotation, ast.Name):
        yield annotation.id
    if isinstance(annotation, ast.Attribute):
        yield annotation.attr
    for child in ast.iter_child_nodes(annotation):
        if isinstance(child, ast.expr):
            yield from names_in(child)


def aliases(trees: list[ast.Module]) -> set[str]:
    """Names that files give to types of arrays, as in `Float = NDArray[np.floating]`."""
    assigned = (node for tree in trees for node in tree.body if isinstance(node, ast.Assign))
    return {
        target.id
        for node in assigned
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Subscript) and ARRAYS & set(names_in(node.value))
    }


def compares_arrays(node: ast.ClassDef, arrays: set[str]) -> bool:
    """Whether a class is a dataclass with a field of arrays and the == that dataclasses are given."""
    for decorator in node.decorator_list:
        called = isinstance(decorator, ast.Call)
        if set(names_in(decorator.func if isinstance(decorator, ast.Call) else decorator)) != {"dataclass"}:
            continue
        options = {word.arg: ast.unparse(word.value) for word in decorator.keywords} if called else {}
        own = any(isinstance(part, ast.FunctionDef) and part.name == "__eq__" for part in node.body)
        fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
        holds = any(arrays & set(names_in(field.annotation)) for field in fields)
        return holds and not own and options.get("eq") != "False"
    return False


def faults(trees: dict[str, ast.Module]) -> list[str]:
    arrays = ARRAYS | aliases(list(trees.values()))
    return [
        f"{name}: {node.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and compares_arrays(node, arrays)
    ]


def test_every_value_that_holds_arrays_can_be_compared() -> None:
    trees = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
    assert not faults(trees), "these want @dataclass(..., eq=False):\n" + "\n".join(faults(trees))


def test_a_value_that_would_raise_is_found() -> None:
    source = """
Float = NDArray[np.floating]

@dataclass(frozen=True)
class Bad:
    several: tuple[Float, ...] | None

@dataclass(frozen=True, eq=False)
class Good:
    one: Tensor

@dataclass
class Function:
    of: Callable[[Float], Float]
"""
    assert faults({"here": ast.parse(source)}) == ["here: Bad"]
