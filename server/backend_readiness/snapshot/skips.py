"""What is not read, and why: by name before a file is opened, by content after.

Names that say it alone (`node_modules`) count anywhere. Names that also are ordinary words (`build`, `vendor`, `target`) count
only where a build tool or a package manager would put them, so that `src/vendor/orders.ts` of a marketplace is read.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Set

from backend_readiness.snapshot.content import is_wide

MAX_FILE_BYTES = 1 << 20
MAX_LOCK_BYTES = 8 << 20
_GENERATED_FROM_BYTES = 200 << 10
_MINIFIED_FROM_BYTES = 8 << 10
_MINIFIED_LINE_BYTES = 500
_MINIFIED_LOOKED_AT = 4_000_000
_INLINE_DATA = re.compile(rb"[A-Za-z0-9+/=_-]{300,}")
_HEAD_BYTES = 8 << 10
# Frameworks of one file or folder that applications in PHP keep beside their own code.
_COPIED_PHP = re.compile(
    rb"^\s*(?:namespace (?:Bramus\\Router|Klein|FastRoute|Slim|flight|Phroute\\Phroute|Pecee\\SimpleRouter|think)\b"
    rb"|(?:final )?class (?:AltoRouter|Flight)\b|final class Base extends Prefab\b)",
    re.MULTILINE,
)

VCS_FOLDERS = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "CVS"})

# fmt: off
_VENDORED = frozenset({
    "node_modules", "bower_components", "jspm_packages", "web_modules", "third_party", "third-party", "site-packages",
    ".venv", ".virtualenv", "__pycache__", "__pypackages__", ".eggs",
})
_BY_OTHERS = frozenset({"third_party", "third-party"})
_BUILT = frozenset({
    ".next", ".nuxt", ".output", ".svelte-kit", ".angular", ".parcel-cache", ".turbo", ".vercel", ".netlify", ".serverless", ".terraform",
    ".gradle", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".nyc_output", ".cache", ".yarn", ".pnpm-store", ".dart_tool",
})
_NODE = frozenset({"package.json"})
_PYTHON = frozenset({"setup.py", "setup.cfg", "pyproject.toml", "requirements.txt", "Pipfile", "manage.py"})
_JVM = frozenset({"pom.xml", "build.gradle", "build.gradle.kts", "build.sbt"})
# An ordinary word counts when one of these stands beside it.
_BESIDE: dict[str, frozenset[str]] = {
    "dist": _NODE | _PYTHON,
    "build": _NODE | _PYTHON | _JVM | {"CMakeLists.txt", "pubspec.yaml"},
    "out": _NODE | _JVM,
    "target": _JVM | {"Cargo.toml"},
    "coverage": _NODE | {"composer.json"},
    "htmlcov": _PYTHON,
    "vendor": frozenset({"go.mod", "composer.json", "Gemfile", "Cargo.toml"}),
    "deps": frozenset({"mix.exs"}),
    "_build": frozenset({"mix.exs"}),
    "Pods": frozenset({"Podfile"}),
    "venv": _PYTHON, "env": _PYTHON, ".env": _PYTHON, "virtualenv": _PYTHON,
    "system": frozenset({"spark"}),  # CodeIgniter 4 without a package manager
    "bin": frozenset({".csproj"}), "obj": frozenset({".csproj"}),
}
# Frameworks in PHP that applications keep whole: a folder of that name counts when all of these stand beside it.
_FRAMEWORKS: dict[str, frozenset[str]] = {
    "thinkphp": frozenset(), "ThinkPHP": frozenset(),
    "system": frozenset({"application", "index.php"}),  # CodeIgniter 3, Kohana
    "framework": frozenset({"protected"}),  # Yii 1
}
# What lies in a folder of static files under these names was written by others.
_STATIC = frozenset({"static", "public", "assets", "wwwroot", "webroot", "resources", "js", "javascripts", "scripts", "webapp"})
_STATIC_ROOTS = frozenset({"static", "public", "wwwroot", "webroot"})
_LIBRARIES = frozenset({"vendor", "vendors", "bower", "external"})
_LIBRARIES_OF_ROOTS = frozenset({"lib", "libs", "plugins"})
_HOLDS_LIBRARIES = _STATIC | _LIBRARIES | {"lib", "libs"}
_LIBRARY_FILE = re.compile(
    r"(?:jquery|bootstrap|angular|react|react-dom|vue|lodash|underscore|moment|d3|popper|modernizr|backbone|ember|knockout|handlebars|require"
    r"|socket\.io|axios|htmx|alpine|three|chart|select2|datatables|swagger-ui|codemirror|tinymce|ckeditor|prototype|mootools|respond|html5shiv"
    r"|font-?awesome|hyperscript|sweetalert2?|toastr|fullcalendar|summernote|signalr|quill|leaflet|dropzone|flatpickr)(?:[-._@]?v?\d+(?:\.\d+)*)?(?:[-.](?:bundle|slim|core|full|esm|umd|prod|production|global|runtime|dev|all|unminified))*\.(?:js|mjs|css)"
)
# A module for every loader, as builds of libraries are published, or a banner with the version of one.
_PUBLISHED = re.compile(
    rb"\A(?:[^\n]*\n){0,40}?[^\n]*(?:typeof define\s*={2,3}\s*['\"]function['\"]\s*&&\s*define\.amd|webpackUniversalModuleDefinition)"
    rb"|\A\s*/\*!(?:[^*]|\*(?!/)){0,400}?\bv?\d+\.\d+(?:\.\d+)?\b"
)
_PUBLISHED_WITHIN = 2_000
_COPY = "vendored: a copy of a published library"
_BARE_NAME = re.compile(r"\w+\.m?js")
_OWN_BYTES = 16 << 10
_OWN_MODULE = re.compile(rb"^\s*(?:import\b|export\b|module\.exports\b|(?:const|let|var)\s[^=\n]{1,80}=\s*require\()", re.MULTILINE)
_COPIED = re.compile(rb"\A\s*/\*!|@license\b|typeof (?:define|exports)\b")
_JQUERY_PLUGIN = re.compile(r"jquery[-.][\w.-]*\.(?:js|css)")

_BINARY = frozenset({
    "png", "jpg", "jpeg", "gif", "bmp", "ico", "icns", "webp", "avif", "tif", "tiff", "psd", "heic", "xcf", "sketch", "fig", "ai",
    "eps", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4",
    "m4a", "m4v", "avi", "mov", "mkv", "webm", "ogg", "oga", "ogv", "wav", "flac", "aac", "mid", "zip", "gz", "tgz", "bz2", "xz", "7z",
    "rar", "tar", "zst", "lz4", "br", "jar", "war", "ear", "aar", "apk", "ipa", "dmg", "iso", "deb", "rpm", "msi", "nupkg", "whl",
    "egg", "gem", "crate", "exe", "dll", "so", "dylib", "a", "o", "obj", "lib", "pdb", "class", "pyc", "pyo", "pyd", "node", "wasm",
    "beam", "dex", "sqlite", "sqlite3", "db", "db3", "mdb", "parquet", "avro", "orc", "feather", "npy", "npz", "pkl", "pickle",
    "joblib", "h5", "hdf5", "onnx", "pt", "pth", "ckpt", "safetensors", "gguf", "bin", "dat", "p12", "pfx", "jks", "keystore", "der",
    "mo", "swf", "fla", "blend", "glb", "stl",
})
_LOCKS = frozenset({
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "poetry.lock", "Pipfile.lock",
    "pdm.lock", "uv.lock", "composer.lock", "Gemfile.lock", "Cargo.lock", "go.sum", "go.work.sum", "mix.lock", "packages.lock.json",
    "gradle.lockfile", ".terraform.lock.hcl", "pixi.lock", "conda-lock.yml",
})
# fmt: on
# Classes of packages that a tool wrote out once more for editors (laravel-ide-helper, PhpStorm): nothing runs them.
_FOR_EDITORS = re.compile(r"_ide_helper(?:_\w+)?\.php|\.phpstorm\.meta\.php")
# What this program has written: a report is no evidence of what it reports on.
_OWN_REPORT = re.compile(
    rb"\A\s*(?:# Backend readiness audit\b|\{\s*\"schema\":\s*\"backend-readiness/)|\"driver\":\s*\{\s*\"name\":\s*\"backend-readiness\""
    rb"|<title>Backend readiness\b"
)
# What tools of Windows write in UTF-16 and their readers take so; a program in another language would not even start.
# fmt: off
_READ_WIDE = frozenset({
    "txt", "cs", "vb", "cshtml", "vbhtml", "razor", "aspx", "ascx", "asax", "ashx", "asmx", "master", "svc", "csproj", "vbproj", "sln",
    "props", "targets", "config", "xml", "json", "sql", "html", "htm", "ts",
})
# fmt: on
_REPORTS = frozenset({"md", "json", "jsonl", "sarif", "html"})
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|mjs|cjs|css|html)\Z")
_MINIFIABLE = frozenset({"js", "mjs", "cjs", "css", "html", "htm", "svg"})
_GENERATED = re.compile(rb"@generated\b|\bDO NOT EDIT\b|\bdo not edit\b|auto-?generated|AUTO-?GENERATED|Auto-?generated|Code generated by")

# Generated code that puts up routes or sends requests: `router.GET(base + "/orders", ...)`, `this.request<Order>({path: ...})`.
_CARRIES_LINKS = re.compile(rb"\.(?:GET|POST|HandleFunc|Post)\([\w.]*(?: ?\+ ?)?\"/|\bthis\.request<|\bfetch\(")


def suffix_of(name: str) -> str:
    """The last suffix of a file's name, lower case and without its dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_lock(name: str) -> bool:
    return name in _LOCKS


def max_bytes(name: str) -> int:
    return MAX_LOCK_BYTES if is_lock(name) else MAX_FILE_BYTES


def folder_reason(name: str, parents: tuple[str, ...], siblings: Set[str]) -> str | None:
    """Why a folder is not entered. `parents` are the names above it, `siblings` the names beside it."""
    if name in VCS_FOLDERS:
        return "version control data"
    if name in _VENDORED and not (name in _BY_OTHERS and _is_own_part(parents)):
        return "vendored: installed or copied third-party code"
    if name in _BUILT:
        return "build output or cache of a tool"
    beside = _BESIDE.get(name)
    if beside and (beside & siblings or (".csproj" in beside and any(s.endswith((".csproj", ".fsproj")) for s in siblings))):
        return "vendored or built: a package manager or build tool writes this folder"
    above = parents[-1] if parents else ""
    if (name in _FRAMEWORKS and _FRAMEWORKS[name] <= siblings) or (name == "Cake" and above == "lib"):
        return "vendored: a copy of a published framework"
    if (name in _LIBRARIES and above in _STATIC) or (name in _LIBRARIES_OF_ROOTS and above in _STATIC_ROOTS):
        return "vendored: third-party files among static files"
    if name.endswith((".egg-info", ".dist-info", ".xcassets")):
        return "vendored: packaging metadata"
    return None


def _is_own_part(parents: tuple[str, ...]) -> bool:
    """Does a folder stand inside of the program's own modules (`lib/shop/third_party`: how it speaks to services of others)?"""
    return len(parents) > 1 and parents[0] == "lib" and _HOLDS_LIBRARIES.isdisjoint(parents[1:])


def name_reason(name: str, parents: tuple[str, ...]) -> str | None:
    """Why a file is not opened, by its name alone."""
    suffix = suffix_of(name)
    if suffix in _BINARY and not name.lower().startswith("dockerfile."):  # `Dockerfile.db` names what the image is for
        return f"binary (.{suffix})"
    if _MINIFIED_NAME.search(name):
        return "minified"
    if suffix == "map" and name.endswith((".js.map", ".css.map", ".mjs.map", ".cjs.map", ".ts.map")):
        return "generated: a source map"
    if _FOR_EDITORS.fullmatch(name):
        return "vendored: classes of packages, written out for editors"
    if _is_called_like_a_library(name, parents) and not _BARE_NAME.fullmatch(name):
        return _COPY
    return None


def _is_called_like_a_library(name: str, parents: tuple[str, ...]) -> bool:
    if suffix_of(name) not in ("js", "mjs", "css") or _HOLDS_LIBRARIES.isdisjoint(p.lower() for p in parents):
        return False
    return bool(_LIBRARY_FILE.fullmatch(name.lower()) or _JQUERY_PLUGIN.fullmatch(name.lower()))


def _has_long_lines(data: bytes) -> bool:
    """Are lines long on average? Data that a source holds in one literal (an image in base64) does not count."""
    most = _MINIFIED_LINE_BYTES * (data.count(b"\n") + 1)
    return len(data) > most and len(_INLINE_DATA.sub(b"", data[:_MINIFIED_LOOKED_AT])) > most


def content_reason(name: str, data: bytes, parents: tuple[str, ...] = ()) -> str | None:
    """Why a file's content is not worth reading. Generated clients and servers are: they carry links, and so does a module that sets
    up a library under the name of it (`lib/axios.js`). `parents` are its folders."""
    if _is_called_like_a_library(name, parents) and not (len(data) < _OWN_BYTES and _OWN_MODULE.search(data) and not _COPIED.search(data)):
        return _COPY
    if b"\0" in data[:_HEAD_BYTES] and not (suffix_of(name) in _READ_WIDE and is_wide(data)):
        return "binary (NUL bytes)"
    if suffix_of(name) == "php" and _COPIED_PHP.search(data[:_HEAD_BYTES]):
        return "vendored: a copy of a published framework"
    static = suffix_of(name) in ("js", "mjs") and not _STATIC.isdisjoint(p.lower() for p in parents)
    if static and _PUBLISHED.search(data[:_PUBLISHED_WITHIN].removeprefix(BOM_UTF8)):
        return "vendored: a copy of a published library"
    if suffix_of(name) in _REPORTS and _OWN_REPORT.search(data[:_HEAD_BYTES]):
        return "a report of this program"
    size = len(data)
    if size >= _MINIFIED_FROM_BYTES and suffix_of(name) in _MINIFIABLE and _has_long_lines(data):
        return "minified: lines of more than 500 bytes on average"
    generated = size > _GENERATED_FROM_BYTES and not is_lock(name) and _GENERATED.search(b"\n".join(data[:2_000].split(b"\n", 5)[:5]))
    if generated and not _CARRIES_LINKS.search(data):
        return "generated: larger than 200 KiB with a marker in its first lines"
    return None
