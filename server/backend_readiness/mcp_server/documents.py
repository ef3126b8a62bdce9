"""The reference documents as resources, and the prompts."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer, UserMessage
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp.types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference
from pydantic import Field

from backend_readiness import prompts, resources
from backend_readiness.model import Layer
from backend_readiness.rules.control_cards import load_controls

_SECTION = "## "
_MAX_COMPLETED = 100


def add_resources(server: MCPServer[Any]) -> None:
    @server.resource("readiness://workflow", title="How to audit a flow", mime_type="text/markdown")
    def workflow() -> str:
        """The five steps, with the tools, with the command line and by hand."""
        return resources.read("SKILL.md")

    @server.resource("readiness://report-template", title="Report template", mime_type="text/markdown")
    def report_template() -> str:
        """The report as a jinja2 template."""
        return resources.read("references/report-template.md")

    @server.resource("readiness://scoring", title="Scoring guidance", mime_type="text/markdown")
    def scoring() -> str:
        """How verdicts become a score and a verdict on the flow."""
        return resources.read("references/scoring-guidance.md")

    @server.resource("readiness://report-schema", title="JSON Schema of the report", mime_type="application/schema+json")
    def report_schema() -> str:
        """What a JSON report holds."""
        return resources.read("references/report.schema.json")

    @server.resource("readiness://checklists/{layer}", title="Checklist of a layer", mime_type="text/markdown")
    def checklist(layer: str) -> str:
        """The controls of a layer with their questions: infrastructure, security, performance, reliability, observability or data."""
        known = {one.value: one for one in Layer}
        if layer not in known:
            raise ResourceNotFoundError(f"no layer {layer[:60]!r}: take one of {', '.join(known)}")
        return section(resources.read("references/layer-checklists.md"), known[layer].title)

    @server.resource("readiness://controls/{id}", title="A control", mime_type="text/markdown")
    def control(id: str) -> str:
        """One control: what must hold, why, when it applies, the question to settle, the cases on which readers differ, the fix."""
        if id not in load_controls():
            raise ResourceNotFoundError(f"no control {id[:60]!r}: readiness://checklists/{{layer}} lists them")
        return control_text(id)


def add_completion(server: MCPServer[Any]) -> None:
    """What can stand for `{layer}` and `{id}` in the addresses of resources."""

    async def complete(
        ref: PromptReference | ResourceTemplateReference, argument: CompletionArgument, context: CompletionContext | None
    ) -> Completion | None:
        known = {"layer": [layer.value for layer in Layer], "id": list(load_controls())}.get(argument.name, [])
        if not isinstance(ref, ResourceTemplateReference):
            return None
        found = [value for value in known if value.startswith(argument.value)] or [v for v in known if argument.value in v]
        return Completion(values=found[:_MAX_COMPLETED], total=len(found), has_more=len(found) > _MAX_COMPLETED)

    server.completion()(complete)  # type: ignore[no-untyped-call]  # the SDK gives it no types


def section(document: str, title: str) -> str:
    """The section of a Markdown document under the second-level heading `title`, with it; "" when there is none."""
    lines = document.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip() == _SECTION + title), None)
    if start is None:
        return ""
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith(_SECTION)), len(lines))
    return "\n".join(lines[start:end]).rstrip() + "\n"


def control_text(control: str) -> str:
    card = load_controls()[control]
    parts = [
        f"# {card.title}",
        f"`{card.id}`, layer {card.layer.title}, severity {card.severity.value}",
        card.why,
        f"Applies: {card.applies}",
    ]
    parts.append(f"Question: {card.ask}")
    parts += [f"- {note}" for note in card.notes]
    parts += [f"Weighs more when: {case}" for case in card.raises]
    parts.append("Fix:\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(card.fix, start=1)))
    return "\n\n".join(parts) + "\n"


# ---------------------------------------------------------------- prompts


def add_prompts(server: MCPServer[Any]) -> None:
    @server.prompt(title="Audit a flow")
    def audit_flow(
        flow: Annotated[str, Field(description='A flow of list_flows, or words: "user signs in"')],
        path: Annotated[str, Field(description="Folder of the repository")] = ".",
        success_criteria: Annotated[str, Field(description="What must persist or complete")] = "",
    ) -> list[UserMessage]:
        """Audit whether one flow is ready for production, with evidence for every claim."""
        return [UserMessage(prompts.render(prompts.AuditFlow(flow=flow, path=path, success_criteria=success_criteria)))]

    @server.prompt(title="Review a change")
    def review_change(
        base: Annotated[str, Field(description="Git revision that the change starts from")],
        head: Annotated[str, Field(description="Git revision of the change; none: the working tree")] = "",
        path: Annotated[str, Field(description="Folder of the repository")] = ".",
    ) -> list[UserMessage]:
        """Review what a change does to the readiness of the flows that it touches."""
        return [UserMessage(prompts.render(prompts.ReviewChange(base=base, head=head, path=path)))]
