"""Applications are found by their manifests, and manifests are read as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import MakeRepo

from backend_readiness.snapshot import Application, take

MANIFESTS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "package.json": (
        '{"name": "@shop/web", "dependencies": {"react": "^18.2.0"}, "devDependencies": {"vite": "5", "odd": 7}}',
        "@shop/web",
        "javascript",
        {"react": "^18.2.0", "vite": "5", "odd": ""},
    ),
    "pyproject.toml": (
        '[project]\nname = "shop"\ndependencies = ["fastapi[standard]>=0.110,<1", "uvicorn"]\n'
        '[project.optional-dependencies]\ns3 = ["boto3==1.34"]\n'
        '[dependency-groups]\ndev = ["pytest>=8", {include-group = "x"}]\n',
        "shop",
        "python",
        {"fastapi": ">=0.110,<1", "uvicorn": "", "boto3": "==1.34", "pytest": ">=8"},
    ),
    "poetry/pyproject.toml": (
        '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\npython = "^3.11"\ndjango = "^5"\n'
        'celery = {version = "5.3", extras = ["redis"]}\n'
        '[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
        "p",
        "python",
        {"django": "^5", "celery": "5.3", "pytest": "*"},
    ),
    "requirements.txt": (
        "# pinned\nFlask==3.0.1  # web\n-r other.txt\n--hash=x\nredis[hiredis] >= 5 ; python_version > '3'\ngit+https://host/x.git\npkg @ https://host/x.whl\n",
        "",
        "python",
        {"Flask": "==3.0.1", "redis": ">= 5", "pkg": "@ https://host/x.whl"},
    ),
    "Pipfile": (
        '[packages]\nflask = "*"\nredis = {version = ">=5"}\n[dev-packages]\npytest = "*"\n',
        "",
        "python",
        {"flask": "*", "redis": ">=5", "pytest": "*"},
    ),
    "setup.cfg": (
        "[metadata]\nname = old\n[options]\ninstall_requires =\n  flask>=2\n  redis\n",
        "old",
        "python",
        {"flask": ">=2", "redis": ""},
    ),
    "setup.py": ("setup(\n    name='s',\n    install_requires=['flask>=2', \"redis\"],\n)", "s", "python", {"flask": ">=2", "redis": ""}),
    "go.mod": (
        "module host.example/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.9.1\n)\n",
        "host.example/shop",
        "go",
        {"github.com/gin-gonic/gin": "v1.9.1"},
    ),
    "pom.xml": (
        "<project><parent><groupId>g</groupId><artifactId>boot</artifactId><version>3</version></parent><artifactId>shop</artifactId>"
        "<dependencies><dependency><groupId>a.b</groupId><artifactId>web</artifactId><exclusions><exclusion><artifactId>no</artifactId></exclusion>"
        "</exclusions></dependency></dependencies></project>",
        "shop",
        "java",
        {"g:boot": "3", "a.b:web": ""},
    ),
    "build.gradle.kts": (
        'plugins { id("org.springframework.boot") version "3.2.0" }\ndependencies { implementation("io.ktor:ktor-server:2.3") }\n',
        "",
        "java",
        {"org.springframework.boot": "3.2.0", "io.ktor:ktor-server": "2.3"},
    ),
    "Shop.csproj": (
        '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><PackageReference Include="Dapper" Version="2.1" />'
        '<FrameworkReference Include="Microsoft.AspNetCore.App" /></ItemGroup></Project>',
        "",
        "csharp",
        {"Microsoft.NET.Sdk.Web": "", "Microsoft.AspNetCore.App": "", "Dapper": "2.1"},
    ),
    "composer.json": ('{"name": "a/b", "require": {"laravel/framework": "^11"}}', "a/b", "php", {"laravel/framework": "^11"}),
    "Gemfile": ('source "https://host"\ngem "rails", "~> 7.1"\n  gem \'pg\'\n', "", "ruby", {"rails": "~> 7.1", "pg": ""}),
    "Cargo.toml": (
        '[package]\nname = "c"\n[dependencies]\naxum = "0.7"\ntokio = {version = "1", features = ["full"]}\n',
        "c",
        "rust",
        {"axum": "0.7", "tokio": "1"},
    ),
    "mix.exs": (
        'def project, do: [\n  app: :shop,\n  dialyzer: [plt_file: {:no_warn, "priv/shop.plt"}],\n]\n'
        'defp deps, do: [{:phoenix, "~> 1.7"}, {:jason, only: :dev}]',
        "shop",
        "elixir",
        {"phoenix": "~> 1.7", "jason": ""},
    ),
    "build.sbt": ('name := "play"\nlibraryDependencies += "org.x" %% "slick" % "3.5"\n', "play", "scala", {"org.x:slick": "3.5"}),
}


def only(applications: tuple[Application, ...]) -> Application:
    assert len(applications) == 1
    return applications[0]


@pytest.mark.parametrize("path", MANIFESTS)
def test_a_manifest_makes_its_folder_an_application(path: str, make_repo: MakeRepo) -> None:
    content, name, language, declared = MANIFESTS[path]
    snapshot = take(make_repo({f"apps/shop/{path}": content, "apps/other.txt": ""}, git=False))
    application = only(snapshot.applications)
    assert application.root == f"apps/shop/{path}".rpartition("/")[0]
    assert application.name == name or (not name and application.name == application.root.rpartition("/")[2])
    assert application.languages == (language,)
    assert dict(application.dependencies) == declared


def test_manifests_of_one_folder_make_one_application(make_repo: MakeRepo) -> None:
    files = {
        "package.json": "{}",
        "requirements.txt": "a",
        "requirements-dev.txt": "b",
        "requirements/prod.txt": "c",
        "sub/go.mod": "module m",
    }
    first, second = take(make_repo(files, git=False)).applications
    assert (first.root, first.languages) == ("", ("javascript", "python"))
    assert first.manifests == ("package.json", "requirements-dev.txt", "requirements.txt", "requirements/prod.txt")
    assert sorted(first.dependencies) == ["a", "b", "c"]
    assert (second.root, second.name) == ("sub", "m")
    assert first.holds("sub/x.go")
    assert second.holds("sub/x.go")
    assert not second.holds("subway/x.go")


@pytest.mark.parametrize("path", MANIFESTS)
def test_a_broken_manifest_still_marks_an_application(path: str, make_repo: MakeRepo) -> None:
    for content in (
        "",
        "\0\x01 broken {[<\n",
        "[" * 100_000,
        '{"dependencies": [1, 2], "name": {}}',
        "[project]\nname = 3\ndependencies = 4\n",
    ):
        snapshot = take(make_repo({path: content.replace("\0", "")}, git=False))
        assert isinstance(only(snapshot.applications).dependencies.get("x", ""), str)


@settings(max_examples=20, deadline=None)
@given(content=st.text(max_size=200))
def test_any_text_in_a_manifest_is_borne(content: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("any")
    for path in MANIFESTS:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content.encode("utf-8", "replace"))
    assert len(take(root).applications) <= 2


def test_names_of_a_catalogue_of_versions_are_dependencies(make_repo: MakeRepo) -> None:
    text = (
        "plugins { alias(libs.plugins.spring.boot) }\ndependencies {\n  implementation(libs.liquibase.core)\n"
        '  implementation(project(":shop"))\n  runtimeOnly(mn.h2)\n  println(libs.versions.java)\n}\n'
    )
    found = only(take(make_repo({"build.gradle.kts": text}, git=False)).applications).dependencies
    assert sorted(found) == ["h2", "liquibase-core", "spring-boot"]


def test_a_remark_behind_a_requirement_may_hold_an_address(make_repo: MakeRepo) -> None:
    lines = "Pillow  # https://example.org/pillow\nkept @ git+https://example.org/kept.git\nhttps://example.org/x.tar.gz # y\n"
    assert sorted(only(take(make_repo({"requirements/base.txt": lines}, git=False)).applications).dependencies) == ["Pillow", "kept"]


def test_the_number_of_dependencies_is_bounded(make_repo: MakeRepo) -> None:
    many = json.dumps({"dependencies": {f"p{n}": "1" for n in range(6_000)}})
    assert len(only(take(make_repo({"package.json": many}, git=False)).applications).dependencies) == 5_000


def test_a_manifest_that_changed_after_the_snapshot_declares_nothing(make_repo: MakeRepo) -> None:
    root = make_repo({"package.json": '{"dependencies": {"a": "1"}}'}, git=False)
    snapshot = take(root)
    (root / "package.json").write_text("{}")
    assert dict(only(snapshot.applications).dependencies) == {}
