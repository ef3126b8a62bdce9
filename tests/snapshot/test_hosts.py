"""Which application of a repository runs another one."""

from __future__ import annotations

from backend_readiness.snapshot.manifests import Application, host_of


def _made(root: str, *local: str) -> Application:
    return Application(root=root, name=root, manifests=(f"{root}/app.csproj",), languages=("csharp",), local=local)


def test_the_only_application_that_is_built_upon_another_runs_it() -> None:
    applications = (_made("src/Web", "src/Endpoints"), _made("src/Endpoints", "src/Domain"), _made("src/Domain"))
    assert host_of(applications, "src/Domain") == "src/Web"
    assert host_of(applications, "src/Web") == "src/Web"


def test_tests_run_nothing_and_several_hosts_are_none() -> None:
    tested = (_made("src/Web"), _made("tests/Web.Tests", "src/Web"))
    assert host_of(tested, "src/Web") == "src/Web"
    several = (_made("src/Web", "src/Core"), _made("src/Worker", "src/Core"), _made("src/Core"))
    assert host_of(several, "src/Core") == "src/Core"


def test_a_sample_does_not_run_what_is_shipped_but_what_lies_beside_it() -> None:
    shipped = (_made("src/Host", "src/Web"), _made("samples/Small", "src/Web"), _made("src/Web"))
    assert host_of(shipped, "src/Web") == "src/Host"
    assert host_of((_made("samples/Small", "src/Web"), _made("src/Web")), "src/Web") == "src/Web"
    beside = (_made("samples/shop/Host", "samples/shop/Web"), _made("samples/shop/Web"))
    assert host_of(beside, "samples/shop/Web") == "samples/shop/Host"


def test_a_circle_of_applications_ends() -> None:
    circle = (_made("a", "b"), _made("b", "a"))
    assert host_of(circle, "a") == "a"
