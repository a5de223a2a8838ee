"""Solutions of 04_1, right and wrong."""

from tests.variants.variant import Right, Wrong

NO_LOOP = """def adam_torch(steps):
    x1 = torch.tensor([X1], requires_grad=True)
    optimizer = torch.optim.Adam([x1], lr=LEARNING_RATE)
    path = [X1]
    for _ in range(steps):
        loss = L(x1, torch.full((1,), X2)).sum()
        (x1.grad,) = torch.autograd.grad(loss, x1)
        optimizer.step()
        path.append(x1.detach().item())
    return np.array(path)


def adam_by_hand(steps, beta1=0.9, beta2=0.999, eps=1e-8):
    path, m, v = [X1], 0.0, 0.0
    for t in range(1, steps + 1):
        g = reverse_trace(forward_trace(path[-1], X2))["x1"]
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        step_size = LEARNING_RATE * math.sqrt(1 - beta2**t) / (1 - beta1**t)
        path.append(path[-1] - step_size * m / (math.sqrt(v) + eps * math.sqrt(1 - beta2**t)))
    return np.array(path)
"""
OTHER_NAMES = """def forward_trace(x1, x2):
    v = {"x1": x1, "x2": x2, "v1": x1 / x2, "v3": math.exp(x2)}
    v["v2"] = math.sin(v["v1"])
    v["v4"] = v["v1"] - v["v3"]
    v["v5"] = v["v4"] + v["v2"]
    v["v6"] = v["v4"] * v["v5"]
    return v


def reverse_trace(values):
    bar = dict.fromkeys(values, 0.0)
    bar["v6"] = 1.0
    bar["v5"] += values["v4"]
    bar["v4"] += values["v5"] + bar["v5"]
    bar["v2"] += bar["v5"]
    bar["v1"] += bar["v4"] + bar["v2"] * math.cos(values["v1"])
    bar["v3"] -= bar["v4"]
    bar["x1"] += bar["v1"] / values["x2"]
    bar["x2"] += bar["v3"] * math.exp(values["x2"]) - bar["v1"] * values["x1"] / values["x2"] ** 2
    return bar
"""
EXTREMA = """crossings = np.where(np.diff(np.sign(slope)))[0]
roots = [brentq(lambda x: derivatives(x)[0].item(), curve_x[k], curve_x[k + 1]) for k in crossings]
places = np.array([0.0, *roots, 2.0])
first, second = derivatives(places)
extrema = pd.DataFrame({"x1": places, "slope": first, "curvature": second})
extrema["L"] = L(torch.tensor(places), torch.tensor(X2)).numpy()
extrema["where"] = ["end", *["interior"] * len(roots), "end"]
extrema["kind"] = ["maximum", *np.where(second[1:-1] > 0, "minimum", "maximum"), "maximum"]
"""

VARIANTS = [
    Right("a-graph", "arguments of a product exchanged", {'["v5", "v4"]': '["v4", "v5"]'}),
    Right(
        "a-graph",
        "other order of steps and arguments",
        {
            '"v2": (torch.sin, ["v1"]),\n    "v3": (torch.exp, ["x2"]),': '"v2": (torch.exp, ["x2"]),\n'
            '    "v3": (torch.sin, ["v1"]),',
            '["v1", "v3"]': '["v1", "v2"]',
            '["v2", "v4"]': '["v4", "v3"]',
            '["v5", "v4"]': '["v4", "v5"]',
        },
    ),
    Wrong("a-graph", "difference the wrong way round", {'["v1", "v3"]': '["v3", "v1"]'}, says="2.0166"),
    Wrong(
        "a-graph",
        "v1 computed twice",
        {
            '"v6": (torch.mul, ["v5", "v4"])': '"v6": (torch.div, ["x1", "x2"]),\n'
            '    "v7": (torch.sub, ["v6", "v3"]),\n    "v8": (torch.mul, ["v5", "v7"])'
        },
        says="v6'?\\], found",
    ),
    Wrong("a-graph", "a step before its arguments", {'["v1"]),': '["v5"]),'}, says="v2 uses"),
    Right("a-traces", "accumulated, x2 by the quotient rule", OTHER_NAMES),
    Wrong(
        "a-traces", "x2 = 0.5 written into the backward trace", {'/ v["x2"]': "/ 0.5"}, says="values given"
    ),
    Wrong("a-traces", "one of two arrows forgotten", {' + bar["v5"]': ""}, says="take every arrow"),
    Wrong("a-traces", "sign of the exponential", {'bar["v3"] = -': 'bar["v3"] = '}, says="dL/dx2"),
    Wrong(
        "a-traces",
        "an adjoint is missing",
        {
            '    bar["v3"] = -bar["v4"]\n': "    bar_v3 = -bar['v4']\n",
            'bar["v3"] * v["v3"]': 'bar_v3 * v["v3"]',
        },
        says="no adjoint for \\['v3'\\]",
    ),
    Right(
        "a-autograd",
        "backward with retain_grad",
        {
            'grads = torch.autograd.grad(nodes["v6"], list(nodes.values()))': "for node in nodes.values():\n"
            '        node.retain_grad()\n    nodes["v6"].backward()\n'
            "    grads = [node.grad for node in nodes.values()]"
        },
    ),
    Wrong(
        "a-autograd",
        "backward, which fills the leaves only",
        {
            'grads = torch.autograd.grad(nodes["v6"], list(nodes.values()))': 'nodes["v6"].backward()\n'
            "    grads = [node.grad for node in nodes.values()]"
        },
        says="leaves only",
    ),
    Wrong(
        "a-autograd",
        "float32",
        {"x2, requires_grad": "x2, dtype=torch.float32, requires_grad"},
        says="float64",
    ),
    Wrong(
        "a-autograd",
        "gradients of the inputs only",
        {"list(nodes.values())": "[x1, x2]", "strict=True": "strict=False"},
        says="missing|v1",
    ),
    Right("b-adam", "the other form of the corrections, torch.autograd.grad", NO_LOOP),
    Wrong("b-adam", "no zero_grad", {"        optimizer.zero_grad()\n": ""}, says="zero_grad"),
    Wrong(
        "b-adam",
        "no bias corrections",
        {"m / (1 - beta1**t), s / (1 - beta2**t)": "m, s"},
        says="corrections",
    ),
    Wrong("b-adam", "square root forgotten", {"math.sqrt(s_hat)": "s_hat"}, says="by hand"),
    Wrong("b-adam", "uphill", {"path[-1] - LEARNING_RATE": "path[-1] + LEARNING_RATE"}, says="sign"),
    Wrong(
        "b-adam",
        "SGD",
        {"torch.optim.Adam([x1]": "torch.optim.SGD([x1]"},
        says="torch.optim.Adam: the first step",
    ),
    Right(
        "b-converge",
        "path by hand, gradient by PyTorch",
        {
            "adam_torch(ADAM_STEPS)": "adam_by_hand(ADAM_STEPS)",
            'reverse_trace(forward_trace(x1_adam, X2))["x1"]': "by_differences(x1_adam, X2)[0]",
        },
    ),
    Wrong("b-converge", "too few steps", {"adam_torch(ADAM_STEPS)": "adam_torch(20)"}, says="steps, found"),
    Wrong(
        "b-converge",
        "gradient at the start",
        {"forward_trace(x1_adam, X2)": "forward_trace(X1, X2)"},
        says="gradient at x1_adam",
    ),
    Right(
        "c-curve",
        "create_graph twice",
        {"torch.autograd.grad(slope.sum(), x1)": "torch.autograd.grad(slope.sum(), x1, create_graph=True)"},
    ),
    Right(
        "c-curve",
        "grad_outputs instead of sum",
        {"torch.tensor(X2)).sum(), x1, create": "torch.tensor(X2)), x1, torch.ones_like(x1), create"},
    ),
    Wrong("c-curve", "no sum", {"L(x1, torch.tensor(X2)).sum()": "L(x1, torch.tensor(X2))"}, says="scalar"),
    Wrong("c-curve", "no create_graph", {", create_graph=True": ""}, says="does not require grad"),
    Wrong(
        "c-curve",
        "mean instead of sum",
        {".sum(), x1, create_graph": ".mean(), x1, create_graph"},
        says="mean",
    ),
    Right("c-zeros", "in columns", EXTREMA),
    Wrong("c-zeros", "ends forgotten", {"[curve_x[0], *zeros, curve_x[-1]]": "zeros"}, says="ends"),
    Wrong(
        "c-zeros",
        "grid points instead of zeros",
        {"brentq(lambda x: derivatives(x)[0].item(), curve_x[k], curve_x[k + 1], xtol=1e-13)": "curve_x[k]"},
        says="vanish",
    ),
    Wrong(
        "c-zeros",
        "minimum and maximum confused",
        {'"minimum" if is_minimum else "maximum"': '"maximum" if is_minimum else "minimum"'},
        says="confused",
        hidden=True,
    ),
]
