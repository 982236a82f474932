# SPDX-License-Identifier: Apache-2.0
"""Nothing of the interface is left out: read from the Python functions, so a new option fails here first."""

import enum
import inspect
import re
from functools import lru_cache
from itertools import combinations

import hipinfer
import pytest

from golden.arrays import Array
from golden.cases import load as load_cases
from golden.definitions import load as load_definitions
from golden.runner import define

DEFINITIONS = load_definitions()
CASES = load_cases()
# Of an annotation: the enumeration that a number may be of.
ENUMERATION = re.compile("|".join(n for n, v in vars(hipinfer).items() if isinstance(v, type) and issubclass(v, enum.IntEnum)))
OPERATIONS = sorted(set(DEFINITIONS) & set(hipinfer.operations()))

# Arguments that are given together or not at all, and two of which exactly one is given.
TOGETHER = {"rope": ["k k_out"], "qk_norm_rope": ["k k_out k_weight"], "rope_append_kv": ["kv_indices kv_indptr kv_last_page_len"],
            "paged_attention_prefill": ["custom_mask mask_indptr", "kv_indices kv_last_page_len"],
            "rope_quantize_fp8": ["q_nope q_nope_out", "k_nope k_nope_out"], "rope_theta": ["k k_out", "positions indptr offsets"],
            "grouped_top_k": ["groups top_groups"]}


def parameters(op):
    """What a caller may choose: name to annotation, default and the text about it."""
    function = getattr(hipinfer, op)
    texts = dict(re.findall(r"^ {8}(\w+): (.*?)(?=^ {8}\w|^$|^ {4}\w)", function.__doc__, re.S | re.M))
    return {name: (str(p.annotation), p.default, " ".join(texts.get(name, "").split()))
            for name, p in inspect.signature(function).parameters.items() if name not in ("stream", "context", "workspace")}


@lru_cache(None)
def calls(op):
    return [case.build() for case in CASES if case.op == op]


@pytest.mark.parametrize("op", hipinfer.operations())
def test_every_operation_has_a_definition(op):
    """Another person than the reference's author writes it, so a new operation may wait for one: the closing lines say so."""
    if op not in DEFINITIONS:
        pytest.skip(f"{op}: nobody has written its definition yet")


def test_definitions_and_cases_are_of_operations():
    assert set(DEFINITIONS) <= set(hipinfer.operations())
    assert {case.op for case in CASES} == set(DEFINITIONS)


def test_names_of_cases_are_unique():
    names = [(case.op, case.name) for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_argument_is_varied(op):
    for name, (annotation, default, _) in parameters(op).items():
        values = [call.get(name, default) for call in calls(op)]
        if "TensorLike" in annotation:
            present = {isinstance(v, Array) for v in values}
            assert present == ({True, False} if "Optional" in annotation else {True}), f"{name}: present in {present}"
        elif enumeration := ENUMERATION.search(annotation):
            assert {str(v).upper() for v in values} == set(getattr(hipinfer, enumeration[0]).__members__), name
        elif annotation == "bool":
            assert {bool(v) for v in values} == {False, True}, name
        else:
            assert annotation in ("int", "float"), f"{name}: {annotation} is a kind of argument that this test does not know"
            assert len(set(map(repr, values))) > 1, f"{name} is always {values[0]}"
            assert default is inspect.Parameter.empty or any(v != default for v in values), f"{name} is always its default"


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_pair_of_options_meets(op):
    """Presence of optional tensors, flags, enumerations, and numbers as default or not."""
    columns = {}
    for name, (annotation, default, _) in parameters(op).items():
        values = [call.get(name, default) for call in calls(op)]
        if "Optional[" in annotation and "TensorLike" in annotation:
            columns[name] = [isinstance(v, Array) for v in values]
        elif annotation in ("int", "float") and default is not inspect.Parameter.empty:
            columns[name] = [v == default for v in values]
        elif "TensorLike" not in annotation:
            columns[name] = [repr(v) for v in values]
    together = [set(group.split()) for group in TOGETHER.get(op, [])]
    for a, b in combinations(columns, 2):
        if any({a, b} <= group for group in together):
            continue
        met = set(zip(columns[a], columns[b]))
        missing = {(x, y) for x in set(columns[a]) for y in set(columns[b])} - met
        assert not missing, f"{a} and {b} never meet as {missing}"


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_dtype_and_rank_is_used(op):
    for name, (annotation, _, text) in parameters(op).items():
        if "TensorLike" not in annotation:
            continue
        arrays = [call[name] for call in calls(op) if isinstance(call.get(name), Array)]
        listed = re.search(r"dtype ([\w, ]+);", text).group(1)
        dtypes = set(re.findall(r"\b(f32|f16|bf16|e4m3fnuz|e4m3fn|e5m2fnuz|e5m2|i8|u8|i32|i64|bool)\b", listed))
        used = {a.dtype for a in arrays}
        if "that of data" in listed:
            assert dtypes <= used and {"f16", "bf16"} <= used, f"{name}: {used} of data, {dtypes}"
        else:
            assert dtypes == used, f"{name}: {used} of {dtypes}"
        shapes = re.findall(r"\[([^\]]*)\]", text.split(", dtype")[0])
        ranks = {len(shape.split(",")) for shape in shapes}
        if "any shape of one element" in text:
            ranks.add(1)  # the others are in tests/python/test_one_number.py
        elif not ranks:
            ranks = {1, 2, 3}
        assert ranks <= {len(a.shape) for a in arrays}, f"{name}: ranks {ranks}"


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_tensor_has_strides_of_its_own(op):
    """Each tensor of two dimensions or more is seen with strides that are not those of a compact one, and each two of one
    shape with strides that differ."""
    differ, same_shape = set(), set()
    loose = set()
    for call in calls(op):
        arrays = {name: a for name, a in call.items() if isinstance(a, Array) and len(a.shape) > 1 and 0 not in a.shape}
        for name, a in arrays.items():
            compact, running = [], 1
            for n in reversed(a.shape):
                compact.insert(0, running)
                running *= n
            loose |= {name} if any(s != c for n, s, c in zip(a.shape, a.strides, compact) if n > 1) else set()
        for a, b in combinations(arrays, 2):
            if arrays[a].shape == arrays[b].shape:
                same_shape.add((a, b))
                if arrays[a].strides != arrays[b].strides:
                    differ.add((a, b))
    many = {name for call in calls(op) for name, a in call.items() if isinstance(a, Array) and len(a.shape) > 1}
    assert loose == many, f"always compact: {many - loose}"
    assert differ == same_shape, f"always of the same strides: {same_shape - differ}"


def test_samples_are_seldom_left_open():
    """Where fp32 cannot tell two tokens apart the definition allows both. That is rare, or it would prove little."""
    drawn = open_ = 0
    op = "top_k_top_p_sampling_from_logits"
    for call in calls(op):
        choices = define(DEFINITIONS[op], call, {})["output"].choices
        drawn += len(choices)
        open_ += sum(len(c) > 1 for c in choices)
    assert drawn > 1000 and open_ < drawn / 200, f"{open_} of {drawn}"
