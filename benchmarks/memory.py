"""The estimates of memory beside what JAX and PyTorch say of the same networks, through Keras, where they are installed.

JAX compiles a step of training (and a run) and tells how many bytes it needs: arguments, results, what is in the air,
less what is overwritten in place. Of PyTorch the tensors that it saves for the backward pass are added up, each storage
once, the weights left out. Nothing is trained.
"""

from __future__ import annotations

from benchmarks.children import Python

BATCH = 64
MODELS = {
    "MLP": ("Dense(512,relu)>Dense(512,relu)>Dense(10)", "784"),
    "CNN": (
        "Conv2D(32,3,relu,same)>Conv2D(32,3,relu,same)>MP2D(2)>Conv2D(64,3,relu,same)>MP2D(2)>Flatten>Dense(128,relu)>Dense(10)",
        "32,32,3",
    ),
    "LSTM stack": ("LSTM(64,seq)>LSTM(64,seq)>TD(Dense(1))", "100,16"),
    "Transformer block": (
        "x = Input(128,128); a = (x,x) > MHA(4,32); y = (x,a) > Add > LN; f = y > Dense(512,gelu) > Dense(128); (y,f) > Add > LN",
        None,
    ),
    "1-D U-Net": (
        "x = Input(256,8); a = x > Conv1D(16,5,relu,same); b = a > MP1D(2) > Conv1D(32,5,relu,same);"
        " c = b > MP1D(2) > Conv1D(64,5,relu,same); d = (c > UpSampling1D(2), b) > Concat > Conv1D(32,5,relu,same);"
        " (d > UpSampling1D(2), a) > Concat > Conv1D(16,5,relu,same) > Conv1D(1,1)",
        None,
    ),
}
START = """
import json, os, sys
os.environ["KERAS_BACKEND"] = sys.argv[1]
import keras, numpy as np, seqshape
models, batch = json.loads(sys.argv[2]), int(sys.argv[3])
def built(spec, shape):
    config = seqshape.convert(spec, "keras-json", shape)
    model = keras.models.model_from_json(config)
    x = np.zeros((batch, *model.inputs[0].shape[1:]), "float32")
    return model, x, np.zeros((batch, *model.outputs[0].shape[1:]), "float32")
found = {}
"""
JAX = (
    START
    + """
import jax
def total(compiled):
    said = compiled.memory_analysis()
    return said.argument_size_in_bytes + said.output_size_in_bytes + said.temp_size_in_bytes - said.alias_size_in_bytes
for name, (spec, shape) in models.items():
    model, x, y = built(spec, shape)
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    trained, others, state = (
        [v.value for v in listed] for listed in (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
    )
    def loss(trained, others, x, y):
        out, others = model.stateless_call(trained, others, x, training=True)
        return keras.ops.mean(keras.ops.square(out - y)), others
    def step(trained, others, state, x, y):
        (value, others), gradients = jax.value_and_grad(loss, has_aux=True)(trained, others, x, y)
        trained, state = optimizer.stateless_apply(state, gradients, trained)
        return value, trained, others, state
    run = jax.jit(lambda trained, others, x: model.stateless_call(trained, others, x)[0])
    training = jax.jit(step, donate_argnums=(0, 1, 2)).lower(trained, others, state, x, y).compile()
    found[name] = [total(run.lower(trained, others, x).compile()), total(training)]
print(json.dumps(found))
"""
)
TORCH = (
    START
    + """
import torch
for name, (spec, shape) in models.items():
    model, x, y = built(spec, shape)
    weights = {v.value.untyped_storage().data_ptr() for v in model.variables}
    saved = {}
    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes(), tensor
        return tensor
    given = torch.tensor(x)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        out = model(given, training=True)
    saved.pop(given.untyped_storage().data_ptr(), None)
    found[name] = sum(size for size, _ in saved.values())
print(json.dumps(found))
"""
)


def estimates() -> dict[str, tuple[int, int, int]]:
    """For each model the estimated bytes of a run, of a step of training with Adam, and of what backward reads."""
    import seqshape

    found = {}
    for name, (spec, shape) in MODELS.items():
        memory = seqshape.memory(spec, shape, batch=BATCH, optimizer="adam")
        kept = next(term.bytes for term in memory.training.terms if term.name == "activations")
        sizes = (memory.inference.bytes, memory.training.bytes, kept)
        found[name] = tuple(size for size in sizes if isinstance(size, int))
    return found  # type: ignore[return-value]


def table(python: Python) -> str:
    """For each model the estimates, what was measured, and how many times the one is the other, in Markdown."""
    import json

    words = json.dumps(MODELS), str(BATCH)
    said = {name: python.says(code, name, *words) for name, code in (("jax", JAX), ("torch", TORCH))}
    rows = [
        ["model", "run", "JAX", "ratio", "step with Adam", "JAX", "ratio", "kept for backward", "PyTorch", "ratio"],
        [":--", *["--:"] * 9],
    ]
    for model, (inference, training, kept) in estimates().items():
        cells = [model]
        for backend, estimate, place in (("jax", inference, 0), ("jax", training, 1), ("torch", kept, None)):
            told = said[backend]
            if told is None:
                cells += [_mega(estimate), "not installed", "–"]
                continue
            measured = told[model] if place is None else told[model][place]
            cells += [_mega(estimate), _mega(measured), f"{estimate / measured:.2f}"]
        rows.append(cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _mega(size: float) -> str:
    """Bytes in megabytes."""
    return f"{size / 1e6:.2f} MB"
