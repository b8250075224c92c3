"""What nginx itself says about its configuration."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy.cluster import HERE, Lacking, configure, program
from tests.lacking import lacking


def said(folder: Path) -> str:
    """What `nginx -t` finds in `folder/nginx.conf`: nothing at all when it is well."""
    try:
        nginx = program("nginx", "nginx")
    except Lacking as missing:
        lacking(str(missing))
    command = [nginx, "-t", "-q", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", f"pid {folder}/nginx.pid;"]
    tried = subprocess.run(command, capture_output=True, check=False, text=True, timeout=30)
    return tried.stderr or ("" if tried.returncode == 0 else f"exit code {tried.returncode}")


def test_configuration_of_make_cluster_is_well(tmp_path: Path) -> None:
    configure(tmp_path, 8080, [8001, 8002, 8003])
    assert said(tmp_path) == ""


def test_configuration_of_compose_is_well(tmp_path: Path) -> None:
    """All but the name, which Docker's DNS alone knows, and `resolve`, which nginx knows from 1.27.3 on."""
    for file in (HERE / "nginx").iterdir():
        shutil.copy(file, tmp_path)
    replicas = tmp_path / "replicas.conf"
    by_name = replicas.read_text()
    assert "server server:8000 resolve " in by_name
    replicas.write_text(by_name.replace("server server:8000 resolve ", "server 127.0.0.1:8000 "))
    assert said(tmp_path) == ""


def test_broken_configuration_is_noticed(tmp_path: Path) -> None:
    configure(tmp_path, 8080, [8001])
    file = tmp_path / "nginx.conf"
    file.write_text(file.read_text().replace("}", "", 1))
    assert "[emerg]" in said(tmp_path)
