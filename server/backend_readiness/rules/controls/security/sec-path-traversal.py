"""Files that the flow opens, sends or deletes are not named by raw input."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, unverified
from backend_readiness.controls.mentions import mentioned
from backend_readiness.controls.protection.inputs import Taint
from backend_readiness.controls.protection.sinks import Sink, judge, positional, sinks
from backend_readiness.controls.protection.strict_inputs import strict_inputs_of
from backend_readiness.facts.model import Lit, Member, Record, Value
from backend_readiness.model import Verdict

_NAMES = frozenset(
    """open readFile readFileSync writeFile writeFileSync createReadStream createWriteStream appendFile unlink unlinkSync rm rmSync sendFile download sendfile
    send_file FileResponse remove rmtree copyfile move read_text write_text read_bytes write_bytes Path
    rename replace listdir scandir makedirs mkdir rmdir walk rmSync renameSync copyFile render""".split()  # noqa: E501, SIM905
)
_PATH = re.compile(
    r"^(node:)?fs(/promises|\.promises)?\.|^fs-extra\.|^~open$|^(io|codecs|aiofiles)\.open$|^os\.(remove|unlink|open|rename|replace|listdir|scandir|makedirs|mkdir|rmdir|walk)$|^shutil\.|\.send_file$|FileResponse$|<1>\.(sendFile|download|sendfile|render)$|^\?res(ponse)?\.(sendFile|download|sendfile|render)$|^pathlib\.Path\(\)"
)
_VIEW = re.compile(r"\.render$")  # a template by its name
_ON_PATH = re.compile(r"^pathlib\.(Pure)?Path(\(\))?/?\.\w+$")  # `path.open("wb")`: what it is called on names the file
_CLEANERS = re.compile(
    r"^(basename|Base|GetFileName|getFileName|file_name|sanitize|sanitize_filename|secure_filename|safe_join|is_relative_to)$"
    r"|^pathinfo\(PATHINFO_(BASENAME|EXTENSION|FILENAME)\)$"
)


def verify(context: Context) -> Judgement:
    found = [s for s in sinks(context, _NAMES, _PATH) if not (_VIEW.search(s.path) and all(isinstance(v, Lit) for v in positional(s, 0)))]
    judged = judge(
        context,
        found,
        _dangerous,
        cleaners=_CLEANERS,
        fails="A file is named by {}.",
        passes="The files that the flow uses have names of the program's own.",
        none="The flow opens, sends and deletes no files.",
        noun="files",
    )
    if judged.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) and (kept := _kept_in_files(context)) is not None:
        return kept
    beside = mentioned(context, "files_beside") if judged.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) else None
    if beside is not None:
        return unverified("A library opens a file or unpacks an archive here; whether input names it was not resolved.", beside)
    return judged


def _dangerous(sink: Sink) -> list[Value]:
    if _ON_PATH.match(sink.path) is not None and isinstance(sink.call.callee, Member):
        return [sink.call.callee.base]
    options = [a.value for a in sink.call.args[1:] if isinstance(a.value, Record)]
    if any(key == "root" for o in options for key, _ in o.items):
        return []
    return positional(sink, 0, "file", "path", "path_or_file")


def _kept_in_files(context: Context) -> Judgement | None:
    """A store that keeps each record in a file of its name, which the library does not look at."""
    inputs = strict_inputs_of(context)
    calls = context.chain_role("names_files")
    for call in calls:
        for arg in call.call.args[:2]:
            reach = inputs.of(arg.value, call.file, call.call.owner, _CLEANERS)
            if reach.taint is Taint.INPUT:
                return failed(f"A store keeps records in files, and `{reach.name or 'request input'}` names one.", context.at_call(call))
    if not calls or all(isinstance(a.value, Lit) for c in calls for a in c.call.args[:2]):
        return None
    return unverified("A store keeps records in files; what names them was not resolved.", context.at_call(calls[0]))
