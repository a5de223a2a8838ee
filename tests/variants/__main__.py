"""`python -m tests.variants NAME [CELL]`: tries the variants of a notebook and says what is misjudged."""

import sys

from tests.variants.judge import judge
from tests.variants.table import COLUMNS, row

name, *cell = sys.argv[1:]
trials, together = judge(name, *cell)
for trial in trials:
    kind = type(trial.variant).__name__
    said = trial.failure.message if trial.failure else "passed"
    print(f"{kind:5} {trial.variant.cell}, {trial.variant.name}: {said}")
for trial in trials:
    if trial.complaint:
        print(f"MISJUDGED {trial.variant.cell}, {trial.variant.name}: {trial.complaint}")
if together:
    print(f"MISJUDGED all right variants together: {together.cell}: {together.message}")
print(COLUMNS)
print(row(name, trials, together))
