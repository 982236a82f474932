// SPDX-License-Identifier: Apache-2.0
//! As decode.c, with the Rust crates alone.

use hipinfer::{Context, ops};

const B: usize = 2;
const H: usize = 2;
const D: usize = 64;
const PAGES: usize = 4;
const SLOTS: usize = 4;

fn main() -> hipinfer::Result<()> {
    let wave = |n: usize, step: f32| (0..n).map(|i| (step * i as f32).sin()).collect::<Vec<f32>>();
    let (x, k, v) =
        (wave(B * H * D, 1.0), wave(PAGES * SLOTS * H * D, 0.7), wave(PAGES * SLOTS * H * D, 0.3));
    let gain: Vec<f32> = (0..D).map(|i| 0.5 + (i % 7) as f32 / 7.0).collect();
    let (indptr, indices, last_page) = ([0i32, 3, 4], [2i32, 0, 3, 1], [2i32, 3]);

    let context = Context::new()?;
    let stream = context.default_stream();
    let (heads, cache) = ([B, H, D], [PAGES, SLOTS, H, D]);
    let (input, weight, mut query) =
        (context.upload(&x)?, context.upload(&gain)?, context.alloc::<f32>(x.len())?);
    let norm = ops::RmsnormOptions { eps: 1e-6 };
    ops::rmsnorm(
        &stream,
        &mut query.tensor_mut(&heads)?,
        &input.tensor(&heads)?,
        &weight.tensor(&[D])?,
        norm,
    )?;
    let (keys, values, mut output) =
        (context.upload(&k)?, context.upload(&v)?, context.alloc::<f32>(x.len())?);
    let (starts, pages, last) =
        (context.upload(&indptr)?, context.upload(&indices)?, context.upload(&last_page)?);
    // SAFETY: the page table names pages of the cache.
    unsafe {
        ops::paged_attention_decode(
            &stream,
            &mut output.tensor_mut(&heads)?,
            &query.tensor(&heads)?,
            &keys.tensor(&cache)?,
            &values.tensor(&cache)?,
            &starts.tensor(&[3])?,
            &pages.tensor(&[4])?,
            &last.tensor(&[2])?,
            Default::default(),
        )?;
    }
    let served = hipinfer::last_kernel()?;
    let (normed, attended) = (stream.download(&query)?, stream.download(&output)?);

    let mut worst = 0.0f64;
    for b in 0..B {
        for h in 0..H {
            let at = (b * H + h) * D;
            let squares: f64 = x[at..at + D].iter().map(|&a| f64::from(a).powi(2)).sum();
            let scale = 1.0 / (squares / D as f64 + 1e-6).sqrt();
            let q: Vec<f64> = (0..D).map(|i| f64::from(x[at + i]) * scale * f64::from(gain[i])).collect();
            let (first, end) = (indptr[b] as usize, indptr[b + 1] as usize);
            let (mut z, mut sum) = (0.0, [0.0; D]);
            for j in 0..(end - first - 1) * SLOTS + last_page[b] as usize {
                let key = ((indices[first + j / SLOTS] as usize * SLOTS + j % SLOTS) * H + h) * D;
                let score: f64 = (0..D).map(|i| q[i] * f64::from(k[key + i])).sum();
                let e = (score / (D as f64).sqrt()).exp();
                z += e;
                (0..D).for_each(|i| sum[i] += e * f64::from(v[key + i]));
            }
            for i in 0..D {
                worst = worst.max((f64::from(normed[at + i]) - q[i]).abs());
                worst = worst.max((f64::from(attended[at + i]) - sum[i] / z).abs());
                assert!(normed[at + i].is_finite() && attended[at + i].is_finite());
            }
        }
    }
    println!(
        "{}, version {}, {served}: largest error {worst:.1e}",
        context.device_info()?.name,
        hipinfer::version()?
    );
    assert!(worst <= 1e-5);
    Ok(())
}
