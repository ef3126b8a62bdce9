"""Folders that hold an earlier state of the repository, and those that are only named so."""

from __future__ import annotations

import pytest

from backend_readiness.snapshot.copies import copied_folders

APP = ["api/app.py", "api/orders/routes.py", "api/users/routes.py", "web/index.html"]


@pytest.mark.parametrize(
    ("more", "folders"),
    [
        ([f"backups/2025-07-06/source/{p}" for p in APP], ("backups",)),
        ([f"api_old/{p[4:]}" for p in APP[:3]], ("api_old",)),
        (["api - Copy/app.py", "api - Copy/orders/routes.py", "api - Copy/users/routes.py"], ("api - Copy",)),
        ([f"old/{p}" for p in APP[:2]], ()),  # too few to tell
        (["api/backup/app.py", "api/backup/service.py", "api/backup/orders/routes.py", "api/backup/jobs/run.py"], ()),
        (["archive/app.py", "archive/models.py", "archive/routes.py"], ()),
    ],
)
def test_a_folder_of_copies_is_one_whose_files_stand_elsewhere(more: list[str], folders: tuple[str, ...]) -> None:
    assert copied_folders([*APP, *more]) == folders
