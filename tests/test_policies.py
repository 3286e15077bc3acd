"""Dtype policies: every name that Keras knows, and none else."""

from __future__ import annotations

import pytest

from seqshape.answers import analyse
from seqshape.network import Network
from seqshape.policies import compute_dtype, is_dtype, is_policy, variable_dtype
from seqshape.readers.spec import read_spec

NAMES = [
    *(
        "float32",
        "float16",
        "bfloat16",
        "float64",
        "int",
        "int32",
        "uint8",
        "bool",
        "string",
        "complex64",
        "float8_e5m2",
    ),
    *(
        "mixed_float16",
        "mixed_bfloat16",
        "mixed_float32",
        "float",
        "half",
        "FLOAT32",
        "foo",
        "",
        "int8",
        "_from_float32",
    ),
    *("int8_from_float32", "int8_from_float16", "int8_from_mixed_float16", "int8_from_mixed_bfloat16", "int8_from_int"),
    *("int8x_from_float32", "int8_from_float32_from_float32", "int8_from_int8", "int4_from_float16"),
    *(f"int4/{group}_from_float32" for group in ("128", "-1", "0", "-2", "x", "1/2")),
    *("float8_from_float32", "float8_from_mixed_float16"),
    *(f"gptq/{part}_from_float32" for part in ("4/128", "2/-1", "5/128", "4", "4/0", "4/x")),
    *("awq/4/128_from_float32", "awq/8/128_from_float32"),
]


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_the_policies_are_those_of_keras(name: str) -> None:
    from tests.oracle import keras_oracle

    keras = keras_oracle.keras
    try:
        policy = keras.dtype_policies.get(name)
    except ValueError:
        assert not is_policy(name)
        return
    assert is_policy(name)
    assert (compute_dtype(name), variable_dtype(name)) == (policy.compute_dtype, policy.variable_dtype)


@pytest.mark.parametrize("dtype", ["2.5", "3", "True", "(1,)", "'float'", "'int8'"])
def test_what_is_no_policy_is_refused(dtype: str) -> None:
    (found,) = Network(read_spec(f"Input(4) > Dense(2, dtype={dtype})")).diagnostics
    assert found.code == "E104"
    assert "dtype of Dense has to be the name of a dtype or a policy" in found.message


def test_an_operation_takes_dtypes() -> None:
    assert is_dtype("int")
    assert not is_dtype("mixed_float16")
    assert not is_dtype(3)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "float64", "mixed_float16"])
def test_every_weight_of_a_layer_has_its_dtype(policy: str) -> None:
    """Also those of the layers that it makes inside itself."""
    network = analyse(f"x = Input(5,4); (x, x) > MultiHeadAttention(2, 3, dtype='{policy}')")
    found = {weight.dtype for row in network.summary().layers for weight in row.weights}
    assert found == {variable_dtype(policy)}
