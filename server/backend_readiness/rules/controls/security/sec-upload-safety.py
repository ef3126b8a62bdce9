"""Files that the flow accepts are bounded in size and kind."""

import re

from backend_readiness.controls.callees import chain_text, library_calls
from backend_readiness.controls.context import Context
from backend_readiness.controls.judgement import Judgement, failed, not_applicable, unverified
from backend_readiness.graph.values import Ext, options

_UPLOAD = re.compile(
    r"\bUploadFile\b|\breq(uest)?\.files?\b|request\.FILES|UploadedFile|\bbusboy\b|formidable|\.saveAs\(|uploadStream|FileInterceptor"
)
_MULTER = re.compile(r"^(multer|express-fileupload|@fastify/multipart|koa-multer|@koa/multer)(\.default)?(\(\)|$)")
_BOUND = re.compile(r"(?i)limits?\b|max_?size|file_?size|size\s*>|MAX_CONTENT_LENGTH|content_type|mimetype|fileFilter")


def verify(context: Context) -> Judgement:
    if not context.is_resolved:
        return unverified("The handler of the flow was not resolved.")
    guards = [g for g in context.guards if any(isinstance(v, Ext) and _MULTER.match(v.path) for v in options(g.value))]
    lines = [(f, n) for f, n, t in chain_text(context) if _UPLOAD.search(t)]
    if not guards and not lines:
        return not_applicable("The flow accepts no files.", context.at_route())
    at = context.at_place(guards[0].place) if guards else context.at(*lines[0])
    makers = library_calls(context, re.compile(r"^(multer|express-fileupload)(\.default)?$"), modules=("multer", "express-fileupload"))
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
