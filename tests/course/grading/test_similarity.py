"""Copies are found under other names, and independent solutions are not taken for copies."""

import io
import re
import tokenize

from helpers.course.grading.similarity import THRESHOLD, pieces_of, similar_pairs
from helpers.course.stubs import student_version
from tests.builders import toy_sheet
from tests.builders.files import put_zip
from tests.builders.graded import grade_folder
from tests.builders.notebooks import cell

COMMON_HEAD = "import numpy as np\nimport torch\nfrom torch import nn\n"


def author():
    notebook = toy_sheet.toy()
    stub = "def fit(x, y, steps):\n    ### BEGIN SOLUTION\n    return None\n    ### END SOLUTION"
    notebook.cells.append(cell(stub, "fit", solution=True))
    return notebook


# four ways to fit a straight line, written independently
SOLUTIONS = [
    """def fit(x, y, steps):
    slope, offset = 0.0, 0.0
    for step in range(steps):
        residual = slope * x + offset - y
        slope -= 0.1 * (residual * x).mean()
        offset -= 0.1 * residual.mean()
        if step % 100 == 0:
            print(step, (residual**2).mean())
    return slope, offset
""",
    """def fit(x, y, steps):
    design = np.stack([x, np.ones_like(x)], axis=1)
    normal = design.T @ design
    coefficients = np.linalg.solve(normal, design.T @ y)
    left = y - design @ coefficients
    variance = left @ left / (len(x) - 2)
    covariance = variance * np.linalg.inv(normal)
    return coefficients[0], coefficients[1]
""",
    """def fit(x, y, steps):
    model = nn.Linear(1, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[:, None])[:, 0], y)
        loss.backward()
        optimizer.step()
    return model.weight.item(), model.bias.item()
""",
    """def fit(x, y, steps):
    w = torch.zeros(2, requires_grad=True)
    losses = []
    for i in range(steps):
        prediction = w[0] * x + w[1]
        loss = ((prediction - y) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= 0.05 * gradient
        losses.append(loss.item())
    return w[0].item(), w[1].item()
""",
]


def hand_in(solution, words="The lengths grow with k."):
    notebook = student_version(author())
    toy_sheet.find(notebook, "fit").source = solution
    toy_sheet.find(notebook, "d-proof").source = words
    return notebook


def renamed(solution):
    """The same with other names, comments, layout and an innocent line."""
    ours = "slope offset step residual design normal coefficients left variance covariance"
    ours += " model optimizer loss w losses i prediction gradient"
    names = {name: f"q{k}" for k, name in enumerate(ours.split())}
    text = re.sub(r"\b[a-z]\w*\b", lambda m: names.get(m[0], m[0]), solution)
    lines = text.split("\n")
    return "\n".join(
        [
            lines[0],
            "    # all our own work",
            "    our_note = 1",
            *[f"{line}  # !" if line.strip() else "" for line in lines[1:]],
        ]
    )


def prints(*solutions, **words):
    return {f"g{k}": pieces_of(hand_in(s, **words), author()) for k, s in enumerate(solutions)}


def test_a_copy_with_other_names_is_found():
    for solution in SOLUTIONS:
        copy = renamed(solution)
        list(tokenize.generate_tokens(io.StringIO(copy).readline))  # it is Python still
        ((one, other, share),) = similar_pairs(prints(solution, copy, words=""))
        assert (one, other) == ("g0", "g1") and share > 0.85


def in_module(solution):
    """A hand-in whose solution stands in a module of its own: notebook, author and files."""
    notebook = hand_in("from solution import fit", words="")
    return notebook, author(), {"solution.py": f"{COMMON_HEAD}\n\n{solution}".encode()}


def test_modules_are_compared_like_cells():
    """With modules, and with the cell that the other one has in the notebook."""
    for solution in SOLUTIONS:
        copy = renamed(solution)
        found = {
            "module": pieces_of(*in_module(solution)),
            "copied module": pieces_of(*in_module(copy)),
            "copied cell": pieces_of(hand_in(copy, words=""), author()),
        }
        pairs = similar_pairs(found)
        assert len(pairs) == 3 and min(share for *_, share in pairs) > 0.8
    independent = {f"g{k}": pieces_of(*in_module(s)) for k, s in enumerate(SOLUTIONS)}
    shares = similar_pairs(independent, threshold=0)
    assert len(shares) == 6 and max(share for *_, share in shares) < THRESHOLD


def test_data_beside_a_notebook_are_not_compared():
    notebook, solved, files = in_module(SOLUTIONS[0])
    assert pieces_of(notebook, solved, {"data.txt": files["solution.py"]}) == pieces_of(notebook, solved)


def test_independent_solutions_stay_far_below_the_threshold():
    shares = similar_pairs(prints(*SOLUTIONS), threshold=0)
    assert len(shares) == 6 and max(share for *_, share in shares) < 0.4 < THRESHOLD


def test_the_copy_stands_out_among_others():
    pairs = similar_pairs(prints(*SOLUTIONS, renamed(SOLUTIONS[2])))
    assert [(one, other) for one, other, _ in pairs] == [("g2", "g4")]


def test_the_skeleton_proves_nothing():
    untouched = student_version(author())
    assert pieces_of(untouched, author()) == set()
    assert similar_pairs({"a": set(), "b": set()}) == []


def test_short_answers_prove_nothing():
    left_out = dict.fromkeys(["b-norm", "c-words", "d-proof"])
    short = pieces_of(toy_sheet.released(left_out), toy_sheet.toy())
    assert short
    assert similar_pairs({"a": short, "b": set(short)}) == []


def test_what_most_have_proves_nothing():
    same = prints(SOLUTIONS[0])["g0"]
    assert similar_pairs({f"g{k}": set(same) for k in range(10)}) == []


def test_copied_words_are_found():
    words = " ".join(
        f"Because of reason {k} the {'xyz'[k % 3]} axis turns by {k * k} degrees." for k in range(12)
    )
    pairs = similar_pairs(
        prints(SOLUTIONS[0], words=words) | {"h": pieces_of(hand_in(SOLUTIONS[1], words), author())}
    )
    assert [(one, other) for one, other, _ in pairs] == [("g0", "h")]


def test_code_that_does_not_parse_is_compared_too():
    broken = SOLUTIONS[1].replace("axis=1)", "axis=1")
    ((_, _, share),) = similar_pairs(prints(broken, broken))
    assert share == 1


def test_a_module_that_two_groups_share_is_told(tmp_path):
    toy_sheet.write_sheet(tmp_path / "notebooks")
    module = "\n".join(f"def step_{k}(first):\n    return {k} * first - {k * k}\n" for k in range(9))
    for number, text in enumerate([module, module.replace("first", "other"), "x = 1"]):
        notebook = toy_sheet.hand_in("untouched", toy_sheet.people(number))
        put_zip(tmp_path / "in" / f"{number}.zip", {"01_toy.ipynb": notebook, "steps.py": text})
    groups = {group.hand_ins[0]: group for group in grade_folder(tmp_path)}
    assert groups["0.zip"].similar == [(groups["1.zip"].slug, 1, 1.0)] and groups["2.zip"].similar == []
