from __future__ import annotations

from tests.report.folder_source import FolderSource, login_app, login_report

from backend_readiness.report.fingerprint import finding_id


def prints(texts: dict[str, str]) -> dict[str, str]:
    return {finding.control: finding.fingerprint for finding in login_report(FolderSource(texts)).findings}


BEFORE = prints(dict(login_app().texts))
SECRET = "sec-secrets-in-code"


def changed(path: str, old: str, new: str) -> dict[str, str]:
    texts = dict(login_app().texts)
    assert old in texts[path]
    return {**texts, path: texts[path].replace(old, new)}


def test_findings_have_different_fingerprints() -> None:
    assert len(set(BEFORE.values())) == len(BEFORE) == 3


def test_blanks_that_change_keep_the_fingerprint() -> None:
    assert prints(changed("app/main.py", "SIGNING_KEY = ", "SIGNING_KEY  =\t"))[SECRET] == BEFORE[SECRET]


def test_an_edit_beside_the_quote_keeps_the_fingerprint() -> None:
    assert prints(changed("app/main.py", "app = FastAPI()", "app = FastAPI(title='x')"))[SECRET] == BEFORE[SECRET]


def test_an_edit_in_a_later_line_of_the_quote_keeps_the_fingerprint() -> None:
    stub = "inf-no-stub-response"
    assert prints(changed("app/sessions.py", "# TODO: sign it", "# sign it later"))[stub] == BEFORE[stub]


def test_another_text_in_the_first_line_has_another_fingerprint() -> None:
    assert prints(changed("app/main.py", "SIGNING_KEY = ", "OTHER_KEY = "))[SECRET] != BEFORE[SECRET]


def test_ids_are_readable_and_the_first_has_no_number() -> None:
    assert (finding_id("sec-cors"), finding_id("sec-cors", 2)) == ("BR-sec-cors", "BR-sec-cors-2")
