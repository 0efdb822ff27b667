import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_library_imports_no_django():
    names = "import sihao.documents.reader, sihao.documents.sniff, sihao.documents.xlsx, sys"
    command = [
        sys.executable,
        "-c",
        f"{names}; print([name for name in sys.modules if name.startswith('django')])",
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"
