#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train the tiny Llama checkpoint that lies beside this script.

The model is an ordinary Llama-architecture causal language model of 2.8 million
parameters. It learns three synthetic tasks whose answers anyone can check:

    347+589=        ->  936          addition, 1 to 4 digits an operand
    sort:83142=     ->  12348        digits before letters, 1 to 10 characters
    reverse:abcde=  ->  edcba        1 to 10 characters

Training needs PyTorch (written against 2.11) and safetensors alone. `--transformers`
checks, after training or evaluation, that Hugging Face transformers reads the
checkpoint and gives the same answers.

Examples:
    python3 train.py --minutes 6                 # train, save here, evaluate
    python3 train.py --steps 20 --no-compile --eval-rows 256 --out smoke   # a try
    python3 train.py --evaluate                  # measure the saved checkpoint
"""

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

# ---------------------------------------------------------------------------
# Vocabulary: one token a character
# ---------------------------------------------------------------------------

PAD, BOS, EOS, UNK = 0, 1, 2, 3
SPECIALS = ["<pad>", "<bos>", "<eos>", "<unk>"]
# Digits come before letters, in ASCII order, so that comparing token ids is
# comparing characters: the sort task relies on it.
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
TOKENS = SPECIALS + list(ALPHABET + "+=:")
TOKEN_ID = {token: i for i, token in enumerate(TOKENS)}
FIRST_CHAR = len(SPECIALS)  # the id of "0"


def encode(text):
    return [TOKEN_ID.get(c, UNK) for c in text]


def decode(ids):
    return "".join(TOKENS[i] if i < len(TOKENS) else "<unk>" for i in ids)


# ---------------------------------------------------------------------------
# Tasks. Rows are made as whole tensors, on whichever device trains: a Python
# loop could not feed a model this small.
# ---------------------------------------------------------------------------

TASKS = ("addition", "sort", "reverse")
MAX_DIGITS = 4
MAX_STRING = 10
# <bos> "reverse:" ten characters "=" ten characters <eos> takes 31 tokens. One
# row of 33 gives 32 inputs and 32 targets, a power of two.
ROW = 33
MAX_ANSWER = MAX_STRING + 1  # with <eos>
HELD_OUT_ONE_IN = 16
DEMO = (347, 589)  # the sum that the documentation shows: never trained on


@dataclass
class Rows:
    tokens: torch.Tensor  # [n, ROW], right-padded
    prompt_len: torch.Tensor  # [n], <bos> counted
    total_len: torch.Tensor  # [n], <eos> counted
    held_out: torch.Tensor  # [n], bool: reserved for evaluation

    def __len__(self):
        return self.tokens.shape[0]

    def select(self, index):
        return Rows(
            self.tokens[index],
            self.prompt_len[index],
            self.total_len[index],
            self.held_out[index],
        )

    def to(self, device):
        return Rows(*(t.to(device) for t in vars(self).values()))

    @staticmethod
    def cat(parts):
        return Rows(*(torch.cat(ts) for ts in zip(*(vars(p).values() for p in parts))))


def hash_bits(key, salt):
    """The finalizer of splitmix64, in int64 arithmetic, which wraps."""

    def shifted(x, bits):  # a logical shift: torch's own keeps the sign
        return (x >> bits) & ((1 << (64 - bits)) - 1)

    x = key + salt * 0x1E3779B97F4A7C15
    x = (x ^ shifted(x, 30)) * -0x40A7B892E31B1A47
    x = (x ^ shifted(x, 27)) * -0x6B2FB644ECCEEE15
    return x ^ shifted(x, 31)


def is_held_out(key, salt):
    return hash_bits(key, salt) % HELD_OUT_ONE_IN == 0


def concat(pieces):
    """Join pieces of varying length, row by row, and pad on the right.

    A piece is (tokens [n, width], length [n]).
    """
    n, device = pieces[0][0].shape[0], pieces[0][0].device
    # The extra column takes what lies beyond a piece's length.
    out = torch.full((n, ROW + 1), PAD, dtype=torch.long, device=device)
    offset = torch.zeros(n, dtype=torch.long, device=device)
    for tokens, length in pieces:
        column = torch.arange(tokens.shape[1], device=device).expand_as(tokens)
        target = torch.where(column < length[:, None], offset[:, None] + column, ROW)
        out.scatter_(1, target, tokens)
        offset = offset + length
    return out[:, :ROW], offset


def literal(ids, n, device):
    tokens = torch.tensor(ids, device=device).expand(n, -1)
    return tokens, torch.full((n,), len(ids), device=device)


def finish(prompt, answer, held_out):
    n, device = len(held_out), held_out.device
    _, prompt_len = concat(prompt)
    tokens, total_len = concat(prompt + answer + [literal([EOS], n, device)])
    return Rows(tokens, prompt_len, total_len, held_out)


def digits(value):
    """The decimal digits of value, the most significant first."""
    powers = 10 ** torch.arange(MAX_DIGITS + 2, device=value.device)
    count = (value[:, None] >= powers[1:]).sum(1) + 1
    place = count[:, None] - 1 - torch.arange(MAX_DIGITS + 1, device=value.device)
    return value[:, None] // powers[place.clamp(min=0)] % 10 + FIRST_CHAR, count


def addition_from(a, b):
    n, device = len(a), a.device
    low, high = torch.minimum(a, b), torch.maximum(a, b)
    # a+b and b+a share one fate, or half of every held-out sum would be known
    # from its mirror. Sums of single digits are few and all trained on.
    held = is_held_out(low * 10**MAX_DIGITS + high, 1) & (high >= 10)
    held |= (low == min(DEMO)) & (high == max(DEMO))
    prompt = [
        literal([BOS], n, device),
        digits(a),
        literal(encode("+"), n, device),
        digits(b),
        literal(encode("="), n, device),
    ]
    return finish(prompt, [digits(a + b)], held)


def draw_operand(n, weights, gen):
    device = gen.device
    length = 1 + torch.multinomial(
        torch.tensor(weights, device=device), n, replacement=True, generator=gen
    )
    high = 10**length
    low = torch.where(length == 1, 0, high // 10)
    u = torch.rand(n, generator=gen, device=device, dtype=torch.float64)
    return low + (u * (high - low)).long(), high


def make_addition(n, gen, weights=(1.0, 1.0, 1.0, 1.0), carries=0.0):
    """weights: how often an operand has 1, 2, 3, 4 digits."""
    a, _ = draw_operand(n, weights, gen)
    b, limit = draw_operand(n, weights, gen)
    if carries > 0:
        # A carry travels through a run of digit pairs that add up to nine. Such
        # runs are rare by chance, and they are the hard part when the most
        # significant digit is written first: make them on purpose.
        places = 10 ** torch.arange(MAX_DIGITS, device=gen.device)
        nines = torch.rand(n, MAX_DIGITS, generator=gen, device=gen.device) < 0.7
        a_digit, b_digit = a[:, None] // places % 10, b[:, None] // places % 10
        chained = (torch.where(nines, 9 - a_digit, b_digit) * places).sum(1) % limit
        chosen = torch.rand(n, generator=gen, device=gen.device) < carries
        b = torch.where(chosen, chained, b)
    return addition_from(a, b)


def make_string_task(task, n, gen):
    device = gen.device
    length = torch.randint(1, MAX_STRING + 1, (n,), generator=gen, device=device)
    # Two in five rows are digits alone, two in five letters alone, one is mixed.
    kind = torch.randint(0, 5, (n, 1), generator=gen, device=device)
    first = torch.where((kind == 2) | (kind == 3), 10, 0)
    count = torch.where(kind < 2, 10, torch.where(kind < 4, 26, 36))
    u = torch.rand(n, MAX_STRING, generator=gen, device=device, dtype=torch.float64)
    chars = first + (u * count).long()

    column = torch.arange(MAX_STRING, device=device)
    inside = column < length[:, None]
    # 37 to the tenth fits in an int64, so that the key is the string itself.
    weights = 37**column
    key = (torch.where(inside, chars + 1, 0) * weights).sum(1)
    # Strings of one or two characters are few and all trained on.
    held = is_held_out(key, 2 if task == "sort" else 3) & (length >= 3)

    if task == "sort":
        answer = torch.where(inside, chars, len(ALPHABET)).sort(dim=1).values
        answer = answer.clamp(max=len(ALPHABET) - 1)
    else:
        answer = chars.gather(1, (length[:, None] - 1 - column).clamp(min=0))
    prompt = [
        literal([BOS] + encode(task + ":"), n, device),
        (chars + FIRST_CHAR, length),
        literal(encode("="), n, device),
    ]
    return finish(prompt, [(answer + FIRST_CHAR, length)], held)


def make_training_rows(n, gen):
    additions = int(n * 0.6)
    sorts = int(n * 0.2)
    rows = Rows.cat(
        [
            # Long operands have far more cases to learn than short ones.
            make_addition(additions, gen, weights=(1.0, 1.0, 2.0, 4.0), carries=0.3),
            make_string_task("sort", sorts, gen),
            make_string_task("reverse", n - additions - sorts, gen),
        ]
    )
    return rows.select(torch.randperm(n, generator=gen, device=gen.device))


def make_held_out(task, n, seed, **how):
    """n distinct held-out rows, the same ones on every machine (made on the CPU)."""
    gen = torch.Generator().manual_seed(seed)
    seen, kept = set(), []
    while len(seen) < n:
        draw = n * HELD_OUT_ONE_IN * 2  # twice what is needed if none came twice
        if task == "addition":
            rows = make_addition(draw, gen, **how)
        else:
            rows = make_string_task(task, draw, gen)
        rows = rows.select(rows.held_out)
        fresh = []
        for i, row in enumerate(map(tuple, rows.tokens.tolist())):
            if len(seen) < n and row not in seen:
                seen.add(row)
                fresh.append(i)
        kept.append(rows.select(torch.tensor(fresh, dtype=torch.long)))
    return Rows.cat(kept)


def texts(rows):
    """(prompt, answer) of every row, without <bos> and <eos>."""
    lengths = zip(rows.prompt_len.tolist(), rows.total_len.tolist())
    return [
        (decode(t[1:p]), decode(t[p : e - 1]))
        for t, (p, e) in zip(rows.tokens.tolist(), lengths)
    ]


def solve(prompt):
    """The right answer, worked out from the text, apart from the tensor code."""
    body = prompt.removesuffix("=")
    if body.startswith("sort:"):
        return "".join(sorted(body.removeprefix("sort:")))
    if body.startswith("reverse:"):
        return body.removeprefix("reverse:")[::-1]
    a, b = body.split("+")
    return str(int(a) + int(b))


def check_generator(device):
    """Fail early if the tensor code ever writes a wrong answer."""
    gen = torch.Generator(device).manual_seed(1)
    rows = make_training_rows(4096, gen)
    for prompt, answer in texts(rows):
        assert solve(prompt) == answer, (prompt, answer)
    demo = addition_from(torch.tensor(DEMO), torch.tensor(DEMO[::-1]))
    assert demo.held_out.all()
    share = rows.held_out.float().mean().item()
    assert 0.5 / HELD_OUT_ONE_IN < share < 1.5 / HELD_OUT_ONE_IN, share


# ---------------------------------------------------------------------------
# Model: Llama, with Hugging Face's parameter names and rotary layout
# ---------------------------------------------------------------------------


@dataclass
class Config:
    vocab_size: int = 64  # 43 are in use; the rest round the row count up
    hidden_size: int = 256
    intermediate_size: int = 640
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 64
    max_position_embeddings: int = 64
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-5


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        y = x.float()
        y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + self.eps)
        return self.weight * y.to(x.dtype)


def rotate(x, cos, sin):
    # Hugging Face's layout pairs element i with element i + head_dim / 2.
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        q, kv = c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim
        self.q_proj = nn.Linear(c.hidden_size, q, bias=False)
        self.k_proj = nn.Linear(c.hidden_size, kv, bias=False)
        self.v_proj = nn.Linear(c.hidden_size, kv, bias=False)
        self.o_proj = nn.Linear(q, c.hidden_size, bias=False)

    def forward(self, x, cos, sin):
        n, t, _ = x.shape
        q = self.q_proj(x).view(n, t, -1, self.c.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(n, t, -1, self.c.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(n, t, -1, self.c.head_dim).transpose(1, 2)
        q = rotate(q, cos, sin).to(v.dtype)
        k = rotate(k, cos, sin).to(v.dtype)
        # Padding is on the right, so the causal mask alone hides it.
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).reshape(n, t, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = MLP(c)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.model = nn.Module()  # only so that parameter names begin with "model."
        self.model.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.model.layers = nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))
        self.model.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        frequency = c.rope_theta ** (-torch.arange(0, c.head_dim, 2) / c.head_dim)
        angle = torch.outer(torch.arange(c.max_position_embeddings), frequency)
        angle = torch.cat((angle, angle), dim=-1)
        # Not saved: a Llama checkpoint holds no rotary tables.
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

        for name, p in self.named_parameters():
            if p.dim() == 2:
                std = 0.02
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    # What each layer adds to the residual stream starts small.
                    std /= math.sqrt(2 * c.num_hidden_layers)
                nn.init.normal_(p, std=std)

    def forward(self, ids):
        x = self.model.embed_tokens(ids)
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        for layer in self.model.layers:
            x = layer(x, cos, sin)
        # The output matrix is the embedding (tie_word_embeddings).
        return F.linear(self.model.norm(x), self.model.embed_tokens.weight)


# ---------------------------------------------------------------------------
# Evaluation: greedy decoding, exact match
# ---------------------------------------------------------------------------


@torch.no_grad()
def exact(model, rows, batch=4096):
    """For every row: does the greedy answer, with its <eos>, match exactly?"""
    device = next(model.parameters()).device
    results = []
    for start in range(0, len(rows), batch):
        part = rows.select(slice(start, start + batch)).to(device)
        column = torch.arange(ROW, device=device)
        in_prompt = column < part.prompt_len[:, None]
        tokens = torch.where(in_prompt, part.tokens, PAD)
        # No KV cache: with so few tokens, running the whole row again is cheap.
        # Steps beyond the longest right answer could not make a row match.
        for step in range(int((part.total_len - part.prompt_len).max())):
            at = part.prompt_len + step
            logits = model(tokens[:, : int(at.max())])
            row_logits = logits[torch.arange(len(part), device=device), at - 1]
            tokens.scatter_(1, at[:, None], row_logits.argmax(-1, keepdim=True))
        # What comes after <eos> is never read.
        wanted = column < part.total_len[:, None]
        results.append(((tokens == part.tokens) | ~wanted).all(1).cpu())
    return torch.cat(results)


def rows_from_texts(pairs):
    tokens, prompt_len, total_len = [], [], []
    for prompt, answer in pairs:
        p, a = [BOS] + encode(prompt), encode(answer) + [EOS]
        tokens.append(p + a + [PAD] * (ROW - len(p) - len(a)))
        prompt_len.append(len(p))
        total_len.append(len(p) + len(a))
    return Rows(
        torch.tensor(tokens),
        torch.tensor(prompt_len),
        torch.tensor(total_len),
        torch.ones(len(tokens), dtype=torch.bool),
    )


def load_checkpoint(folder, device, dtype):
    stored = json.loads((folder / "config.json").read_text())
    config = Config(**{k: stored[k] for k in Config.__dataclass_fields__})
    model = Llama(config)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    # Casting the tables too is what Hugging Face does before it rotates.
    return model.to(device=device, dtype=dtype).eval()


def evaluate(folder, device, count, seed):
    """Measure the files on disk, as they are: the weights are bf16 there."""
    sets = {task: make_held_out(task, count, seed + i) for i, task in enumerate(TASKS)}
    sets["addition, both operands of 4 digits"] = make_held_out(
        "addition", count, seed + 8, weights=(0.0, 0.0, 0.0, 1.0)
    )
    sets["addition, long carries"] = make_held_out(
        "addition", count, seed + 9, carries=1.0
    )
    for task in ("sort", "reverse"):
        full = (sets[task].total_len - sets[task].prompt_len) == MAX_STRING + 1
        sets[f"{task}, {MAX_STRING} characters"] = sets[task].select(full)
    lines = [json.loads(s) for s in (folder / "eval.jsonl").read_text().splitlines()]
    for task in TASKS:
        sets[f"eval.jsonl, {task}"] = rows_from_texts(
            [(x["prompt"], x["answer"]) for x in lines if x["task"] == task]
        )
    sets["the demo prompt"] = rows_from_texts(
        [(f"{DEMO[0]}+{DEMO[1]}=", str(sum(DEMO)))]
    )

    report = {}
    for dtype in (torch.bfloat16, torch.float32):
        name = str(dtype).removeprefix("torch.")
        print(f"exact match, bf16 weights, {name} arithmetic:")
        model = load_checkpoint(folder, device, dtype)
        for label, rows in sets.items():
            right = exact(model, rows)
            hits, n = int(right.sum()), len(rows)
            report[f"{label} ({name})"] = [hits, n]
            print(f"  {label:42s} {hits:6d} / {n:6d}  {100 * hits / n:7.3f} %")
            wrong = rows.select(~right)
            for prompt, answer in texts(wrong.select(slice(0, 3))):
                print(f"      wrong: {prompt} (should be {answer})")
    return report


def check_transformers(folder, device):
    """Does Hugging Face transformers read the folder and agree with us?"""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    theirs, info = AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True
    )
    # lm_head.weight is tied, so transformers may or may not list it.
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not set(info[kind]) - {"lm_head.weight"}, (kind, info[kind])
    print(f"transformers: {type(theirs).__name__}, {theirs.dtype}, no key amiss")
    lines = [json.loads(s) for s in (folder / "eval.jsonl").read_text().splitlines()]
    for x in lines:
        ids = tokenizer(x["prompt"])["input_ids"]
        assert ids == [BOS] + encode(x["prompt"]), (x["prompt"], ids)
        assert tokenizer.decode(ids, skip_special_tokens=True) == x["prompt"]

    theirs = theirs.to(device=device, dtype=torch.float32).eval()
    ours = load_checkpoint(folder, device, torch.float32)
    rows = rows_from_texts([(x["prompt"], x["answer"]) for x in lines]).to(device)
    with torch.no_grad():
        ids = rows.tokens[:, : ROW - 1]
        a, b = theirs(ids).logits, ours(ids)
    gap = ((a - b).norm() / a.norm()).item()
    print(f"transformers: relative distance of float32 logits {gap:.2e}")
    assert gap < 1e-4

    theirs = theirs.to(torch.bfloat16)
    hits = 0
    for x in lines:
        ids = tokenizer(x["prompt"], return_tensors="pt").input_ids.to(device)
        out = theirs.generate(ids, attention_mask=torch.ones_like(ids))
        new = out[0, ids.shape[1] :].tolist()
        hits += new == encode(x["answer"]) + [EOS]
    print(f"transformers: generate() in bf16 gets {hits} of {len(lines)} in eval.jsonl")
    return {"logits_relative_distance": gap, "generate_bf16": [hits, len(lines)]}


# ---------------------------------------------------------------------------
# Saving: the files of a Hugging Face checkpoint
# ---------------------------------------------------------------------------


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def save_checkpoint(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    c = model.c
    weights = {
        name: p.detach().to("cpu", torch.bfloat16).contiguous()
        for name, p in model.named_parameters()
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(
        folder / "config.json",
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            **vars(c),
            # transformers 5 reads the base from here, older ones from rope_theta.
            "rope_parameters": {"rope_type": "default", "rope_theta": c.rope_theta},
            "hidden_act": "silu",
            "attention_bias": False,
            "attention_dropout": 0.0,
            "mlp_bias": False,
            "initializer_range": 0.02,
            "pretraining_tp": 1,
            "tie_word_embeddings": True,
            "use_cache": True,
            "bos_token_id": BOS,
            "eos_token_id": EOS,
            "pad_token_id": PAD,
            # The name that transformers reads changed with version 5.
            "dtype": "bfloat16",
            "torch_dtype": "bfloat16",
        },
    )
    write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": BOS,
            "eos_token_id": EOS,
            "pad_token_id": PAD,
            "do_sample": False,
            "max_new_tokens": MAX_ANSWER,
        },
    )
    bos = {"SpecialToken": {"id": "<bos>", "type_id": 0}}
    write_json(
        folder / "tokenizer.json",
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {
                    "id": i,
                    "content": token,
                    "single_word": False,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "special": True,
                }
                for i, token in enumerate(SPECIALS)
            ],
            "normalizer": None,
            "pre_tokenizer": None,
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [bos, {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [
                    bos,
                    {"Sequence": {"id": "A", "type_id": 0}},
                    {"Sequence": {"id": "B", "type_id": 1}},
                ],
                "special_tokens": {
                    "<bos>": {"id": "<bos>", "ids": [BOS], "tokens": ["<bos>"]}
                },
            },
            # Without a decoder the characters would be joined by spaces.
            "decoder": {"type": "Fuse"},
            # BPE without merges is a character-level model.
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": "<unk>",
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": False,
                "vocab": TOKEN_ID,
                "merges": [],
            },
        },
    )
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<bos>",
            "eos_token": "<eos>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "padding_side": "right",
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": c.max_position_embeddings,
        },
    )


def save_eval_file(folder, seed, per_task=100):
    lines = []
    for i, task in enumerate(TASKS):
        pairs = texts(make_held_out(task, per_task, seed + i))
        if task == "addition":
            demo = (f"{DEMO[0]}+{DEMO[1]}=", str(sum(DEMO)))
            pairs = [demo] + [p for p in pairs if p != demo][: per_task - 1]
        for prompt, answer in pairs:
            assert solve(prompt) == answer
            lines.append(json.dumps({"task": task, "prompt": prompt, "answer": answer}))
    (folder / "eval.jsonl").write_text("\n".join(lines) + "\n")


# ---------------------------------------------------------------------------
# Training
# ---------------------------------------------------------------------------


def train(args, device):
    torch.manual_seed(args.seed)
    gen = torch.Generator(device).manual_seed(args.seed)
    model = Llama(Config()).to(device)
    count = sum(p.numel() for p in model.parameters())
    print(f"{count} parameters, {2 * count / 1e6:.2f} MB in bf16, on {device}")

    matrices = [p for n, p in model.named_parameters() if "proj" in n]
    others = [p for n, p in model.named_parameters() if "proj" not in n]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": args.weight_decay},
            # Pulling norms and embeddings toward zero gains nothing.
            {"params": others, "weight_decay": 0.0},
        ],
        lr=args.lr,
        betas=(0.9, 0.98),
        fused=device.type == "cuda",
    )

    def compute_loss(tokens, prompt_len, total_len, held_out):
        column = torch.arange(1, ROW, device=tokens.device)
        # Only the answer and its <eos> count; a held-out row counts for nothing,
        # which keeps every batch one fixed shape.
        counted = (
            (column >= prompt_len[:, None])
            & (column < total_len[:, None])
            & ~held_out[:, None]
        )
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(tokens[:, :-1])
        loss = F.cross_entropy(
            logits.float().flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
        )
        return (loss * counted.flatten()).sum() / counted.sum()

    if not args.no_compile:
        compute_loss = torch.compile(compute_loss)

    watch = [
        (task, make_held_out(task, 1024, 5000 + i)) for i, task in enumerate(TASKS)
    ]
    # One step without an update, so that compiling is over when the clock starts.
    rows = make_training_rows(args.batch, gen)
    compute_loss(*vars(rows).values()).backward()
    optimizer.zero_grad(set_to_none=True)

    begin = time.perf_counter()
    last_print, last_step, step = begin, 0, 0
    pool = None
    while True:
        elapsed = time.perf_counter() - begin
        # The schedule follows whichever limit comes first.
        progress = step / args.steps if args.steps else 0.0
        if args.minutes:
            progress = max(progress, elapsed / (60 * args.minutes))
        if progress >= 1:
            break
        lr = args.lr * 0.5 * (1 + math.cos(math.pi * progress))
        lr *= min(1.0, (step + 1) / args.warmup)
        for group in optimizer.param_groups:
            group["lr"] = lr

        # Making rows for many steps at once keeps the small kernels that do it
        # from setting the pace.
        slot = step % args.rows_ahead
        if slot == 0:
            pool = make_training_rows(args.batch * args.rows_ahead, gen)
        rows = pool.select(slice(slot * args.batch, (slot + 1) * args.batch))

        loss = compute_loss(*vars(rows).values())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1

        if step % args.print_every == 0:
            value = loss.item()  # waits for the device, so that the pace is real
            now = time.perf_counter()
            pace = (step - last_step) / (now - last_print)
            text = f"step {step:6d}  {now - begin:6.1f} s  {pace:6.1f} steps/s"
            text += f"  lr {lr:.2e}  loss {value:.5f}"
            if step % args.watch_every == 0:
                for task, held in watch:
                    rate = exact(model, held).float().mean().item()
                    text += f"  {task} {100 * rate:.1f}%"
                now = time.perf_counter()
            print(text)
            last_print, last_step = now, step
    if device.type == "cuda":
        torch.cuda.synchronize()
    minutes = (time.perf_counter() - begin) / 60
    print(f"trained {step} steps in {minutes:.2f} minutes")
    save_checkpoint(model, args.out)
    save_eval_file(args.out, args.eval_seed)
    return {"steps": step, "minutes": minutes, "parameters": count}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--steps", type=int, help="stop after this many steps")
    add("--minutes", type=float, help="stop after this long (6, if --steps is not set)")
    add("--batch", type=int, default=2048, help="rows a step (default %(default)s)")
    add("--lr", type=float, default=1.5e-3, help="peak rate (default %(default)s)")
    add("--weight-decay", type=float, default=0.05, help="(default %(default)s)")
    add("--warmup", type=int, default=500, help="steps (default %(default)s)")
    add("--rows-ahead", type=int, default=32, help="batches made at once")
    add("--seed", type=int, default=1, help="weights and training rows")
    add("--eval-seed", type=int, default=1000, help="evaluation rows")
    add("--eval-rows", type=int, default=8192, help="rows a task, at the end")
    add("--print-every", type=int, default=200, help="steps")
    add("--watch-every", type=int, default=2000, help="steps between short evaluations")
    add("--out", type=Path, default=Path(__file__).resolve().parent, help="folder")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--no-compile", action="store_true", help="do without torch.compile")
    add("--evaluate", action="store_true", help="only measure the checkpoint in --out")
    add("--transformers", action="store_true", help="check with transformers too")
    add("--report", type=Path, help="write the measurements to this JSON file")
    args = parser.parse_args()
    if not args.steps and not args.minutes:
        args.minutes = 6.0

    device = torch.device(args.device)
    check_generator(device)
    report = {} if args.evaluate else train(args, device)
    report["exact"] = evaluate(args.out, device, args.eval_rows, args.eval_seed)
    if args.transformers:
        report["transformers"] = check_transformers(args.out, device)
    if args.report:
        write_json(args.report, report)


if __name__ == "__main__":
    main()
