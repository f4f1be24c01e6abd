import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.folders import tmp_path, tmp_path_factory  # noqa: E402,F401
from support.sluice import module_sluice, module_upstream, sluice, start, upstream  # noqa: E402,F401
