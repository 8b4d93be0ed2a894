"""``auditor model`` on trees of mixed configuration files: time by number of files, memory, and what hostile files cost.

Run: ``python benchmarks/configuration.py``. The tree is the same every time; each run is a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_COMPOSE = """services:
  app{n}:
    image: example/app{n}:1
    environment: {{UPSTREAM_URL: "https://svc{n}.example", LOG_LEVEL: info}}
"""
_POD = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: app{n}, namespace: ns{n}}}
spec:
  template:
    spec:
      containers:
        - name: main
          image: example/app{n}:1
          env: [{{name: API_BASE, value: "https://api{n}.example/v1"}}]
"""
_VALUES = "replicas: 2\nimage: {{repository: example/app{n}, tag: '1'}}\nservice: {{port: 80}}\n"
_HCL = 'resource "docker_container" "app{n}" {{\n  image = "example/app{n}:1"\n  env   = ["A=https://tf{n}.example"]\n}}\n'
_TOML = '[server]\nurl = "https://toml{n}.example"\nlimits = {{ cpu = 1, memory = "2Gi" }}\n'
_JSON = '{{"server": {{"url": "https://json{n}.example", "n": [1, 2, 3]}}}}\n'
_ENV = "APP{n}_URL=https://env{n}.example\nAPP{n}_DEBUG=false\n"
_UNIT = "[Service]\nEnvironment=A=1\nExecStart=/usr/bin/app{n} --url https://unit{n}.example\n"
_DOCKERFILE = 'FROM example/base:1\nENV A=https://docker{n}.example\nCMD ["app{n}"]\n'
_KINDS = (
    ("compose.yaml", _COMPOSE),
    ("deployment.yaml", _POD),
    ("values.yaml", _VALUES),
    ("main.tf", _HCL),
    ("config.toml", _TOML),
    ("settings.json", _JSON),
    (".env", _ENV),
    ("app.service", _UNIT),
    ("Dockerfile", _DOCKERFILE),
)


def grow(folder: Path, files: int) -> None:
    """Write ``files`` files of every kind in turn, each set in its folder."""
    for number in range(files):
        name, text = _KINDS[number % len(_KINDS)]
        place = folder / f"part{number // len(_KINDS):04}"
        place.mkdir(exist_ok=True)
        (place / name).write_text(text.format(n=number))


def measure(path: Path) -> tuple[float, int, int]:
    """Return seconds, the largest resident size in MiB and the exit code of ``auditor model``."""
    started = time.perf_counter()
    words = [sys.executable, "-m", "auditor", "model", str(path)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, usage.ru_maxrss // 1024, process.returncode


def hostile(folder: Path) -> dict[str, str]:
    """Write files that stand for more than they show; return their name and what they are."""
    line = "a{n}: &a{n} [" + ", ".join(["*a{m}"] * 9) + "]\n"
    laughs = 'a0: &a0 ["lol"]\n' + "".join(line.format(n=n, m=n - 1) for n in range(1, 30))
    entity = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    texts = {
        "laughs.yaml": laughs,
        "deep.json": "[" * 1_000_000,
        "deep.yaml": "[" * 1_000_000,
        "deep.toml": "a = " + "[" * 1_000_000,
        "deep.tf": "a = " + "[" * 1_000_000,
        "laughs.plist": f'<!DOCTYPE p [<!ENTITY e0 "lol">{entity}]><plist><string>&e9;</string></plist>',
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    with (folder / "large.yaml").open("wb") as stream:
        for _ in range(100):
            stream.write(b"- aaaaaaaaaaaaa\n" * 65_536)
    return {**dict.fromkeys(texts, "hostile"), "large.yaml": "100 MiB"}


def main() -> None:
    """Print one line a measurement."""
    with tempfile.TemporaryDirectory() as name:
        for files in (1, 500, 1_000, 2_000, 4_000):
            folder = Path(name) / f"tree{files}"
            folder.mkdir()
            grow(folder, files)
            seconds, size, code = measure(folder)
            print(f"{files:>6} files  {seconds:6.2f} s  {size:>5} MiB  exit {code}")
        for file, what in hostile(Path(name)).items():
            seconds, size, code = measure(Path(name) / file)
            print(f"{file:>12} ({what})  {seconds:6.2f} s  {size:>5} MiB  exit {code}")


if __name__ == "__main__":
    main()
