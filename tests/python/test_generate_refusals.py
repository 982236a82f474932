# SPDX-License-Identifier: Apache-2.0
"""examples/generate: what cannot be served is refused with every reason, before anything is loaded."""

import json
import os
import struct
from pathlib import Path

import pytest
from checkpoints import LLAMA3, config_of, random_weights, save, save_safetensors
from conftest import ROOT

pytest.importorskip("tokenizers")
from config import check_context, read_config  # noqa: E402
from engine import Checkpoint, Engine  # noqa: E402
from fields import FIELDS, Refused  # noqa: E402

TINY = ROOT / "examples/tiny-model"
PROMPT = list(range(2, 30))
WHOLE = "expected a whole number from 1 to 2147483647"


def config_from(tmp_path, raw, drop=()):
    """read_config of a Llama config with changes: an object, or text to put in place of the last brace."""
    base = {k: v for k, v in config_of("llama", eos_token_id=1).items() if k not in drop}
    text = json.dumps({**base, **raw} if isinstance(raw, dict) else base)
    (tmp_path / "config.json").write_text(text if isinstance(raw, dict) else text[:-1] + ", " + raw + "}")
    return read_config(tmp_path)


@pytest.mark.parametrize("changes, reason", [
    (dict(model_type="mixtral"), 'model_type is "mixtral", expected one of llama, mistral, qwen2, qwen3'),
    (dict(model_type=None), "model_type is null"),
    (dict(model_type=["llama"]), "model_type is a list"),
    (dict(num_local_experts=8), "num_local_experts is 8: mixtures of experts are not served"),
    (dict(num_experts="8"), 'num_experts is "8", expected a whole number from 0 to 2147483647 or null'),
    (dict(quantization_config={"quant_method": "awq"}), 'quantization_config, quant_method "awq": quantised'),
    (dict(quantization_config="fp8"), 'quantization_config is "fp8", expected an object or null'),
    (dict(head_dim=20), "head_dim is 20, expected a multiple of 8 from 8 to 256 or null"),
    (dict(head_dim=264), "head_dim is 264"),
    (dict(hidden_size=20), "head_dim (hidden_size / num_attention_heads) is 5, expected a multiple of 8"),
    (dict(num_attention_heads=64), "head_dim (hidden_size / num_attention_heads) is 0"),
    (dict(num_key_value_heads=3), "4 attention heads are no multiple of 3"),
    (dict(hidden_act="gelu"), 'hidden_act is "gelu", expected "silu"'),
    (dict(torch_dtype="float8_e4m3fn"), 'torch_dtype is "float8_e4m3fn", expected one of float32, float16, bfloat16'),
    (dict(dtype=["bfloat16"]), "dtype is a list"),
    (dict(layer_types=["full_attention", "linear_attention"]), 'layer_types[1] is "linear_attention", expected one of'),
    (dict(layer_types=[["full_attention"]]), "layer_types[0] is a list"),
    (dict(layer_types=2), "layer_types is 2, expected a list or null"),
    (dict(layer_types=["full_attention"]), "layer_types has 1 entries, expected 2 (num_hidden_layers)"),
    (dict(hidden_size=None), f"hidden_size is null, {WHOLE}"),
    (dict(vocab_size=True), f"vocab_size is true, {WHOLE}"),
    (dict(vocab_size=96.0), f"vocab_size is 96.0, {WHOLE}"),
    (dict(vocab_size="96"), f'vocab_size is "96", {WHOLE}'),
    (dict(vocab_size=10**30), f"vocab_size is 1e30, {WHOLE}"),
    (dict(num_hidden_layers=10**9), "num_hidden_layers is 1000000000, expected a whole number from 1 to 4096"),
    (dict(max_position_embeddings=-1), f"max_position_embeddings is -1, {WHOLE}"),
    (dict(attention_bias="false"), 'attention_bias is "false", expected true or false'),
    (dict(tie_word_embeddings=1), "tie_word_embeddings is 1, expected true or false"),
    (dict(rms_norm_eps=[1e-6]), "rms_norm_eps is a list, expected a number from 0 to 1"),
    (dict(rms_norm_eps=-1e-5), "rms_norm_eps is -1e-5"),
    (dict(rms_norm_eps=None), "rms_norm_eps is null"),
    (dict(eos_token_id="</s>"), 'eos_token_id is "</s>", expected a whole number from 0 to 2147483647 or a list of such or null'),
    (dict(eos_token_id=[1, [2]]), "eos_token_id[1] is a list, expected a whole number from 0 to 2147483647"),
    (dict(eos_token_id=-1), "eos_token_id is -1"),
    (dict(model_type="mistral", sliding_window="4096"), 'sliding_window is "4096"'),
    (dict(model_type="mistral", sliding_window=0), "sliding_window is 0"),
    (dict(model_type="mistral", sliding_window=False), "sliding_window is false"),
    (dict(hidden_act="x" * 100), f'hidden_act is "{"x" * 60}...", expected'),
    (dict(hidden_act="a\n\u2028\x7f"), 'hidden_act is "a\\n\u2028?", expected'),
    ('"vocab_size": NaN', "config.json is not JSON in UTF-8, of finite numbers, at most 127 levels deep"),
    ('"rope_theta": 1e999', "config.json is not JSON"),
    ('"rope_theta": -Infinity', "config.json is not JSON"),
    ('"vocab_size": ' + "9" * 400, "config.json is not JSON"),
    ('"vocab_size": ' + "9" * 5000, "config.json is not JSON"),
    ('"x": "\\ud800"', "config.json is not JSON"),
    ('"x": ' + "[" * 100_000 + "]" * 100_000, "config.json is not JSON"),
    ('"x": ' + "[" * 127 + "]" * 127, "config.json is not JSON"),
])
def test_refusals_of_the_config(changes, reason, tmp_path):
    with pytest.raises(Refused) as caught:
        config_from(tmp_path, changes)
    assert len(caught.value.reasons) == 1 and caught.value.reasons[0].startswith(reason), caught.value.reasons


def test_what_is_deep_and_not_too_deep_is_read(tmp_path):
    assert config_from(tmp_path, '"x": ' + "[" * 126 + "]" * 126).vocab_size == 96


@pytest.mark.parametrize("where", ["rope_scaling", "rope_parameters"])
@pytest.mark.parametrize("table, reason", [
    ({"rope_type": "yarn", "factor": 2.0}, '.rope_type is "yarn", expected one of default, linear, llama3 or null'),
    ({"rope_type": "llama3", "factor": 2.0}, ".high_freq_factor is missing, expected a number from 1e-6 to 1000000000"),
    ({"type": "linear", "factor": "2"}, '.factor is "2", expected a number from 1 to 1000000000'),
    ({"type": "linear", "factor": 0}, ".factor is 0, expected"),
    ({"type": 3}, ".type is 3, expected"),
    ({**LLAMA3, "original_max_position_embeddings": 8192.5}, ".original_max_position_embeddings is 8192.5, expected a whole"),
    ({"rope_theta": [1e4]}, ".rope_theta is a list, expected a number from 1 to 3.4e38 or null"),
    ({"full_attention": {"rope_theta": 1.0}}, " differs between layer types"),
    ([1, 2], " is a list, expected an object or null"),
    ("yarn", ' is "yarn", expected an object or null'),
])
def test_refusals_of_rope(where, table, reason, tmp_path):
    with pytest.raises(Refused) as caught:
        config_from(tmp_path, {where: table})
    assert caught.value.reasons[0].startswith(where + reason)


@pytest.mark.parametrize("changes, reason", [
    (dict(rope_theta=None), "rope_theta is null"),
    (dict(rope_theta="1e4"), 'rope_theta is "1e4", expected a number from 1 to 3.4e38 or null'),
    (dict(rope_theta=0.5), "rope_theta is 0.5"),
    (dict(partial_rotary_factor=0.5), "partial_rotary_factor is 0.5: RoPE on a part of the head is not served"),
    (dict(rope_parameters={"partial_rotary_factor": 0.5}), "partial_rotary_factor is 0.5: RoPE on a part"),
])
def test_refusals_of_theta(changes, reason, tmp_path):
    with pytest.raises(Refused) as caught:
        config_from(tmp_path, changes)
    assert caught.value.reasons[0].startswith(reason)


@pytest.mark.parametrize("changes, theta, kind", [
    (dict(rope_theta=5e5), 5e5, None),
    (dict(rope_theta=None, rope_parameters=dict(rope_theta=5e5)), 5e5, None),
    (dict(rope_theta=5e5, rope_parameters=dict(rope_type="default")), 5e5, None),
    (dict(rope_theta=7.0, rope_scaling=None, rope_parameters=dict(rope_theta=5e5, **LLAMA3)), 5e5, "llama3"),
    (dict(rope_theta=7.0, rope_scaling={}, rope_parameters=dict(rope_theta=5e5)), 5e5, None),
    # rope_scaling replaces rope_parameters, with what that has of theta.
    (dict(rope_theta=7.0, rope_scaling=LLAMA3, rope_parameters=dict(rope_theta=5e5, rope_type="default")), 7.0, "llama3"),
    (dict(rope_theta=7.0, rope_scaling=dict(type="default"), rope_parameters=dict(rope_theta=5e5, **LLAMA3)), 7.0, None),
])
def test_rope_is_read_as_transformers_5_does(changes, theta, kind, tmp_path):
    config = config_from(tmp_path, changes)
    assert (config.rope_theta, config.rope_scaling.get("kind")) == (theta, kind)


SIZES = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
         "max_position_embeddings", "rms_norm_eps", "hidden_act", "torch_dtype", "eos_token_id", "rope_theta", "tie_word_embeddings")


@pytest.mark.parametrize("family, sizes, window, eos", [
    ("llama", (32000, 4096, 11008, 32, 32, 32, 128, 2048), None, (2,)),
    ("mistral", (32000, 4096, 14336, 32, 32, 8, 128, 131072), 4096, (2,)),
    ("qwen2", (151936, 4096, 22016, 32, 32, 32, 128, 32768), None, ()),
    ("qwen3", (151936, 4096, 22016, 32, 32, 32, 128, 32768), None, ()),
])
def test_what_is_missing_has_transformers_defaults(family, sizes, window, eos, tmp_path):
    c = config_from(tmp_path, dict(model_type=family), drop=SIZES)
    assert (c.vocab_size, c.hidden_size, c.intermediate_size, c.layers, c.heads, c.kv_heads, c.head_dim, c.max_positions) == sizes
    assert (c.window, c.eos, c.rms_eps, c.rope_theta, c.tied, c.dtype) == (window, eos, 1e-6, 10000.0, False, "f32")
    null = config_from(tmp_path, dict(model_type=family, sliding_window=None, eos_token_id=None), drop=SIZES)
    assert (null.window, null.eos) == (None, ())


@pytest.mark.parametrize("changes, window", [
    (dict(), None),
    (dict(use_sliding_window=True), None),  # max_window_layers is 28
    (dict(use_sliding_window=True, max_window_layers=1), 4096),
    (dict(use_sliding_window=True, max_window_layers=2), None),
    (dict(use_sliding_window=True, layer_types=["full_attention"] * 2, max_window_layers=0), None),
    (dict(use_sliding_window=True, layer_types=["full_attention", "sliding_attention"]), 4096),
    (dict(use_sliding_window=False, layer_types=["full_attention", "sliding_attention"]), None),
])
def test_windows_of_qwen(changes, window, tmp_path):
    assert config_from(tmp_path, dict(model_type="qwen2", **changes)).window == window


@pytest.mark.parametrize("generation, eos", [
    ({}, (1,)), ({"eos_token_id": None}, (1,)), ({"eos_token_id": 5}, (5,)), ({"eos_token_id": [7, 8]}, (7, 8)),
    ({"eos_token_id": "x"}, 'generation_config.json: eos_token_id is "x", expected'), ([], "generation_config.json is a list"),
])
def test_end_tokens_of_the_generation_config(generation, eos, tmp_path):
    (tmp_path / "generation_config.json").write_text(json.dumps(generation))
    if isinstance(eos, tuple):
        assert config_from(tmp_path, {}).eos == eos
        return
    with pytest.raises(Refused) as caught:
        config_from(tmp_path, {})
    assert caught.value.reasons[0].startswith(eos)


def test_all_reasons_are_told_at_once(tmp_path):
    with pytest.raises(Refused) as caught:
        config_from(tmp_path, dict(hidden_act="relu", head_dim=20, vocab_size=None))
    assert [r.split(" is ")[0] for r in caught.value.reasons] == ["head_dim", "hidden_act", "vocab_size"]


@pytest.mark.parametrize("changes, reason", [
    (dict(attention_bias=True), r"self_attn\.o_proj\.bias is missing"),
    (dict(vocab_size=97), r"model\.embed_tokens\.weight has shape \[96, 32\], expected \[97, 32\]"),
    (dict(num_hidden_layers=1), "layers.1.*is not part of a llama model"),
    (dict(tie_word_embeddings=False), "lm_head.weight is missing"),
])
def test_tensors_are_those_of_the_config(changes, reason, tmp_path):
    folder = save(tmp_path / "m", config_of("llama", **changes), random_weights(config_of("llama")))
    with pytest.raises(Refused, match=reason):
        Checkpoint(folder)


# Files


@pytest.fixture
def folder(tmp_path):
    config = config_of("llama")
    return save(tmp_path / "m", config, random_weights(config), shards=2)


FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
INDEX = "model.safetensors.index.json"


def damage_bytes(change):
    """Changes the first shard: its header, parsed, and its data."""
    def damage(folder):
        raw = (folder / FIRST).read_bytes()
        length = struct.unpack("<Q", raw[:8])[0]
        header, data = change(json.loads(raw[8:8 + length]), raw[8 + length:])
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        (folder / FIRST).write_bytes(struct.pack("<Q", len(text)) + text + data)
    return damage


def damage_tensor(name="model.embed_tokens.weight", **changes):
    return damage_bytes(lambda header, data: ({**header, name: {**header[name], **changes}}, data))


def damage_index(change):
    def damage(folder):
        index = json.loads((folder / INDEX).read_text())
        (folder / INDEX).write_text(json.dumps(change(index)))
    return damage


def place(shard):
    return damage_index(lambda i: {"weight_map": {**i["weight_map"], "model.norm.weight": shard}})


def instead(name, make):
    def damage(folder):
        (folder / name).unlink()
        make(folder / name)
    return damage


KINDS = (os.mkfifo, Path.mkdir, lambda p: p.symlink_to("/dev/zero"), lambda p: p.symlink_to("/dev/null"))


@pytest.mark.parametrize("damage, reason", [
    (lambda f: (f / "config.json").unlink(), "it has no config.json"),
    (lambda f: (f / "config.json").write_text("{"), "config.json is not JSON"),
    (lambda f: (f / "config.json").write_bytes(b'{"a": "\xff"}'), "config.json is not JSON in UTF-8"),
    (lambda f: (f / "config.json").write_text("[]"), "config.json is a list, expected an object"),
    (lambda f: os.truncate(f / "config.json", 10**12), "config.json has 1000000000000 bytes, expected at most 100000000"),
    (lambda f: (f / "tokenizer.json").unlink(), "it has no tokenizer.json"),
    (lambda f: (f / "tokenizer.json").write_text("{}"), "tokenizer.json cannot be read: "),
    (lambda f: (f / SECOND).unlink(), f"it has no {SECOND}"),
    (lambda f: (f / INDEX).unlink(), "it has no model.safetensors"),
    (lambda f: os.truncate(f / FIRST, 7), f"{FIRST}: its header is cut off"),
    (lambda f: os.truncate(f / FIRST, 0), f"{FIRST}: its header is cut off"),
    (lambda f: (f / FIRST).write_bytes(b"\xff" * 64), f"{FIRST}: its header is cut off"),
    (lambda f: ((f / FIRST).write_bytes(struct.pack("<Q", 10**9)), os.truncate(f / FIRST, 10**10)),
     f"{FIRST}: its header has 1000000000 bytes, expected at most 100000000"),
    (damage_bytes(lambda h, d: (h, d[:-4])), f"{FIRST} has "),
    (damage_bytes(lambda h, d: (h, d + b"1234")), f"{FIRST} has "),
    (damage_bytes(lambda h, d: (b"[1]", d)), f"{FIRST}: its header is a list, expected an object"),
    (damage_bytes(lambda h, d: (b"{", d)), f"{FIRST}: its header is not JSON"),
    (damage_bytes(lambda h, d: ({**h, "x": [1]}, d)), f"{FIRST}: x is a list, expected an object"),
    (damage_bytes(lambda h, d: ({**h, "x": {}}, d)), f"{FIRST}: x: data_offsets is missing, expected a list of 2"),
    (damage_tensor(dtype="I32"), "model.embed_tokens.weight is of dtype I32, expected one of F32, F16, BF16"),
    (damage_tensor(dtype=3), f"{FIRST}: model.embed_tokens.weight: dtype is 3, expected text"),
    (damage_tensor(dtype="F16"), f"{FIRST}: model.embed_tokens.weight has 12288 bytes, which do not fit its shape [96, 32]"),
    (damage_tensor(shape=[96, "32"]), f'{FIRST}: model.embed_tokens.weight: shape[1] is "32", expected a whole number'),
    (damage_tensor(shape=[96, -32]), f"{FIRST}: model.embed_tokens.weight: shape[1] is -32"),
    (damage_tensor(shape=[2**62] * 9), f"{FIRST}: model.embed_tokens.weight has 12288 bytes, which do not fit"),
    (damage_tensor(data_offsets=[0]), f"{FIRST}: model.embed_tokens.weight: data_offsets is a list, expected a list of 2"),
    (damage_tensor(data_offsets=[0, 2**70]), f"{FIRST}: model.embed_tokens.weight: data_offsets[1] is 1.1805916207174113e21"),
    (damage_tensor(data_offsets=[4, 12292]), " overlaps its neighbour, or leaves a gap"),
    (damage_tensor(data_offsets=[12288, 0]), " overlaps its neighbour, or leaves a gap"),
    (damage_tensor(data_offsets=[0, 2**62]), f"{FIRST}: model.embed_tokens.weight has 4611686018427387904 bytes, which do not fit"),
    (lambda f: save_safetensors(f / FIRST, {}), f"model.embed_tokens.weight is not in {FIRST}, where the index puts it"),
    (damage_index(lambda i: {}), f"{INDEX}: weight_map is missing, expected an object"),
    (damage_index(lambda i: {"weight_map": ["x"]}), f"{INDEX}: weight_map is a list, expected an object"),
    (damage_index(lambda i: {"weight_map": {}}), "model.embed_tokens.weight is missing"),
    (place(3), f"{INDEX}: model.norm.weight is in 3, expected the name of a file in its folder"),
    (place(None), f"{INDEX}: model.norm.weight is in null"),
    (place("../" + FIRST), f'{INDEX}: model.norm.weight is in "../{FIRST}", expected the name'),
    (place("/etc/passwd"), f'{INDEX}: model.norm.weight is in "/etc/passwd", expected the name'),
    (place(".."), f'{INDEX}: model.norm.weight is in "..", expected the name'),
    (place("a\0b"), f'{INDEX}: model.norm.weight is in "a\\u0000b", expected the name'),
    (place("x" * 300), f"{'x' * 300} cannot be read: File name too long"),
    (place(FIRST), f"model.norm.weight is not in {FIRST}, where the index puts it"),
    *((instead(name, make), f"{name} is no regular file") for name in ("config.json", "tokenizer.json", FIRST, INDEX)
      for make in KINDS),
    (instead("config.json", lambda p: p.symlink_to(p)), "config.json cannot be read: Too many levels of symbolic links"),
    (instead(FIRST, lambda p: p.symlink_to("/proc/self/mem")), f"{FIRST}: its header is cut off"),
    (lambda f: (f / "generation_config.json").mkdir(), "generation_config.json is no regular file"),
])
def test_refusals_of_files(folder, damage, reason):
    assert (folder / FIRST).read_bytes().index(b"model.embed_tokens.weight") < 60  # the first tensor is what is damaged
    damage(folder)
    with pytest.raises(Refused) as caught:
        Checkpoint(folder)
    first = caught.value.reasons[0]
    assert first.startswith(reason) or (reason.startswith(" ") and reason in first), caught.value.reasons


def test_the_index_says_which_shard_holds_a_tensor(cpu, tmp_path):
    """Others may hold copies that are out of date, and tensors of no use."""
    config = config_of("llama")
    weights = random_weights(config)
    want = Engine(Checkpoint(save(tmp_path / "a", config, weights)), cpu, [PROMPT], 0).logits(0)
    folder = save(tmp_path / "b", config, weights, shards=3)
    where = json.loads((folder / INDEX).read_text())["weight_map"]
    for shard in sorted(set(where.values())):
        own = {n: w if where[n] == shard else 0 * w for n, w in weights.items()}
        save_safetensors(folder / shard, {**own, "mtp.fc.weight": weights["model.norm.weight"]})
    got = Engine(Checkpoint(folder), cpu, [PROMPT], 0).logits(0)
    assert (got == want).all()


def test_names_of_tensors_stay_in_their_line(folder):
    damage_bytes(lambda h, d: ({**h, "a\nb\x1b[1m": 1}, d))(folder)
    with pytest.raises(Refused, match=r"a\?b\?\[1m is 1, expected an object"):
        Checkpoint(folder)


def test_many_reasons_are_cut():
    assert Refused(Path("m"), [str(i) for i in range(9)]).reasons[-1] == "8"
    assert Refused(Path("m"), [str(i) for i in range(30)]).reasons[7:] == ["7", "... and 22 more"]


def test_every_field_is_of_one_kind():
    for section in FIELDS.values():
        for kind in section.values():
            assert next(iter(kind)) in ("whole", "number", "one_of", "flag", "text", "list", "object")
            assert set(list(kind)[1:]) <= {"step", "above", "length", "or_list", "null", "optional", "default", "defaults"}


# The context and the device


def test_refusals_of_the_context(tmp_path, cpu):
    for changes, reason in ((dict(max_position_embeddings=30), "the model has 30 positions"),
                            (dict(sliding_window=30), "sliding window is 30")):
        config = config_of("mistral", **changes)
        checkpoint = Checkpoint(save(tmp_path / reason[-2:] / "m", config, random_weights(config)))
        with pytest.raises(Refused, match=reason):
            Engine(checkpoint, cpu, [PROMPT], 3)
        check_context(Path("m"), checkpoint.config, 30)
    config = config_of("qwen2", use_sliding_window=True, sliding_window=16, max_window_layers=1)
    checkpoint = Checkpoint(save(tmp_path / "q", config, random_weights(config)))
    with pytest.raises(Refused, match="sliding window is 16"):
        Engine(checkpoint, cpu, [PROMPT], 3)


def test_a_model_larger_than_the_device_is_refused(tmp_path, cpu):
    class Small:
        on_cpu, memory_bytes, name, target, code_target = True, 1 << 10, "small", "cpu", ""
    config = config_of("llama")
    checkpoint = Checkpoint(save(tmp_path / "m", config, random_weights(config)))
    with pytest.raises(Refused, match="exceed small's 0 MiB"):
        Engine(checkpoint, Small(), [PROMPT], 3)
