"""Files that the flow opens, sends or deletes are not named by raw input."""

import re

from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement
from backend_readiness.controls.protection.sinks import Sink, judge, positional, sinks
from backend_readiness.facts.model import Record, Value

_NAMES = frozenset(
    """open readFile readFileSync writeFile writeFileSync createReadStream createWriteStream appendFile unlink unlinkSync rm rmSync sendFile download sendfile
    send_file FileResponse remove rmtree copyfile move read_text write_text read_bytes write_bytes Path""".split()  # noqa: E501, SIM905
)
_PATH = re.compile(
    r"^(node:)?fs(/promises|\.promises)?\.|^fs-extra\.|^~open$|^(io|codecs|aiofiles)\.open$|^os\.(remove|unlink|open)$|^shutil\.|\.send_file$|FileResponse$|<1>\.(sendFile|download|sendfile)$|^\?res(ponse)?\.(sendFile|download|sendfile)$|^pathlib\.Path\(\)"
)
_CLEANERS = re.compile(r"^(basename|Base|GetFileName|getFileName|file_name|sanitized?\w*|secure_filename|safe_join|is_relative_to)$")


def verify(context: Context) -> Judgement:
    return judge(
        context,
        list(sinks(context, _NAMES, _PATH)),
        _dangerous,
        cleaners=_CLEANERS,
        fails="A file is named by {}.",
        passes="The files that the flow uses have names of the program's own.",
        none="The flow opens, sends and deletes no files.",
        noun="files",
    )


def _dangerous(sink: Sink) -> list[Value]:
    options = [a.value for a in sink.call.args[1:] if isinstance(a.value, Record)]
    if any(key == "root" for o in options for key, _ in o.items):
        return []
    return positional(sink, 0, "file", "path", "path_or_file")
