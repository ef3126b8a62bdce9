"""JSX elements: attributes, text, parents and owners."""

from __future__ import annotations

from tests.facts.javascript_show import facts_of, show

from backend_readiness.facts.model import FileFacts


def elements(source: str, path: str = "a.tsx") -> FileFacts:
    facts = facts_of(source, path)
    assert facts.errors == 0
    return facts


def test_an_element_has_its_tag_attributes_and_text() -> None:
    facts = elements(
        "const a = <Dialog.Root id='x' label=\"a &amp; b\" onClick={() => save(1)} {...props} disabled style={{top: 1}}>Save <b/>{'now'}"
        " {n}</Dialog.Root>"
    )
    root = facts.elements[0]
    assert root.tag == "Dialog.Root"
    assert [(a.name, show(a.value, facts)) for a in root.attrs] == [
        ("id", "'x'"),
        ("label", "'a & b'"),
        ("onClick", "fn:"),
        ("...", "props"),
        ("disabled", "-"),
        ("style", "{top: 1}"),
    ]
    assert root.text == "Save now"
    assert show(facts.assigns[0].value, facts) == "<Dialog.Root>"


def test_text_is_what_is_visible_directly_inside() -> None:
    source = "const a = <p>\n  Don&apos;t {busy ? 'wait' : `go`} {/* no */}\n  <i>inner</i>\n  <>there</>\n</p>"
    assert [e.text for e in elements(source).elements] == ["Don't wait go there", "inner"]


def test_parents_are_lexical_through_callbacks_attributes_and_fragments() -> None:
    source = "const a = <ul icon={<Icon/>}>{rows.map(r => <li key={r}><a/></li>)}<><b/></></ul>"
    facts = elements(source)
    assert [(e.tag, e.parent) for e in facts.elements] == [("ul", -1), ("Icon", 0), ("li", 0), ("a", 2), ("b", 0)]
    assert [e.owner for e in facts.elements] == [0, 0, 1, 1, 0]
    assert show(facts.calls[0].callee, facts) == "rows.map"


def test_a_fragment_is_its_first_element() -> None:
    facts = elements("const a = <><A/><B/></>; const b = <>text</>")
    assert [show(a.value, facts) for a in facts.assigns] == ["<A>", "?<>text</>"]
    assert [e.parent for e in facts.elements] == [-1, -1]


def test_the_lines_of_an_element_are_those_of_its_opening_tag_and_of_its_end() -> None:
    source = "const a = (\n  <form\n    onSubmit={send}\n  >\n    <input/>\n  </form>\n)"
    form = elements(source).elements[0]
    assert (form.line, form.end_line, form.close_line) == (2, 4, 6)
    assert source[form.start : form.end] == "<form\n    onSubmit={send}\n  >\n    <input/>\n  </form>"


def test_a_component_owns_its_elements_and_returns_them() -> None:
    facts = elements("export default function Page() { return ok && <Form onSubmit={handleSubmit(onSave)}/> }", "a.jsx")
    assert (facts.elements[0].owner, facts.symbols[1].name) == (1, "Page")
    assert show(facts.returns[0].value, facts) == "(&& ok <Form>)"
    assert facts.calls[0].owner == 1


def test_namespaced_names_and_elements_as_attribute_values_are_kept() -> None:
    facts = elements("const a = <svg:rect xlink:href='#a' b=<i/>/>")
    assert [(e.tag, [x.name for x in e.attrs]) for e in facts.elements] == [("svg:rect", ["xlink:href", "b"]), ("i", [])]


def test_a_method_that_the_old_notation_binds_is_the_method() -> None:
    facts = elements("class A { render() { return <form onSubmit={::this.save}>{::this.rows()}</form> } }", "a.jsx")
    assert [(a.name, show(a.value, facts)) for a in facts.elements[0].attrs] == [("onSubmit", "self.save")]
    assert show(facts.calls[0].callee, facts) == "self.rows"
