# SPDX-License-Identifier: Apache-2.0
"""What is generated for the library's own operations, through the Python package and the built library."""

import inspect

import pytest
import sample

hipinfer = pytest.importorskip("hipinfer", reason="needs bindings/python on PYTHONPATH and HIPINFER_LIBRARY")

# Arguments that may not all be given together, or that extents of 8 do not suit.
NOT_ZEROS = {
    "append_paged_kv_cache": {"k_scale": None, "v_scale": None},
    "gemm_grouped_scaled": {"input_scale": None, "weight_scale": None},
    "gemm_scaled": {"input_scale": None, "weight_scale": None},
    "quantize_per_group": {"group_size": 1},
    "rope_append_kv": {"k_scale": None, "v_scale": None},
    "rope_theta": {"indptr": None, "offsets": None},
}
OPERATIONS = sorted((op for f in sample.read.read_all() for op in f.ops), key=lambda op: op.name)


@pytest.fixture(scope="module")
def cpu():
    return hipinfer.Context("cpu")


def test_the_package_has_the_folders_operations():
    assert sorted(hipinfer.operations()) == [op.name for op in OPERATIONS]


# What torch's functions make themselves is part of their signatures: a shape that the inputs no longer tell would change them.
ASKED_FOR = {"get_batch_indices_positions", "grouped_top_k", "quantize_per_group", "rope_cos_sin_cache", "top_k",
             "top_k_page_table_transform", "top_k_ragged_transform"}


def test_functions_of_torch_make_their_outputs():
    outputs = [(op, a) for op in OPERATIONS for a in op.args if a.kind == "out" and not a.optional]
    asked = {op.name for op, a in outputs if not sample.python_torch.shape_of(op, a)[1]}
    assert asked == ASKED_FOR


def test_committed_files_are_what_is_generated():
    for name, text in sample.generate.committed(OPERATIONS).items():
        assert (sample.ROOT / name).read_text() == text, f"{name} is stale: run src/gen/generate.py"


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_every_operation_runs_on_the_cpu(op, cpu):
    """With every extent 8 and zeros everywhere each operation is well defined; the function has its family's order."""
    function = getattr(hipinfer, op.name)
    names = list(inspect.signature(function).parameters)
    assert names[:len(op.args)] == [a.name for a in op.args]
    assert set(names[len(op.args):]) == {o.name for o in op.options} | {"stream", "context"} | (
        {"workspace"} if op.workspace else set())
    assert op.summary.split()[0] in function.__doc__

    values = []
    for a in op.args:
        if a.name in NOT_ZEROS.get(op.name, {}):
            values.append(NOT_ZEROS[op.name][a.name])
        elif a.is_tensor:
            variable = next(v for v in op.variables if v.name == a.dtype)
            base = next((v for v in op.variables if v.name == variable.same_as), variable)
            shape = [d.offset + d.multiple * 8 for d in a.shapes[0]] if a.shapes else [8, 8]
            values.append(hipinfer.zeros(shape, (base.allowed + variable.allowed)[0], cpu))
        else:
            values.append(a.default if a.default is not None else max(a.min or 0, 1) if a.kind not in ("bool", "enum") else 0)
    function(*values, context=cpu)
    assert hipinfer.last_kernel() == f"{op.name}/cpu"
    if op.workspace:
        size = getattr(hipinfer, f"{op.name}_workspace_bytes")(*values, context=cpu)
        assert isinstance(size, int) and size >= 0

    with pytest.raises(hipinfer.HipinferError, match=f"{op.name}: "):
        bad = list(values)
        at = next(i for i, a in enumerate(op.args) if a.is_tensor and not a.optional)
        bad[at] = None
        function(*bad, context=cpu)
