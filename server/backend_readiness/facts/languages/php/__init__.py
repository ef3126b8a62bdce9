"""PHP: classes, functions and scripts, with the markup that stands between the tags, and Blade templates.

The walker and the grammar are loaded with the first file, so a repository without PHP pays nothing for them.

Choices the model leaves open: a variable keeps its sign (`$user` is Name("$user")), because functions, classes and variables are
separate worlds in PHP; `$this`, `self` and `static` are `self`, `parent` is `super`. `User::class` is the class itself. A qualified
name (`\\App\\User`, `Assert\\Email`) is a Name as written that an Import of its own binds. Traits stand among the bases.
An attribute and a doc annotation (`@Route("/x")`) are decorators; on a property a Call of kind `decorator` within its span. A method
that is `private` or `protected` has that word as a bare decorator. Array
literals with keys are a Record, lists a Seq. `include` and `require` are a Call of `require` and a star import. A file's own
`return` is its Export `=`. Types in doc comments count where the code gives none.
"""

from __future__ import annotations

from backend_readiness.facts.builder import Builder

SUFFIXES = {".php": "php", ".phtml": "php", ".php5": "php", ".php7": "php", ".inc": "php", ".ctp": "php", ".blade.php": "blade"}


def extract(source: bytes, path: str) -> Builder:
    """The facts of one PHP file in a filled Builder of language `php`. Never raises for any bytes; errors are counted."""
    if path.endswith(".blade.php"):
        from backend_readiness.facts.languages.php import blade

        return blade.read(source, path)
    from backend_readiness.facts.languages.php.reading import read

    return read(source, path)
