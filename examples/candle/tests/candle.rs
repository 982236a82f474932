// SPDX-License-Identifier: Apache-2.0
//! hipinfer's operations against candle's own, on the CPU and on the GPU that is there: an emulated one, if
//! HIPINFER_HIP_LIBRARY names hipemu.

use candle_core::{D, DType, Device, IndexOp, Result, Tensor};
use hipinfer::{Context, DeviceKind, device_count};
use hipinfer_candle::Kernels;

/// The devices that are there, by name.
fn devices() -> Vec<(String, Kernels)> {
    let kinds = [("cpu", DeviceKind::CPU), ("hip", DeviceKind::HIP), ("cuda", DeviceKind::CUDA)];
    let there = kinds.into_iter().filter(|(_, kind)| device_count(*kind).unwrap() > 0);
    there
        .map(|(name, _)| (name.to_string(), Kernels::on(&Context::builder().device(name).build().unwrap())))
        .collect()
}

/// Random numbers that are the same at every run: candle's own cannot be seeded on the CPU.
fn random(shape: &[usize], dtype: DType) -> Result<Tensor> {
    let mut state = 1 + shape.iter().fold(0u64, |s, &n| s * 31 + n as u64);
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(dtype)
}

const DTYPES: [(DType, f32); 3] = [(DType::F32, 1e-5), (DType::F16, 1e-3), (DType::BF16, 1e-2)];

/// Of the largest magnitude that is expected.
fn close(got: &Tensor, expected: &Tensor, tolerance: f32, what: &str) -> Result<()> {
    assert_eq!(got.dims(), expected.dims(), "{what}");
    let scale = expected.abs()?.max_all()?.to_scalar::<f32>()?;
    // One by one, since candle's maximum passes over a NaN.
    for off in (got.to_dtype(DType::F32)? - expected)?.abs()?.flatten_all()?.to_vec1::<f32>()? {
        assert!(off <= tolerance * scale, "{what}: off by {off} of {scale}");
    }
    Ok(())
}

#[test]
#[should_panic(expected = "off by NaN")]
fn a_nan_is_not_close() {
    let numbers = |second| Tensor::new(&[1.0, second, 3.0f32], &Device::Cpu).unwrap();
    close(&numbers(f32::NAN), &numbers(2.0), 1e-5, "").unwrap();
}

fn wide(x: &Tensor) -> Result<Tensor> {
    x.to_dtype(DType::F32)
}

fn candle_norm(x: &Tensor, weight: &Tensor, eps: f64) -> Result<Tensor> {
    let mean = (x.sqr()?.sum_keepdim(D::Minus1)? / x.dim(D::Minus1)? as f64)?;
    x.broadcast_div(&(mean + eps)?.sqrt()?)?.broadcast_mul(weight)
}

fn candle_rope(x: &Tensor, cos_sin: &Tensor, positions: &Tensor) -> Result<Tensor> {
    let half = x.dim(D::Minus1)? / 2;
    let angles = cos_sin.index_select(positions, 0)?.unsqueeze(1)?;
    let (cos, sin) = (angles.narrow(D::Minus1, 0, half)?, angles.narrow(D::Minus1, half, half)?);
    let (a, b) = (x.narrow(D::Minus1, 0, half)?, x.narrow(D::Minus1, half, half)?);
    let first = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
    let second = (b.broadcast_mul(&cos)? + a.broadcast_mul(&sin)?)?;
    Tensor::cat(&[first, second], D::Minus1)
}

fn candle_attention(q: &Tensor, k: &Tensor, v: &Tensor, causal: bool) -> Result<Tensor> {
    let (tokens, heads, dim) = q.dims3()?;
    let (keys, key_heads, _) = k.dims3()?;
    let mut outputs = Vec::new();
    for head in 0..heads {
        let of = head / (heads / key_heads);
        let scores = (q.i((.., head))?.matmul(&k.i((.., of))?.t()?)? / (dim as f64).sqrt())?;
        let seen = |t: usize, j: usize| !causal || j <= keys - tokens + t;
        let mask: Vec<f32> = (0..tokens * keys)
            .map(|i| if seen(i / keys, i % keys) { 0.0 } else { f32::NEG_INFINITY })
            .collect();
        let scores = (scores + Tensor::from_vec(mask, (tokens, keys), &Device::Cpu)?)?;
        let weights = scores.broadcast_sub(&scores.max_keepdim(1)?)?.exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(1)?)?;
        outputs.push(weights.matmul(&v.i((.., of))?.contiguous()?)?.unsqueeze(1)?);
    }
    Tensor::cat(&outputs, 1)
}

/// Cosines, then sines, of each position.
fn angles(positions: usize, dim: usize) -> Result<Tensor> {
    let angle = |p: usize, i: usize| p as f64 * 10000f64.powf(-2.0 * (i % (dim / 2)) as f64 / dim as f64);
    let value = |p, i| if i < dim / 2 { angle(p, i).cos() as f32 } else { angle(p, i).sin() as f32 };
    let values = (0..positions * dim).map(|n| value(n / dim, n % dim)).collect();
    Tensor::from_vec(values, (positions, dim), &Device::Cpu)
}

#[test]
fn the_devices_are_those_that_are_meant() {
    let names: Vec<String> = devices().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[0], "cpu");
    let emulated = std::env::var_os("HIPEMU_TARGET").is_some();
    assert!(
        !emulated || names.iter().any(|name| name == "hip"),
        "HIPEMU_TARGET is set, and there is no HIP device"
    );
}

#[test]
fn rms_norm() -> Result<()> {
    for (name, kernels) in devices() {
        for (dtype, tolerance) in DTYPES {
            for shape in [&[2, 3, 64][..], &[5, 37], &[7]] {
                let (x, w) = (random(shape, dtype)?, random(&shape[shape.len() - 1..], dtype)?);
                let expected = candle_norm(&wide(&x)?, &wide(&w)?, 1e-5)?;
                close(
                    &kernels.rms_norm(&x, &w, 1e-5)?,
                    &expected,
                    tolerance,
                    &format!("{name} {dtype:?} {shape:?}"),
                )?;
            }
        }
    }
    Ok(())
}

#[test]
fn linear_with_and_without_bias() -> Result<()> {
    for (name, kernels) in devices() {
        for (dtype, tolerance) in DTYPES {
            for (shape, features) in [(&[2, 3, 64][..], 40), (&[1, 128], 32), (&[33, 37], 5)] {
                let inner = shape[shape.len() - 1];
                let (x, w, b) =
                    (random(shape, dtype)?, random(&[features, inner], dtype)?, random(&[features], dtype)?);
                let what = format!("{name} {dtype:?} {shape:?}");
                let expected = wide(&x)?.broadcast_matmul(&wide(&w)?.t()?)?;
                close(&kernels.linear(&x, &w, None)?, &expected, tolerance, &what)?;
                close(
                    &kernels.linear(&x, &w, Some(&b))?,
                    &expected.broadcast_add(&wide(&b)?)?,
                    tolerance,
                    &what,
                )?;
            }
        }
    }
    Ok(())
}

#[test]
fn rope() -> Result<()> {
    for (name, kernels) in devices() {
        for (dtype, tolerance) in DTYPES {
            for (tokens, heads, dim) in [(6, 4, 64), (3, 1, 10)] {
                let x = random(&[tokens, heads, dim], dtype)?;
                let positions =
                    Tensor::new((0..tokens).map(|t| (t * 5 % 7) as i64).collect::<Vec<_>>(), &Device::Cpu)?;
                let table = angles(7, dim)?;
                let expected = candle_rope(&wide(&x)?, &table, &positions)?;
                close(
                    &kernels.rope(&x, &table, &positions)?,
                    &expected,
                    tolerance,
                    &format!("{name} {dtype:?} {dim}"),
                )?;
            }
        }
    }
    Ok(())
}

#[test]
fn attention() -> Result<()> {
    for (name, kernels) in devices() {
        for (dtype, tolerance) in DTYPES {
            for (tokens, keys, heads, key_heads, dim) in
                [(9, 9, 4, 2, 64), (1, 20, 8, 8, 40), (3, 70, 6, 2, 128)]
            {
                let (q, k) = (random(&[tokens, heads, dim], dtype)?, random(&[keys, key_heads, dim], dtype)?);
                let v = random(&[keys, key_heads, dim], dtype)?.neg()?;
                for causal in [false, true] {
                    let expected = candle_attention(&wide(&q)?, &wide(&k)?, &wide(&v)?, causal)?;
                    let what = format!("{name} {dtype:?} {tokens} of {keys}, causal {causal}");
                    close(&kernels.attention(&q, &k, &v, causal)?, &expected, tolerance, &what)?;
                }
            }
        }
    }
    Ok(())
}

/// What a model does: each operation takes what the one before gave, among candle's own.
#[test]
fn an_attention_block() -> Result<()> {
    let (tokens, heads, key_heads, dim, hidden) = (7, 4, 2, 32, 96);
    let f32s = |shape: &[usize]| random(shape, DType::F32);
    let x = f32s(&[tokens, hidden])?;
    let norm = f32s(&[hidden])?;
    let projection = (f32s(&[(heads + 2 * key_heads) * dim, hidden])? / 5.0)?;
    let out = f32s(&[hidden, heads * dim])?;
    let table = angles(tokens, dim)?;
    let positions = Tensor::arange(0i64, tokens as i64, &Device::Cpu)?;
    let parts = |qkv: &Tensor| -> Result<[Tensor; 3]> {
        let qkv = qkv.reshape((tokens, heads + 2 * key_heads, dim))?;
        let part = |first, count| qkv.narrow(1, first, count)?.contiguous();
        Ok([part(0, heads)?, part(heads, key_heads)?, part(heads + key_heads, key_heads)?])
    };
    let [q, k, v] = parts(&candle_norm(&x, &norm, 1e-5)?.matmul(&projection.t()?)?)?;
    let [turned_q, turned_k] = [candle_rope(&q, &table, &positions)?, candle_rope(&k, &table, &positions)?];
    let attended = candle_attention(&turned_q, &turned_k, &v, true)?.reshape((tokens, heads * dim))?;
    let expected = (&x + attended.matmul(&out.t()?)?)?;
    for (name, kernels) in devices() {
        let [q, k, v] = parts(&kernels.linear(&kernels.rms_norm(&x, &norm, 1e-5)?, &projection, None)?)?;
        let (q, k) = (kernels.rope(&q, &table, &positions)?, kernels.rope(&k, &table, &positions)?);
        let attended = kernels.attention(&q, &k, &v, true)?.reshape((tokens, heads * dim))?;
        close(&(&x + kernels.linear(&attended, &out, None)?)?, &expected, 1e-5, &name)?;
    }
    Ok(())
}

#[test]
fn a_part_of_a_tensor_is_read_where_it_is() -> Result<()> {
    for (name, kernels) in devices() {
        let (all, w) = (random(&[6, 32], DType::F32)?, random(&[32], DType::F32)?);
        let part = all.narrow(0, 2, 3)?;
        close(&kernels.rms_norm(&part, &w, 1e-5)?, &candle_norm(&part, &w, 1e-5)?, 1e-5, &name)?;
    }
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused_with_a_reason() -> Result<()> {
    for (_, kernels) in devices() {
        let (x, w) = (random(&[4, 32], DType::F32)?, random(&[31], DType::F32)?);
        let said = kernels.rms_norm(&x, &w, 1e-5).unwrap_err().to_string();
        assert!(said.contains("rmsnorm: weight: shape [31], expected [N] with N = 32"), "{said}");
        let said = kernels.rms_norm(&x.t()?, &w, 1e-5).unwrap_err().to_string();
        assert!(said.contains("contiguous"), "{said}");
        let said = kernels.rms_norm(&x.to_dtype(DType::F64)?, &w, 1e-5).unwrap_err().to_string();
        assert!(said.contains("none of f32, f16 and bf16"), "{said}");
        let said = kernels.linear(&x, &random(&[8, 32], DType::F16)?, None).unwrap_err().to_string();
        assert!(said.contains("dtype"), "{said}");
        let v = random(&[3, 2, 16], DType::F32)?;
        let q = random(&[4, 4, 16], DType::F32)?;
        let said =
            kernels.attention(&q, &random(&[4, 2, 16], DType::F32)?, &v, true).unwrap_err().to_string();
        assert!(said.contains("v_cache: shape [3, 2, 16]"), "{said}");
    }
    Ok(())
}
