"""Solutions of 04_2, right and wrong."""

from tests.variants.variant import Right, Wrong

RANGE_PREPROCESSING = """class Preprocessing:
    def __init__(self, momenta, amplitudes):
        p = np.delete(momenta.reshape(-1, 20), [1, 2, 5, 6], axis=1)  # px, py of the incoming are zero
        self.scale = np.abs(p).max(0) / 5
        self.shift = np.median(p, 0)
        self.log_mean, self.log_std = np.median(np.log(amplitudes)), 1.0

    def inputs(self, momenta):
        p = np.delete(momenta.reshape(-1, 20), [1, 2, 5, 6], axis=1)
        return ((p - self.shift) / self.scale).astype(np.float32)

    def momenta(self, z):
        p = z.astype(float) * self.scale + self.shift
        return np.insert(p, [1, 1, 3, 3], 0.0, axis=1).reshape(-1, 5, 4)
"""
PLAIN_LOADER = """class AmplitudeDataset(Dataset):
    def __init__(self, events, prep):
        self.inputs = torch.from_numpy(np.asarray(prep.inputs(events.momenta), dtype="float32"))
        self.targets = torch.from_numpy(np.asarray(to_target(prep, events.amplitudes), dtype="float32"))

    def __len__(self):
        return self.inputs.shape[0]

    def __getitem__(self, index):
        return self.inputs[index], self.targets[index]


def make_loader(dataset, shuffle):
    return DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=shuffle)
"""
NETWORK = """class Network(nn.Module):
    def __init__(self, n_in=z.shape[1]):
        super().__init__()
        self.out, self.second, self.first = nn.Linear(32, 1), nn.Linear(32, 32), nn.Linear(n_in, 32)

    def forward(self, z):
        return self.out(self.second(self.first(z).relu()).relu())
"""
DECAY = """def train_regularised(loader, val_set, epochs):
    model = Network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.1)
    history = []
    for _ in range(epochs):
        total = 0.0
        for z, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(z), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        with torch.no_grad():
            history.append((total, nn.functional.mse_loss(model(val_set.inputs), val_set.targets).item()))
    return model.eval(), pd.DataFrame(history, columns=["train", "val"])


torch.manual_seed(SEED + 1)
regular_model, regular_history = train_regularised(small_loader, small_val, SMALL_EPOCHS)
"""
DROPOUT = (
    DECAY.replace("model = Network()", "model = MLP(z.shape[1], 1, hidden=(32, 32), dropout=0.05)")
    .replace("AdamW", "Adam")
    .replace(", weight_decay=0.1", "")
    .replace("        total = 0.0\n", "        total = 0.0\n        model.train()\n")
    .replace("        with torch.no_grad():", "        model.eval()\n        with torch.no_grad():")
    .replace("for z, y in loader", "for x, y in loader")
    .replace("model(z), y", "model(x), y")
)

STANDARDISED = "(np.log(amplitudes)[:, None] - prep.log_mean) / prep.log_std"
COPY = "            best_weights = {name: w.clone() for name, w in model.state_dict().items()}\n"
PATIENCE = (
    "            best_epoch = len(history)\n        elif len(history) > best_epoch + 60:\n            break\n"
)

VARIANTS = [
    Right(
        "a-observables",
        "by hypot and maximum",
        {
            "photon_pt[:, 1]": "kinematics.pt(photons).max(1)",
            "photon_pt[:, 0]": "kinematics.pt(photons).min(1)",
            '"met": kinematics.pt(outgoing.sum(axis=1))': '"met": np.hypot(*outgoing[..., 1:3].sum(1).T)',
        },
    ),
    Wrong(
        "a-observables",
        "photons not ordered",
        {"np.sort(kinematics.pt(photons), axis=1)": "kinematics.pt(photons)[:, ::-1]"},
        says="order by pt",
    ),
    Wrong(
        "a-observables",
        "MET as sum of lengths",
        {"kinematics.pt(outgoing.sum(axis=1))": "kinematics.pt(outgoing).sum(axis=1)"},
        says="first add",
    ),
    Wrong(
        "a-observables",
        "sums over all particles",
        {"incoming.sum(axis=1)": "momenta.sum(axis=1)"},
        says="sum_p",
    ),
    Right("b-preprocessing", "ddof=1", {"p.std(0)": "p.std(0, ddof=1)"}),
    Right("b-preprocessing", "16 inputs by median and range, float32", RANGE_PREPROCESSING),
    Wrong(
        "b-preprocessing",
        "mean of the events given",
        {"- self.shift) /": "- momenta.reshape(-1, 20).mean(0)) /"},
        says="training data",
    ),
    Wrong(
        "b-preprocessing",
        "constants divided by zero",
        {"np.where(constant, 1.0, spread)": "spread"},
        says="never vary|order one",
    ),
    Wrong("b-preprocessing", "only shifted", {" / self.scale": "", "z * self.scale": "z"}, says="order one"),
    Wrong(
        "b-preprocessing",
        "no way back",
        {"(z * self.scale + self.shift)": "(z * self.scale)"},
        says="there and back",
    ),
    Right(
        "b-target",
        "log10, other constants",
        {
            STANDARDISED: "np.log10(amplitudes)[:, None] / 2 + 3",
            "np.exp(y[:, 0] * prep.log_std + prep.log_mean)": "10 ** (2 * (y[:, 0] - 3))",
        },
    ),
    Wrong(
        "b-target",
        "A without logarithm",
        {
            STANDARDISED: "(amplitudes[:, None] - 2e-6) / 2e-5",
            "np.exp(y[:, 0] * prep.log_std + prep.log_mean)": "y[:, 0] * 2e-5 + 2e-6",
        },
        says="logarithm|order one",
    ),
    Wrong("b-target", "shape (n,)", {"np.log(amplitudes)[:, None]": "np.log(amplitudes)"}, says="\\(n, 1\\)"),
    Wrong(
        "b-target",
        "constants of the events given",
        {"- prep.log_mean": "- np.log(amplitudes).mean()"},
        says="training data",
    ),
    Right("b-dataset", "plain DataLoader", PLAIN_LOADER),
    Wrong("b-dataset", "never shuffled", {"    if shuffle:\n": "    if False:\n"}, says="same order"),
    Wrong("b-dataset", "always shuffled", {"    if shuffle:\n": "    if True:\n"}, says="keep their order"),
    Wrong("b-dataset", "float64", {"dtype=torch.float32": "dtype=torch.float64"}, says="float32"),
    Wrong("b-dataset", "last batch dropped", {"drop_last=False": "drop_last=True"}, says="every event once"),
    Right("c-network", "functional, other order of layers", NETWORK),
    Wrong("c-network", "Tanh", {"nn.ReLU()": "nn.Tanh()"}, says="ReLU"),
    Wrong("c-network", "no activation", {"            nn.ReLU(),\n": ""}, says="linear"),
    Wrong(
        "c-network",
        "ReLU after the first layer only",
        {"nn.Linear(32, 32),\n            nn.ReLU(),": "nn.Linear(32, 32),"},
        says="both hidden layers",
    ),
    Wrong(
        "c-network",
        "three hidden layers",
        {"nn.Linear(32, 1)": "nn.Linear(32, 32),\n            nn.ReLU(),\n            nn.Linear(32, 1)"},
        says="two hidden layers",
    ),
    Right(
        "c-heart",
        "gradient by autograd.grad",
        {
            "optimizer.zero_grad()\n        ": "",
            "loss.backward()": "grads = torch.autograd.grad(loss, list(model.parameters()))\n"
            "        for p, g in zip(model.parameters(), grads, strict=True):\n            p.grad = g",
        },
    ),
    Wrong("c-heart", "no zero_grad", {"optimizer.zero_grad()\n        ": ""}, says="zero_grad"),
    Wrong("c-heart", "no step", {"        optimizer.step()\n": ""}, says="once per step"),
    Wrong(
        "c-heart",
        "loss against zero",
        {"mse_loss(model(z), y)": "mse_loss(model(z), torch.zeros_like(y))"},
        says="22.5",
    ),
    Right(
        "d-train",
        "own mean squared error",
        {"nn.functional.mse_loss(model(z), y)": "((model(z) - y) ** 2).mean()"},
    ),
    Wrong(
        "d-train",
        "step once per epoch",
        {
            "            optimizer.step()\n            ### END": "            ### END",
            "        # the validation loss": "        optimizer.step()\n        # the validation loss",
        },
        says="each batch",
    ),
    Wrong(
        "d-train",
        "validation loss of the last batch",
        {"model(val_set.inputs), val_set.targets": "model(z), y + 1"},
        says="validation loss",
    ),
    Right(
        "d-delta",
        "difference over A",
        {"predicted / events.amplitudes - 1": "(predicted - events.amplitudes) / events.amplitudes"},
    ),
    Wrong(
        "d-delta",
        "relative to the prediction",
        {"predicted / events.amplitudes - 1": "1 - events.amplitudes / predicted"},
        says="true A",
    ),
    Wrong(
        "d-delta",
        "absolute value",
        {"predicted / events.amplitudes - 1": "np.abs(predicted / events.amplitudes - 1)"},
        says="sign",
    ),
    Wrong(
        "d-delta",
        "preprocessing not undone",
        {"to_amplitudes(prep, model(z).double().numpy())": "np.exp(model(z).double().numpy()[:, 0])"},
        says="undone",
    ),
    Right(
        "e-small",
        "as many inputs as there are, another seed",
        {"Network()": "(torch.manual_seed(99), Network(z.shape[1]))[1]"},
    ),
    Wrong(
        "e-small",
        "the trained network again",
        {"small_model = Network()": "small_model = model"},
        says="new network",
    ),
    Wrong(
        "e-small",
        "too few epochs",
        {"small_val, SMALL_EPOCHS)\n### END": "small_val, 5)\n### END"},
        says="epochs, found 5",
    ),
    Right("e-remedy", "weight decay", DECAY),
    Right("e-remedy", "dropout", DROPOUT),
    Right(
        "e-remedy",
        "early stopping with patience",
        {
            COPY: COPY + PATIENCE,
        },
    ),
    Wrong("e-remedy", "weights not copied", {"w.clone()": "w"}, says="clone"),
    Wrong(
        "e-remedy",
        "nothing done",
        {"    model.load_state_dict(best_weights)\n": ""},
        says="no regularisation recognised",
    ),
    Wrong(
        "e-remedy",
        "dropout on for predictions",
        DROPOUT.replace("return model.eval()", "return model.train()"),
        says="eval mode",
    ),
    Wrong(
        "e-remedy",
        "dropout on for the validation loss",
        DROPOUT.replace("        model.eval()\n", ""),
        says="eval",
    ),
    Wrong(
        "e-remedy",
        "far too much weight decay",
        DECAY.replace("weight_decay=0.1", "weight_decay=30.0"),
        says="another strength",
    ),
]
