"""Solutions of 09_2, right and wrong."""

from tests.variants.variant import Right, Wrong

LARGER = "np.where((kinematics.pt(first) > kinematics.pt(second))[:, None], first, second)"
BY_MASS = LARGER.replace("kinematics.pt", "kinematics.mass")
HELD_OUT = "ratios[held_out] = event_weights(fold_logit(x[held_out])"
LOGITS = "logit, history = train_classifier(inputs, labels, train, val, seed=SEED)"
AFTER = "chi2(observable(lo), observable(nlo), bins, w)"

VARIANTS = [
    Right(
        "a-split",
        "by cumulated shares",
        {
            "return np.split(rng.permutation(n), [n * 60 // 100, n * 75 // 100])": "order = np.arange(n)\n"
            "    rng.shuffle(order)\n    a, b = int(0.6 * n), int(0.75 * n)\n"
            "    return order[:a], order[a:b], order[b:]"
        },
    ),
    Wrong("a-split", "not shuffled", {"rng.permutation(n)": "np.arange(n)"}, says="shuffle"),
    Wrong(
        "a-split",
        "drawn with replacement",
        {"rng.permutation(n)": "rng.integers(0, n, n)"},
        says="exactly one",
    ),
    Wrong("a-split", "wrong shares", {"n * 75 // 100": "n * 80 // 100"}, says="expected 15%"),
    Right(
        "a-classifier",
        "standardised by hand",
        {
            "scaler = Standardizer().fit(x[train])": "shift, scale = x[train].mean(0), x[train].std(0)",
            "scaler.transform(x)": "(x - shift) / scale",
        },
    ),
    Wrong("a-classifier", "not standardised", {"scaler.transform(x)": "x"}, says="standardise|right"),
    Wrong("a-classifier", "dropout not passed on", {", dropout=dropout)": ", dropout=0.0)"}, says="dropout"),
    Wrong("a-classifier", "no weight decay", {"weight_decay=weight_decay, ": ""}, says="weight_decay"),
    Wrong(
        "a-classifier",
        "standardised by training and validation events",
        {"fit(x[train])": "fit(x[np.concatenate([train, val])])"},
        says="standardise by x.train. alone",
        hidden=True,
    ),
    Wrong(
        "a-classifier",
        "standardised with all events",
        {"fit(x[train])": "fit(x)"},
        says="training set",
        hidden=True,
    ),
    Wrong(
        "a-classifier",
        "labels exchanged",
        {"torch.as_tensor(labels,": "1 - torch.as_tensor(labels,"},
        says="positive logit",
    ),
    Right(
        "a-train",
        "with explicit options",
        {LOGITS: LOGITS.replace("seed=SEED", "seed=SEED, dropout=DROPOUT")},
    ),
    Wrong("a-train", "the same twice", {", dropout=0.0, weight_decay=0.0": ""}, says="same network"),
    Wrong(
        "a-train",
        "raw momenta",
        {"inputs, labels, train, val": "events[:, 0], labels, train, val"},
        says="nothing learnt|matmul|size",
    ),
    Right(
        "a-quality",
        "D by torch",
        {"1 / (1 + np.exp(-test_logits))": "torch.sigmoid(torch.tensor(test_logits)).numpy()"},
    ),
    Wrong(
        "a-quality",
        "on training events",
        {"logit(inputs[test])": "logit(inputs[train])"},
        says="labels,|per test event",
    ),
    Wrong(
        "a-quality",
        "logits as probabilities",
        {"1 / (1 + np.exp(-test_logits))": "test_logits"},
        says="probabilities from|probability",
    ),
    Wrong("a-quality", "ten bins", {"bins=20": "bins=10"}, says="20 bins"),
    Right(
        "b-weights",
        "from D",
        {"np.exp(logits) * n_lo / n_nlo": "(d := 1 / (1 + np.exp(-logits))) / (1 - d) * n_lo / n_nlo"},
    ),
    Wrong("b-weights", "factor upside down", {"n_lo / n_nlo": "n_nlo / n_lo"}, says="N_LO / N_NLO"),
    Wrong("b-weights", "no factor", {" * n_lo / n_nlo": ""}, says="N_LO / N_NLO"),
    Wrong(
        "b-weights",
        "D instead of D/(1-D)",
        {"np.exp(logits)": "1 / (1 + np.exp(-logits))"},
        says="expected weights",
    ),
    Right(
        "c-tops",
        "by argmax",
        {
            f"return {LARGER}": "both = np.stack([first, second], 1)\n"
            "    return both[np.arange(len(both)), kinematics.pt(both).argmax(1)]"
        },
    ),
    Wrong(
        "c-tops",
        "always the first",
        {LARGER: "first"},
        says="larger pt",
    ),
    Wrong(
        "c-tops",
        "larger mass",
        {LARGER: BY_MASS},
        says="larger pt",
    ),
    Wrong("c-tops", "W bosons", {"0:3": "1:3", "3:6": "4:6"}, says="sum 3 particles"),
    Right("c-cross", "the fold before it stops", {"(k + 1) % FOLDS": "(k - 1) % FOLDS"}),
    Wrong(
        "c-cross",
        "trained on the held-out events too",
        {"rest = ~held_out & ~stop": "rest = ~stop"},
        says="two of",
        hidden=True,
    ),
    Wrong(
        "c-cross",
        "stops on the held-out events",
        {"stop = fold == k, fold == (k + 1) % FOLDS": "stop = fold == k, fold == k"},
        says="two of",
        hidden=True,
    ),
    Wrong("c-cross", "factor of another sample", {"labels[rest])": "1 - labels[rest])"}, says="mean weight"),
    Wrong(
        "c-cross",
        "weights of the last network only",
        {HELD_OUT: "ratios[:] = event_weights(fold_logit(x)"},
        says="two of|AUC|held out",
        hidden=True,
    ),
    Right("c-compare", "column by column", {"weights[is_lo]": "weights[labels == 0]"}),
    Wrong(
        "c-compare",
        "no weights",
        {AFTER: "chi2(observable(lo), observable(nlo), bins)"},
        says="after reweighting",
    ),
    Wrong(
        "c-compare",
        "weights of NLO events",
        {"w = weights[is_lo]": "w = weights[~is_lo]"},
        says="one weight per LO|weights",
    ),
    Wrong(
        "c-compare",
        "weights in another order",
        {"w = weights[is_lo]": "w = weights[is_lo][::-1]"},
        says="same order",
    ),
    Right(
        "c-weights",
        "by the formulas",
        {
            "effective_size(w)": "w.sum() ** 2 / (w**2).sum()",
            "w.std() / np.sqrt(len(w))": "w.std(ddof=1) / len(w) ** 0.5",
        },
    ),
    Wrong("c-weights", "n_eff as the sum of weights", {"effective_size(w)": "w.sum()"}, says="n_eff"),
    Wrong(
        "c-weights",
        "error without the root",
        {"w.std() / np.sqrt(len(w))": "w.std() / len(w)"},
        says="error of the mean",
    ),
    Wrong(
        "c-weights",
        "the smallest weights",
        {"np.sort(w)[-(len(w) // 100) :]": "np.sort(w)[: len(w) // 100]"},
        says="top_share",
    ),
]
