"""Whether Parquet can be written, and what is said where it cannot: in a process without pyarrow."""

from __future__ import annotations

import subprocess
import sys

from trimtab.journal.seal.libraries import can_seal, need_arrow

WITHOUT = """
import sys
finders = list(sys.meta_path)
class Without:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "pyarrow":
            return next((spec for finder in finders if (spec := finder.find_spec(name, path, target))), None)
sys.meta_path[:] = [Without]
from trimtab.journal.seal.libraries import can_seal, need_arrow
print(can_seal())
try:
    need_arrow()
except Exception as error:
    print(error)
"""


def test_here_it_can_be_written():
    assert can_seal()
    need_arrow()


def test_without_the_package_its_extra_is_named():
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.startswith("False\nerror[P920]: ")
    assert "trimtab[log]" in ran.stdout
