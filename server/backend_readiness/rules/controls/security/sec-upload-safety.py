"""Files that the flow accepts are bounded in size and kind."""

import re

from backend_readiness.controls.callees import chain_text, role_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.defaults import default_of
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, partial, passed, unverified
from backend_readiness.controls.mentions import mentioned, words_of
from backend_readiness.controls.protection.inputs import inputs_of
from backend_readiness.controls.protection.model_checks import bodies_taken, in_models
from backend_readiness.controls.protection.uploaded_files import file_of_field, file_of_form, kind_checked, kind_checked_anywhere
from backend_readiness.model import Evidence
from backend_readiness.rules.security_words import Noun
from backend_readiness.rules.signs import sign, signs_by
from backend_readiness.snapshot.matching import compile_patterns

_UPLOAD = re.compile(
    r"\bUploadFile\b|\breq(uest)?\.files?\b|request\.FILES|UploadedFile|\bbusboy\b|formidable|\.saveAs\(|uploadStream|FileInterceptor"
)
_OF_FILE = re.compile(sign("sec-upload-safety", "of_file"))
_OF_CREDENTIALS = re.compile(sign("sec-upload-safety", "of_credentials"))
_LIFTED, _SETTINGS = (r"(?i)max-?(?:file|request)-?size\s*[=:]\s*-1",), ("**/application*.properties", "**/application*.y*ml")
_BOUND = re.compile(r"(?i)limits?\b|max_?size|file_?size|size\s*>|MAX_CONTENT_LENGTH|content_type|mimetype|fileFilter")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    if (told := mentioned(context, "uploads")) is not None and words_of(context, "uploads"):
        return _in_words(context, told)
    if (field := file_of_field(context)) is not None:
        if words_of(context, "uploads"):
            return _in_words(context, field)
        why = "A field for files is stored; whether the flow takes it, and what bounds size and kind, was not settled."
        return unverified(why, field)
    guards = [g for g in context.guards if "upload_guard" in context.roles.of_value(g.value)]
    lines = [(f, n) for f, n, t in chain_text(context) if _UPLOAD.search(t)]
    form = file_of_form(context)
    lines = lines or ([(form.file, form.line)] if form is not None and form.file and form.line else [])
    if not guards and not lines:
        text = _as_text(context)
        if text is not None:
            return unverified("What a file holds is sent as a text; whether its size and kind are bounded was not settled.", text)
        return not_applicable("The flow accepts no files.", context.at_route())
    at = context.at_place(guards[0].place) if guards else context.at(*lines[0])
    makers = role_calls(context, "upload_parser")
    bounded = any(m.thunk(0, "limits") is not None or m.thunk(0, "fileFilter") is not None for m in makers)
    if guards and makers and not bounded and not any(_BOUND.search(t) for _, _, t in chain_text(context)):
        return failed("Files of any size and kind are accepted.", makers[0].evidence(), at)
    if (
        lines
        and not guards
        and not context.hits(
            (r"(?i)max_?(file|upload)?_?size|MAX_CONTENT_LENGTH|file_?size|size\s*>|len\(\w*(content|data|body)\w*\)|mime|content_type",)
        )
    ):
        return failed("Files of any size and kind are accepted.", at)
    return unverified("Files are accepted; whether size, kind and place of storage are bounded was not settled.", at)


def _as_text(context: Context) -> Evidence | None:
    """Where the flow decodes a text that was sent to what a file holds, and speaks of a file or keeps one."""
    patterns = [re.compile(p) for p in signs_by("sec-upload-safety", "decodes_text").get(context.language, ())]
    keeps = any(e.kind in ("file", "storage") and e.operation == "write" for e, _ in context.effects)
    lines = list(chain_text(context)) if patterns else []
    for file, number, text in lines:
        if not any(p.search(text[:500]) for p in patterns) or text.lstrip().startswith(("#", "//", "*")):
            continue
        if (keeps or _OF_FILE.search(text[:500]) is not None) and _OF_CREDENTIALS.search(text[:500]) is None:
            return context.at(file, number)
    return None


def _in_words(context: Context, at: Evidence) -> Judgement:
    """Rules on the kind and size of files, where the flow, the class of its body or its model writes them."""
    kind, size = kind_checked(context) or _of_model(context, "upload_kinds"), mentioned(context, "upload_sizes")
    size = size or _of_model(context, "upload_sizes")
    limit = default_of(context, "body_limit")
    bounded = size is not None or (limit is not None and limit.holds) or _bounded_everywhere(context)
    if kind is not None and bounded:
        decoded = _decoded(context, kind)
        if decoded is not None:
            return partial("Images are decoded, and nothing asks first how many pixels they hold.", decoded, kind)
        return passed("The kind of files is checked, and their size is bounded.", kind, *([size] if size is not None else []))
    sizes = words_of(context, "upload_sizes") or ()
    if kind is None and kind_checked_anywhere(context):
        return unverified("Files are accepted; whether a check of their kind elsewhere holds for them was not settled.", at)
    if bounded or context.is_found(sizes):
        return partial(
            "Files of any kind are accepted; only their size is bounded." if kind is None else "The size of files is not bounded.", at
        )
    return failed("Files of any size and kind are accepted." if kind is None else "Files of any size are accepted.", at)


def _decoded(context: Context, kind: Evidence) -> Evidence | None:
    """Where the flow, or the model that the files are kept by, decodes images by a library that sets no bound of its own.

    None where something speaks of pixels or dimensions.
    """
    decodes = signs_by("sec-upload-safety", "decodes").get(context.language, ())
    bounds = signs_by("sec-upload-safety", "pixels").get(context.language, ())
    if not decodes or context.is_found(bounds):
        return None
    own = [(kind.file, n, t) for n, t in enumerate(context.snapshot.lines(kind.file), 1)] if kind.file is not None else []
    for file, number, text in (*chain_text(context), *own):
        if not text.lstrip().startswith(("#", "//", "*")) and any(re.search(p, text[:500]) for p in decodes):
            return context.at(file, number)
    return None


def _bounded_everywhere(context: Context) -> bool:
    """Does the library that takes the files bound them by itself, and no setting lifts that?"""
    return context.is_found(words_of(context, "upload_sizes_everywhere") or ()) and not context.hits(_LIFTED, _SETTINGS)


def _of_model(context: Context, noun: Noun) -> Evidence | None:
    found = in_models(context, noun)
    if found is not None:
        return found
    pattern = compile_patterns(words_of(context, noun) or ())
    for cls in bodies_taken(context, inputs_of(context).handlers) if pattern is not None else ():
        symbol = context.view(cls.file).symbol(cls.index)
        for number in range(symbol.line, min(symbol.end_line, symbol.line + 150) + 1):
            if pattern is not None and pattern.search(context.snapshot.lines(cls.file)[number - 1].encode("utf-8", "replace")) is not None:
                return context.at(cls.file, number)
    return None
