"""Types of Rust. References are looked through; `dyn Trait`, `impl Trait` and a bound type parameter are the trait.

A list of `T` is written `[][T]`, a map `map[K, V]`. Of several bounds the first counts that is no marker (`Send`, `Sync`, `Clone` ...).
"""

from __future__ import annotations

from tree_sitter import Node

from backend_readiness.facts.builder import last_name
from backend_readiness.facts.languages.rust.tree import IDENTIFIERS, MAX_DEPTH, MAX_ITEMS, Walk, kinds, unknown, value, without_extras
from backend_readiness.facts.model import Index, Lit, Name, Seq, Unknown, Value

_MARKERS = frozenset(
    ("Send", "Sync", "Sized", "Clone", "Copy", "Debug", "Display", "Default", "Unpin", "Eq", "PartialEq", "Hash", "Ord",
     "PartialOrd", "Into", "From", "AsRef", "Serialize", "Deserialize", "DeserializeOwned", "ToString", "Iterator", "IntoIterator",
     "Any", "Error")
)  # fmt: skip
_MANY = {1: ("Vec", "VecDeque", "HashSet", "BTreeSet", "LinkedList"), 2: ("HashMap", "BTreeMap", "DashMap", "IndexMap")}
_INSIDE = kinds("reference_type", "pointer_type", "parenthesized_expression")
_TRAITS = kinds("dynamic_type", "abstract_type")
_BOUNDED = kinds("bounded_type", "trait_bounds")
_GENERIC = kinds("generic_type", "generic_type_with_turbofish")
_TUPLE = kinds("tuple_type")
_ARRAY = kinds("array_type")
_NOTHING = kinds("unit_type", "never_type")
_SKIPPED = kinds("lifetime", "mutable_specifier", "type_binding", "removed_trait_bound", "line_comment", "block_comment", "use_bounds")
_PARAMETER = kinds("type_parameter")
_PREDICATE = kinds("where_predicate")
_HIGHER = kinds("higher_ranked_trait_bound")


def type_of(w: Walk, node: Node | None) -> Value | None:
    """The lowered type, None where there is none."""
    if node is None:
        return None
    if w.depth >= MAX_DEPTH:
        return unknown(w, node)
    w.depth += 1
    found = _type(w, node)
    w.depth -= 1
    return found


def _type(w: Walk, node: Node) -> Value:
    number = node.kind_id
    if number in IDENTIFIERS:
        written = w.raw(node)
        if written == "Self" and w.self_type is not None:
            return w.self_type
        return w.bounds.get(written) or w.name(written)
    if number in _INSIDE:
        inner = [c for c in node.named_children if c.kind_id not in _SKIPPED]
        return (type_of(w, inner[-1]) if inner else None) or unknown(w, node)
    if number in _TRAITS:
        return type_of(w, node.child_by_field_name("trait")) or unknown(w, node)
    if number in _BOUNDED:
        return first_bound(w, node) or unknown(w, node)
    if number in _HIGHER:
        return type_of(w, node.child_by_field_name("type")) or unknown(w, node)
    if number in _GENERIC:
        base = type_of(w, node.child_by_field_name("type")) or unknown(w, node)
        keys = type_arguments(w, node.child_by_field_name("type_arguments"))
        base = Name({1: "[]", 2: "map"}[len(keys)]) if len(keys) in (1, 2) and last_name(base) in _MANY[len(keys)] else base
        return Index(base, keys[0] if len(keys) == 1 else Seq(tuple(keys))) if keys else base
    if number in _TUPLE:
        return Seq(tuple(t for c in without_extras(node.named_children)[:MAX_ITEMS] if (t := type_of(w, c)) is not None))
    if number in _ARRAY:
        return Index(Name("[]"), type_of(w, node.child_by_field_name("element")) or unknown(w, node))
    if number in _NOTHING:
        return Lit(None)
    if node.type in ("scoped_type_identifier", "scoped_identifier"):
        return value(w, node)
    return unknown(w, node)


def type_arguments(w: Walk, node: Node | None) -> list[Value]:
    found = [type_of(w, c) for c in node.named_children[:MAX_ITEMS] if c.kind_id not in _SKIPPED] if node is not None else []
    return [t for t in found if t is not None]


def first_bound(w: Walk, node: Node) -> Value | None:
    """The first bound that is no marker and no closure."""
    for bound in node.named_children[:MAX_ITEMS]:
        if bound.kind_id in _SKIPPED:
            continue
        lowered = type_of(w, bound)
        base = lowered.base if isinstance(lowered, Index) else lowered
        if lowered is None or isinstance(base, Unknown) or (isinstance(base, Name) and base.id in _MARKERS):
            continue
        return lowered
    return None


def bounds_of(w: Walk, node: Node) -> dict[str, Value]:
    """Type parameter -> the trait that it is bound to, by its own list and the `where` clause of a definition."""
    found: dict[str, Value] = {}
    parameters = node.child_by_field_name("type_parameters")
    listed = [c for c in parameters.named_children if c.kind_id in _PARAMETER] if parameters is not None else []
    for child in node.named_children:
        if child.type == "where_clause":
            listed.extend(c for c in child.named_children if c.kind_id in _PREDICATE)
    for item in listed[:MAX_ITEMS]:
        name = item.child_by_field_name("name") or item.child_by_field_name("left")
        bounds = item.child_by_field_name("bounds")
        bound = first_bound(w, bounds) if bounds is not None else None
        if name is not None and bound is not None:
            found[w.raw(name)] = bound
    return found
