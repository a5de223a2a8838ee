"""Solutions of 05_3, right and wrong."""

from tests.variants.variant import Right, Wrong

SIGN = "(-1) ** corner.count(0.0)"
JACOBIAN = "np.log(2) ** 3 * 2 ** u.sum(1)"
NODES = "np.array(list(itertools.product((node + 1) / 2, repeat=dimension)))"
WEIGHTS = "np.array(list(itertools.product(weight / 2, repeat=dimension))).prod(axis=1)"
ONCE = (
    "network.seconds_once + tau * network.calls_once - rule.seconds_once - tau * rule.calls_once\n"
    "    saved = rule.seconds_each + tau * rule.calls_each - network.seconds_each - tau * network.calls_each"
)

TANH_BY_POWERS = """def tanh_derivatives(a, order):
    tanh = torch.tanh(a)
    polynomial = np.polynomial.Polynomial([0, 1])
    found = []
    for _ in range(order + 1):
        value = torch.zeros_like(tanh)
        for power, coefficient in enumerate(polynomial.coef.tolist()):
            value = value + coefficient * tanh**power
        found.append(value)
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([1, 0, -1])
    return found
"""
BOX_OF_TENSORS = """def box(u, s):
    x, s = 2 ** torch.tensor(u) - 1, torch.tensor(s)
    middle = s[:, 1] + s[:, 2] * (x[:, 0] + x[:, 2])
    Q = (1 + x.sum(1)) ** 2 - s[:, 0] * x[:, 0] * x[:, 2] - middle * x[:, 1]
    return torch.prod(math.log(2) * (1 + x), dim=1) / Q**2
"""
KNOWN = "if all(block in z for block in blocks)"
ADD_BIAS = """if () in z:
                z[()] = z[()] + layer.bias"""
BIAS_EVERYWHERE = """for S in z:
                z[S] = z[S] + layer.bias"""
TOTALS = """network.seconds_once + tau * network.calls_once
    once = once - rule.seconds_once - rule.calls_once * tau
    each = [m.seconds_each + tau * m.calls_each for m in (network, rule)]
    saved = each[1] - each[0]"""
REVERSED = "np.stack(np.meshgrid(*[{}] * dimension), -1).reshape(-1, dimension)"

ALL_CORNERS_AT_ONCE = """def corner_sum(primitive, t, dimension):
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * dimension).reshape(-1, dimension).to(t)
    signs = (2 * corners - 1).prod(1)
    u = corners.repeat(len(t), 1)
    values = primitive(u, t.repeat_interleave(len(corners), 0)).reshape(len(t), -1)
    return values @ signs
"""
BY_RECURSION = """def corner_sum(primitive, t, dimension):
    def between(fixed):
        if len(fixed) == dimension:
            u = torch.stack([torch.full((len(t),), value).to(t) for value in fixed], 1)
            return primitive(u, t)
        return between([*fixed, 1.0]) - between([*fixed, 0.0])

    return between([])
"""
TANH_BY_CALLS = """def tanh_derivatives(a, order):
    polynomial = np.polynomial.Polynomial([0, 1])
    found = []
    for _ in range(order + 1):
        found.append(polynomial(torch.tanh(a)))
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([1, 0, -1])
    return found
"""
TANH_BY_PASCAL = """def tanh_derivatives(a, order):
    # Leibniz for the derivatives of tanh' = 1 - tanh tanh
    found = [torch.tanh(a)]
    for n in range(order):
        product = sum(math.comb(n, k) * found[k] * found[n - k] for k in range(n + 1))
        found.append((1 if n == 0 else 0) - product)
    return found
"""
TANH_WITHOUT_GRADIENT = """def tanh_derivatives(a, order):
    a = a.detach().clone().requires_grad_()
    found = [torch.tanh(a)]
    for _ in range(order):
        found += torch.autograd.grad(found[-1].sum(), a, create_graph=True)
    return [f.detach() for f in found]
"""
CHAIN_BY_PRODUCTS = """def through_tanh(z, wanted):
    def known(S):
        return z.get(S, torch.zeros_like(z[()]))

    phi = tanh_derivatives(z[()], max(len(S) for S in wanted))
    h = {}
    for S in wanted:
        total = torch.zeros_like(z[()])
        for blocks in partitions(S):
            term = phi[len(blocks)]
            for block in blocks:
                term = term * known(block)
            total = total + term
        h[S] = total
    return h
"""
MIXED_BY_AUTOGRAD = """        u = u.clone().requires_grad_()
        values = self(u, t)
        for i in range(self.dimension):
            (slope,) = torch.autograd.grad(values.sum(), u, create_graph=True)
            values = slope[:, i]
        return values
"""
MIXED_BODY = """\
        z = {(i,): first.weight[:, i] for i in range(self.dimension)}  # the same at all points
        z[()] = first(torch.cat([u, t], dim=1))
        for layer in others:
            h = through_tanh(z, [whole] if layer is others[-1] else subsets(self.dimension))
            z = {S: values @ layer.weight.T for S, values in h.items()}
            if () in z:
                z[()] = z[()] + layer.bias
        return z[whole][:, 0]
"""
EVERYTHING = "[whole] if layer is others[-1] else subsets(self.dimension)"

VARIANTS = [
    Right("a-sum", "all corners in one call", ALL_CORNERS_AT_ONCE),
    Right("a-sum", "one variable after the other", BY_RECURSION),
    Right(
        "a-sum",
        "float32",
        {"dtype=t.dtype": "dtype=torch.float32", "primitive(u, t)": "primitive(u, t.float())"},
    ),
    Wrong("a-sum", "sign by the ones", {SIGN: "(-1) ** corner.count(1.0)"}, says="signs"),
    Wrong("a-sum", "no signs", {SIGN: "1"}, says="sign is"),
    Wrong(
        "a-sum",
        "only the two opposite corners",
        {"itertools.product([0.0, 1.0], repeat=dimension)": "[(0.0,) * dimension, (1.0,) * dimension]"},
        says="each corner once",
    ),
    Wrong(
        "a-sum",
        "corners at ±1",
        {"product([0.0, 1.0]": "product([-1.0, 1.0]", "corner.count(0.0)": "corner.count(-1.0)"},
        says="0 or 1",
    ),
    Wrong(
        "a-sum",
        "sum over the parameter points",
        {"+ sign * primitive(u, t)": "+ sign * primitive(u, t).sum()"},
        says="expected",
    ),
    Wrong(
        "a-sum",
        "one row for all parameter points",
        {".expand(len(t), dimension)": ".reshape(1, dimension)"},
        says="one row for each row of t",
    ),
    Wrong("a-sum", "an array of NumPy", {"return total": "return total.numpy()"}, says="expected a tensor"),
    Right("b-tanh", "by the product rule", TANH_BY_PASCAL),
    Right("b-tanh", "powers of tanh", TANH_BY_POWERS),
    Wrong(
        "b-tanh",
        "inner derivative left out",
        TANH_BY_POWERS.replace(" * np.polynomial.Polynomial([1, 0, -1])", ""),
        says="inner",
    ),
    Wrong("b-tanh", "1 + tanh²", TANH_BY_POWERS.replace("[1, 0, -1]", "[1, 0, 1]"), says="1 is off"),
    Wrong("b-tanh", "wrong sign", TANH_BY_POWERS.replace("[1, 0, -1]", "[-1, 0, 1]"), says="sign"),
    Wrong("b-tanh", "slope of the sigmoid", TANH_BY_POWERS.replace("[1, 0, -1]", "[0, 1, -1]"), says="inner"),
    Wrong("b-tanh", "polynomial called with a tensor", TANH_BY_CALLS, says="makes arrays"),
    Wrong(
        "b-tanh",
        "starts with the first derivative",
        TANH_BY_POWERS.replace("([0, 1])", "([1, 0, -1])"),
        says="tanh\\(a\\) itself",
    ),
    Wrong("b-tanh", "one order too few", {"range(order + 1)": "range(order)"}, says="tensors"),
    Wrong("b-tanh", "without gradient", TANH_WITHOUT_GRADIENT, says="autograd should pass"),
    Right("b-chain", "zeros in place of what is missing", CHAIN_BY_PRODUCTS),
    Wrong("b-chain", "a list", {"return h": "return list(h.values())"}, says="dictionary"),
    Wrong(
        "b-chain",
        "stops at the first block that is missing",
        {KNOWN: "if not all(block in z for block in blocks):\n                break\n            else"},
        says="each partition",
    ),
    Wrong(
        "b-chain",
        "only single variables",
        {KNOWN: "if all(len(block) < 2 and block in z for block in blocks)"},
        says="each partition",
    ),
    Wrong(
        "b-chain",
        "only the linear term",
        {"in partitions(S)": "in partitions(S)[-1:]"},
        says="each partition",
    ),
    Wrong(
        "b-chain", "order of the set, not of the partition", {"phi[len(blocks)]": "phi[len(S)]"}, says="order"
    ),
    Wrong(
        "b-chain", "first derivative for all", {"phi[len(blocks)]": "phi[min(len(blocks), 1)]"}, says="order"
    ),
    Wrong(
        "b-chain",
        "blocks added",
        {"math.prod(z[block] for block in blocks)": "(sum(z[block] for block in blocks) if blocks else 1)"},
        says="times all its blocks",
    ),
    Wrong(
        "b-chain",
        "all sets whatever is wanted",
        {"for S in wanted:\n": "for S in subsets(1 + max(i for S in wanted for i in S)):\n"},
        says="only the sets",
    ),
    Right("b-mixed", "by autograd", {MIXED_BODY: MIXED_BY_AUTOGRAD}),
    Right("b-mixed", "all sets in all layers", {EVERYTHING: "subsets(self.dimension)"}),
    Wrong(
        "b-mixed",
        "bias added to the derivatives",
        {ADD_BIAS: BIAS_EVERYWHERE},
        says="autograd",
    ),
    Wrong("b-mixed", "bias forgotten", {"z[()] = z[()] + layer.bias": "z[()] = z[()]"}, says="autograd"),
    Wrong(
        "b-mixed",
        "no derivative of the first layer",
        {"first.weight[:, i] for": "torch.ones_like(first.weight[:, i]) for"},
        says="first layer",
    ),
    Wrong(
        "b-mixed",
        "last variable left out",
        {"whole = tuple(range(self.dimension))": "whole = tuple(range(max(1, self.dimension - 1)))"},
        says="autograd",
    ),
    Wrong(
        "b-mixed",
        "first layer without gradient",
        {
            "first.weight[:, i] for": "first.weight[:, i].detach() for",
            "first(torch.cat([u, t], dim=1))": "first(torch.cat([u, t], dim=1)).detach()",
        },
        says="gradient",
    ),
    Wrong("b-mixed", "a column too much", {"z[whole][:, 0]": "z[whole]"}, says="one number per point"),
    Right(
        "c-target",
        "product of three factors",
        {JACOBIAN: "np.prod(np.log(2) * np.exp(np.log(2) * u), axis=1)"},
    ),
    Right(
        "c-target",
        "float32",
        {"x1, x2, x3 = (2**u - 1).T": "u = u.astype(np.float32)\n    x1, x2, x3 = (2**u - 1).T"},
    ),
    Right("c-target", "tensors", BOX_OF_TENSORS),
    Wrong("c-target", "no Jacobian", {JACOBIAN: "1.0"}, says="Jacobian is missing"),
    Wrong(
        "c-target",
        "a single log 2",
        {JACOBIAN: "np.log(2) * 2 ** u.sum(1)"},
        says="Jacobian is not the product",
    ),
    Wrong("c-target", "Jacobian upside down", {JACOBIAN: f"1 / ({JACOBIAN})"}, says="Jacobian is not the"),
    Wrong("c-target", "x = u with the Jacobian", {"(2**u - 1).T": "u.T"}, says="not u"),
    Wrong("c-target", "no log 2", {"np.log(2) ** 3 * ": ""}, says="log 2"),
    Wrong("c-target", "1/Q", {"/ Q**2": "/ Q"}, says="not 1/Q²|1/Q, not"),
    Wrong(
        "c-target",
        "parameters exchanged",
        {"s12, s14, higgs = s.T": "s14, s12, higgs = s.T"},
        says="exchanged",
    ),
    Wrong("c-target", "x = u", {"(2**u - 1).T": "u.T", JACOBIAN: "1.0"}, says="2\\*\\*u - 1"),
    Wrong("c-target", "a Higgs mass left out", {"(x1 * x2 + x2 * x3)": "(x1 * x2)"}, says="term by term"),
    Wrong(
        "c-target",
        "sign of the invariants",
        {"- s12 * x1 * x3 - s14 * x2": "+ s12 * x1 * x3 + s14 * x2"},
        says="term by term",
    ),
    Right("d-combine", "ddof 0", {"ddof=1": "ddof=0"}),
    Right(
        "d-combine",
        "by hand",
        {"estimates.std(axis=0, ddof=1)": "np.sqrt(((estimates - mean) ** 2).sum(0) / (len(estimates) - 1))"},
    ),
    Wrong(
        "d-combine", "spread as error", {"spread / math.sqrt(len(estimates))": "spread"}, says="more precise"
    ),
    Wrong("d-combine", "divided by k", {"math.sqrt(len(estimates))": "len(estimates)"}, says="squares"),
    Wrong("d-combine", "wrong axis", {"axis=0": "axis=1"}, says="which axis"),
    Wrong(
        "d-combine",
        "variance",
        {"estimates.std(axis=0, ddof=1)": "estimates.var(axis=0, ddof=1)"},
        says="variance",
    ),
    Wrong(
        "d-combine",
        "root of the number of integrals",
        {"math.sqrt(len(estimates))": "math.sqrt(estimates.shape[1])"},
        says="root of 4",
    ),
    Right(
        "e-rule",
        "meshgrid, other order",
        {
            NODES: REVERSED.format("(node[::-1] + 1) / 2"),
            WEIGHTS: REVERSED.format("weight[::-1] / 2") + ".prod(1)",
        },
    ),
    Wrong("e-rule", "nodes from -1 to 1", {"(node + 1) / 2": "node"}, says="nodes from"),
    Wrong("e-rule", "nodes not shifted", {"(node + 1) / 2": "node / 2"}, says="between 0 and 1"),
    Wrong("e-rule", "weights of the longer interval", {"weight / 2": "weight"}, says="volume"),
    Wrong(
        "e-rule",
        "one factor 1/2 for all dimensions",
        {WEIGHTS: "np.array(list(itertools.product(weight, repeat=dimension))).prod(axis=1) / 2"},
        says="volume",
    ),
    Wrong(
        "e-rule", "equal weights", {WEIGHTS: "np.full(n**dimension, n**-dimension)"}, says="its own weight"
    ),
    Wrong("e-rule", "weights in another order", {WEIGHTS: f"np.roll({WEIGHTS}, 1)"}, says="its own weight"),
    Wrong(
        "e-rule",
        "only the diagonal",
        {NODES: "np.stack([(node + 1) / 2] * dimension, 1)", WEIGHTS: "weight / 2"},
        says="not \\(\\(",
    ),
    Wrong(
        "e-rule",
        "midpoints",
        {"np.polynomial.legendre.leggauss(n)": "(2 * np.arange(n) + 1) / n - 1, np.full(n, 2 / n)"},
        says="nodes of Gauss",
    ),
    Right(
        "e-cost",
        "totals of one and two integrals",
        {ONCE: TOTALS},
    ),
    Wrong(
        "e-cost",
        "calls of the training forgotten",
        {" + tau * network.calls_once": ""},
        says="calls of the integrand",
    ),
    Wrong(
        "e-cost",
        "time of the network for each integral forgotten",
        {" - network.seconds_each": ""},
        says="for each integral",
    ),
    Wrong(
        "e-cost",
        "negative where it never pays",
        {"once / saved if saved > 0 else math.inf": "once / saved if saved else math.inf"},
        says="never",
    ),
    Wrong("e-cost", "rounded up", {"once / saved if": "float(math.ceil(once / saved)) if"}, says="round"),
    Wrong("e-cost", "seconds only", {"tau * network.calls_once": "network.calls_once"}, says="found"),
    Wrong(
        "e-cost",
        "costs of the rule before forgotten",
        {" - rule.seconds_once - tau * rule.calls_once": ""},
        says="all kinds",
    ),
    Wrong("e-cost", "upside down", {"once / saved": "saved / once"}, says="expected"),
]
