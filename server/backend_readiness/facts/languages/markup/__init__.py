"""Markup and templates: HTML, component files, and the template languages of servers. What comes out stands in `documents`."""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".vue": "vue",
    ".svelte": "svelte",
    ".astro": "astro",
    ".ejs": "ejs",
    ".ect": "ejs",
    ".pug": "ejs",
    ".jade": "ejs",
    ".jinja": "jinja",
    ".jinja2": "jinja",
    ".j2": "jinja",
    ".njk": "jinja",
    ".swig": "jinja",
    ".twig": "jinja",
    ".nunjucks": "jinja",
    ".djhtml": "jinja",
    ".tera": "jinja",
    ".edge": "jinja",
    ".hbs": "handlebars",
    ".handlebars": "handlebars",
    ".mustache": "handlebars",
    ".mu": "handlebars",
    ".hjs": "handlebars",
    ".cshtml": "razor",
    ".aspx": "aspx",
    ".ascx": "aspx",
    ".master": "aspx",
    ".scala.html": "twirl",
    ".ftl": "freemarker",
    ".ftlh": "freemarker",
    ".tmpl": "gotemplate",
    ".gohtml": "gotemplate",
    ".gotmpl": "gotemplate",
    ".templ": "templ",
}


def extract(source: bytes, path: str) -> Builder:
    """As `documents.extract`; the dialects are loaded by the first file."""
    if path.endswith((".pug", ".jade")):
        from backend_readiness.facts.languages.markup import pug

        return pug.extract(source, path)
    from backend_readiness.facts.languages.markup import documents

    return documents.extract(source, path)
