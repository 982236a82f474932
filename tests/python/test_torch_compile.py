# SPDX-License-Identifier: Apache-2.0
"""The operations where torch looks at a call before it is made: compiled whole, exported, on fake and meta tensors."""

import inspect

import pytest

torch = pytest.importorskip("torch")
import hipinfer  # noqa: E402 (torch has been looked for first)
import hipinfer.flashinfer as flashinfer  # noqa: E402
import hipinfer.torch as ops  # noqa: E402
from hipinfer import _custom  # noqa: E402
from torch._subclasses import FakeTensorMode  # noqa: E402

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


@pytest.fixture(params=DEVICES)
def device(request):
    torch.manual_seed(0)
    torch._dynamo.reset()
    return request.param


def compiled(function, **words):
    """Every call in one graph; AOTAutograd and its functionalisation, without a C++ compiler's or Triton's work."""
    return torch.compile(function, fullgraph=True, backend=words.pop("backend", "aot_eager"), **words)


def layer(x, residual, weight, gate_up, down, cache, positions):
    """Some operations in a row: outputs that are made, tensors that are changed, views, and torch's own between them."""
    ops.fused_add_rmsnorm(x, residual, weight)
    h = ops.gemm(x, gate_up)
    h = ops.silu_and_mul(h) * 2
    q = ops.gemm(h, down).view(x.shape[0], 2, -1)
    return ops.rope(q, q.clone(), cache, positions), h.sum()


def arguments(device):
    shapes = (6, 32), (6, 32), (32,), (128, 32), (32, 64), (64, 16)
    return [*(torch.randn(*shape, device=device) for shape in shapes), torch.arange(6, device=device, dtype=torch.int32)]


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_layer_in_one_graph(device, dynamic):
    given = arguments(device)
    one, other = ([t.clone() for t in given] for _ in range(2))
    want = layer(*one)
    have = compiled(layer, dynamic=dynamic)(*other)
    for a, b in zip([*torch.utils._pytree.tree_leaves(want), *one], [*torch.utils._pytree.tree_leaves(have), *other]):
        torch.testing.assert_close(b, a, rtol=0, atol=0)
    assert not torch.equal(other[1], given[1])  # the residual was changed


def test_inductor(device):
    """The compiler that torch uses unasked, with the operators between its own kernels."""
    given = arguments(device)
    one, other = ([t.clone() for t in given] for _ in range(2))
    try:
        have = compiled(layer, backend="inductor")(*other)
    except torch._dynamo.exc.BackendCompilerFailed as e:
        if device != "cpu":  # for that it wants a C++ compiler
            raise
        pytest.skip(f"torch's compiler does not work here: {e}")
    want = layer(*one)
    torch.testing.assert_close(have[0], want[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(other[1], one[1], rtol=0, atol=0)


def test_settings_and_tensors_among_options(device):
    logits = torch.randn(4, 100, device=device)
    penalised = compiled(lambda x: ops.apply_penalties(x, counts=torch.ones(4, 100, dtype=torch.int32, device=x.device), presence=0.5))
    torch.testing.assert_close(penalised(logits), logits - 0.5)
    largest = 2**64 - 1  # a seed that no signed integer of 64 bits holds
    draw = compiled(lambda x: ops.sampling_from_logits(x, temperature=0.7, seed=largest, offset=3))
    assert torch.equal(draw(logits), ops.sampling_from_logits(logits, temperature=0.7, seed=largest, offset=3))
    gemm = compiled(lambda a, b: ops.gemm(a, b, activation="silu"))
    a, b = torch.randn(3, 16, device=device), torch.randn(5, 16, device=device)
    torch.testing.assert_close(gemm(a, b), ops.gemm(a, b, activation="silu"), rtol=0, atol=0)


def test_attention_of_a_wrapper(device):
    """plan before, run in the graph."""
    wrapper = flashinfer.BatchDecodeWithPagedKVCacheWrapper(torch.empty(1 << 20, dtype=torch.uint8, device=device))
    table = [torch.tensor(t, dtype=torch.int32, device=device) for t in ([0, 2, 3], [0, 1, 2], [3, 4])]
    wrapper.plan(*table, 4, 2, 64, 4, q_data_type=torch.float32)
    q, cache = torch.randn(2, 4, 64, device=device), torch.randn(3, 2, 4, 2, 64, device=device)
    want = wrapper.run(q, cache)
    torch.testing.assert_close(compiled(lambda q, c: wrapper.run(q, c) + 1)(q, cache), want + 1, rtol=0, atol=0)


def test_names_of_flashinfer(device):
    x, w = torch.randn(3, 64, device=device), torch.randn(64, device=device)
    probs = torch.rand(3, 64, device=device)
    for function, given in ((flashinfer.rmsnorm, (x, w)), (flashinfer.silu_and_mul, (x,)), (flashinfer.top_k_renorm_probs, (probs, 5)),
                            (flashinfer.top_p_renorm_probs, (probs, 0.5)), (flashinfer.top_k_mask_logits, (x, 5))):
        torch.testing.assert_close(compiled(function)(*given), function(*given), rtol=0, atol=0)


def test_export(device):
    class Norm(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.randn(32, device=device), requires_grad=False)

        def forward(self, x):
            return ops.rmsnorm(x, self.weight)

    norm, x = Norm(), torch.randn(5, 32, device=device)
    with torch.no_grad():
        exported = torch.export.export(norm, (x,))
        assert "hipinfer.rmsnorm" in exported.graph_module.code
        torch.testing.assert_close(exported.module()(x), norm(x), rtol=0, atol=0)


def test_tensors_without_memory():
    x = torch.empty(4, 32, device="meta")
    y = ops.rmsnorm(x, torch.empty(32, device="meta"))
    assert y.is_meta and y.shape == x.shape
    with FakeTensorMode() as mode:
        a, b = torch.empty(4, 32, dtype=torch.bfloat16), torch.empty(8, 32, dtype=torch.bfloat16)
        y = ops.gemm(a, b)
        assert isinstance(y, torch._subclasses.FakeTensor) and y.shape == (4, 8) and y.fake_mode is mode
        assert flashinfer.top_k_renorm_probs(torch.empty(3, 9), 2).shape == (3, 9)


def test_gradients_are_refused(device):
    x, w = torch.randn(3, 16, device=device), torch.ones(16, device=device, requires_grad=True)
    with pytest.raises(Exception, match="requires a gradient"):
        compiled(lambda x: ops.rmsnorm(x, w))(x)
    with pytest.raises(RuntimeError, match="rmsnorm: a tensor requires a gradient.*torch.no_grad"):
        torch.ops.hipinfer.rmsnorm(torch.empty_like(x), x, w, 1e-6)
    with torch.no_grad():
        torch.testing.assert_close(compiled(lambda x: ops.rmsnorm(x, w))(x), ops.rmsnorm(x, w), rtol=0, atol=0)


def test_what_a_graph_cannot_hold_is_refused(device):
    """Unless the call may stand between two graphs."""
    x, w = torch.randn(3, 16, device=device), torch.ones(16, device=device)
    context = hipinfer.Context(device, batch_invariant=True)
    norm = lambda x: ops.rmsnorm(x * 2, w, context=context) * 2  # noqa: E731
    with pytest.raises(torch._dynamo.exc.Unsupported):
        compiled(norm)(x)
    torch.testing.assert_close(torch.compile(norm, backend="aot_eager")(x), norm(x), rtol=0, atol=0)


def test_a_call_while_another_thread_traces(device, monkeypatch):
    """The flag that says that torch traces is the process's."""
    x, w = torch.randn(3, 16, device=device), torch.ones(16, device=device)
    want = ops.rmsnorm(x, w)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    monkeypatch.setattr(hipinfer._call, "tracing", hipinfer._call.tracing._replace(active=lambda: True))
    torch.testing.assert_close(ops.rmsnorm(x, w), want, rtol=0, atol=0)


@pytest.mark.parametrize("name", sorted(hipinfer.operations()))
def test_every_operation_is_an_operator(name):
    """With the arguments of hipinfer's function and its options, in their order; what is written says so."""
    schema = getattr(torch.ops.hipinfer, name).default._schema
    function = inspect.signature(getattr(hipinfer, name))
    names = [n for n in function.parameters if n not in ("stream", "context")]
    assert sorted(a.name for a in schema.arguments) == sorted(names)
    assert not schema.returns and schema.is_mutable
    operation = getattr(hipinfer.ops, f"_{name}")
    written = {operation.arguments[i] for i, is_written in operation.tensors if is_written} | {"workspace"} & set(names)
    assert {a.name for a in schema.arguments if a.alias_info is not None and a.alias_info.is_write} == written


def test_torchs_own_checks_of_an_operator(device):
    x, w = torch.randn(3, 16, device=device), torch.ones(16, device=device)
    torch.library.opcheck(torch.ops.hipinfer.rmsnorm.default, (torch.empty_like(x), x, w, 1e-6),
                          test_utils=("test_schema", "test_faketensor", "test_aot_dispatch_dynamic"))
    meta = torch.empty(3, 16, device="meta")
    assert _custom.fake([meta, None]) and not _custom.fake([meta, x, None]) and not _custom.fake([None])
    with pytest.raises(TypeError, match="rmsnorm: input: a torch tensor on meta"):  # and not a call that does nothing
        ops.rmsnorm(meta, w, output=torch.empty_like(x))
