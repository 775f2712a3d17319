"""What nbval leaves out when it judges a notebook, as a pytest plugin: ``-p tests.notebooks.judge`` beside ``--nbval``.

nbval runs every cell once and compares its text. Here its kernels get the environment of our own executor, its cells
also compare figures (alternative text, table and look, see tradecalc/report/compare.py), and a warning fails.
"""

import os
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tradecalc.report.compare import output_differences, place
from tradecalc.report.notebooks import kernel_environment


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Put our judge in the place of nbval's."""
    found = yield
    return [JudgedFile.from_parent(parent, path=file_path) if isinstance(made, IPyNbFile) else made for made in found]


class JudgedFile(IPyNbFile):
    """A notebook whose kernel has the same environment everywhere."""

    home = None

    def setup(self):
        """Start the kernel."""
        self.home = tempfile.TemporaryDirectory(prefix="tradecalc-", ignore_cleanup_errors=True)
        with mock.patch.dict(os.environ, kernel_environment(Path(self.home.name)), clear=True):
            super().setup()

    def teardown(self):
        """Stop the kernel, and remove what it was given."""
        super().teardown()
        if self.home is not None:
            self.home.cleanup()

    def collect(self):
        """Yield the cells of code."""
        for cell in super().collect():
            yield JudgedCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )


class JudgedCell(IPyNbCell):
    """A cell whose figures are compared too, and that may not warn."""

    def compare_outputs(self, test, ref, skip_compare=None):
        """Return whether the outputs are those that are stored; say in `comparison_traceback` where they are not."""
        same = super().compare_outputs(test, ref, skip_compare)
        told = [f"{self._place()}: {problem}" for problem in output_differences(ref, test)]
        self.comparison_traceback += [*self._warnings(test), *told]
        return same and not told

    def runtest(self):
        """Run the cell and judge it; a warning fails where outputs are not compared, too."""
        super().runtest()
        for warning in self._warnings(self.test_outputs):
            self.raise_cell_error(warning)

    def _warnings(self, outputs):
        said = "".join(output.text for output in outputs if output.get("name") == "stderr").strip()
        last = said.splitlines()[-1:]
        return [f"{self._place()}: wrote to stderr: {line!r}; mend the cause, or say it as output." for line in last]

    def _place(self):
        cells = self.parent.nb.cells
        return place(self.parent.path.name, self.parent.nb, next(i for i, c in enumerate(cells) if c is self.cell))
