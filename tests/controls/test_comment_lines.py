"""Comments of several lines, in each language that writes them its own way."""

from __future__ import annotations

import pytest

from backend_readiness.controls.comment_lines import commented_out

PYTHON = '''\
"""What this module does,
limiter included.
"""
LIMITS = """
10 per minute
"""
def show():
    """Says
    limiter.
    """
    query(
        """
        select 1
        """
    )
    run("""delete
    from orders""")
    \'\'\'
    limiter.init_app(app)
    \'\'\'
    return 1
'''


@pytest.mark.parametrize(
    ("path", "text", "numbers"),
    [
        ("a.ts", "/* one */\n/*\ncode()\n*/\ncode()", {1, 2, 3, 4}),
        ("a.kt", "code() /* why */\n  /**\n   * text */\ncode()", {2, 3}),
        ("a.tsx", "{/* <Button\n  onClick={x} /> */}\n<A />", {1, 2}),
        ("pom.xml", "<a>\n<!-- <b>\n</b> -->\n<c/>", {2, 3}),
        ("a.cshtml", "@* <b>\n</b> *@\n<c/>", {1, 2}),
        ("a.blade.php", "{{-- <b>\n</b> --}}\n<c/>", {1, 2}),
        ("a.rb", "=begin\ncode\n=end\ncode", {1, 2, 3}),
        ("a.py", PYTHON, {1, 2, 3, 8, 9, 10, 18, 19, 20}),
        ("a.yml", "/*\ncode: 1", set()),
    ],
)
def test_lines_in_comments_of_several_lines_are_found(path: str, text: str, numbers: set[int]) -> None:
    assert commented_out(path, tuple(text.split("\n"))) == numbers
