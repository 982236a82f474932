// SPDX-License-Identifier: Apache-2.0
//! The safe layer on the CPU: memory, views, errors. What operations compute is tested in C++.

use hipinfer::*;

fn cpu() -> Context {
    Context::builder().device("cpu").build().expect("set HIPINFER_LIBRARY to the built libhipinfer.so.0")
}

#[test]
fn memory_is_zeroed_and_goes_both_ways() {
    let context = cpu();
    let stream = context.stream().unwrap();
    let mut a = context.alloc::<i64>(5).unwrap();
    assert_eq!(stream.download(&a).unwrap(), [0; 5]);
    stream.upload(&mut a, &[1, -2, 3]).unwrap();
    let b = context.upload_parts(&[&[7i64, 8][..], &[], &[9]]).unwrap();
    assert_eq!(stream.download(&b).unwrap(), [7, 8, 9]);
    stream.copy(&mut a, &b).unwrap();
    let mut part = [0; 4];
    stream.download_into(&a, &mut part).unwrap();
    assert_eq!(part, [7, 8, 9, 0]);
    assert_eq!(stream.upload(&mut a, &[0; 6]).unwrap_err().status(), Status::INVALID_SHAPE);
    assert_eq!(context.alloc::<f32>(usize::MAX / 2).unwrap_err().status(), Status::OVERFLOW);
    let empty = context.alloc::<f32>(0).unwrap();
    assert!(empty.is_empty() && stream.download(&empty).unwrap().is_empty());
}

#[test]
fn buffers_and_streams_outlive_their_context_value() {
    let stream = cpu().stream().unwrap();
    let buffer = stream.context().upload(&[1.5f32]).unwrap();
    assert_eq!(stream.download(&buffer).unwrap(), [1.5]);
}

#[test]
fn pinned_memory_and_parts_of_buffers() {
    let context = cpu();
    let stream = context.stream().unwrap();
    let mut pinned = context.pinned::<i32>(4).unwrap();
    assert_eq!(&pinned[..], [0; 4]);
    pinned.copy_from_slice(&[1, 2, 3, 4]);
    let mut a = context.upload(&[9; 6]).unwrap();
    // SAFETY: the pinned memory stays as it is until the wait.
    unsafe { stream.upload_async(&mut a, 2, &pinned, 3).unwrap() };
    let mut event = Event::new(&context).unwrap();
    event.record(&stream).unwrap();
    context.default_stream().wait(&event).unwrap();
    stream.synchronize().unwrap();
    assert_eq!(stream.download(&a).unwrap(), [9, 9, 1, 2, 3, 9]);
    stream.copy_within(&mut a, 2..5, 0).unwrap_err();
    stream.copy_within(&mut a, 3..5, 0).unwrap();
    stream.copy_within(&mut a, 6..6, 6).unwrap();
    // SAFETY: as above.
    unsafe { stream.download_async(&a, &mut pinned, 4).unwrap() };
    stream.synchronize().unwrap();
    assert_eq!(&pinned[..], [2, 3, 1, 2]);
    for refused in [
        stream.copy_within(&mut a, 0..1, 6),
        stream.copy_within(&mut a, 5..7, 0),
        // SAFETY: nothing is enqueued.
        unsafe { stream.upload_async(&mut a, 4, &pinned, 3) },
        // SAFETY: likewise.
        unsafe { stream.upload_async(&mut a, usize::MAX, &pinned, 1) },
        // SAFETY: likewise.
        unsafe { stream.download_async(&a, &mut pinned, 5) },
    ] {
        assert_eq!(refused.unwrap_err().status(), Status::INVALID_SHAPE);
    }
    assert!(context.pinned::<f32>(0).unwrap().is_empty());
    assert_eq!(context.pinned::<f32>(usize::MAX / 2).unwrap_err().status(), Status::OVERFLOW);
}

#[test]
fn the_cpu_has_no_graphs() {
    let stream = cpu().stream().unwrap();
    let refused = stream.capture(|| panic!("nothing is enqueued"));
    assert_eq!(refused.unwrap_err().status(), Status::UNSUPPORTED);
}

#[test]
fn in_place_and_strided_rows() {
    let context = cpu();
    let stream = context.default_stream();
    // Two rows of four in rows of six.
    let mut x = context.upload(&[3.0f32, 4.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 2.0, -1.0, -1.0]).unwrap();
    let ones = [1.0f32; 4];
    let mut rows = x.tensor_strided_mut(0, &[2, 4], &[6, 1]).unwrap();
    let weight = TensorRef::from_slice(&ones, &[4]).unwrap();
    ops::rmsnorm(&stream, &mut rows, InPlace, &weight, ops::RmsnormOptions { eps: 0.0 }).unwrap();
    assert_eq!(last_kernel().unwrap(), "rmsnorm/cpu");
    let expected = [1.2, 1.6, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 2.0, -1.0, -1.0];
    assert_eq!(stream.download(&x).unwrap(), expected);
}

#[test]
fn sixteen_bits() {
    let context = cpu();
    let stream = context.default_stream();
    fn run<T: Element + std::fmt::Debug + PartialEq>(
        context: &Context,
        stream: &Stream,
        of: impl Fn(f32) -> T,
    ) {
        let x = context.upload(&[of(3.0), of(4.0), of(0.0), of(0.0)]).unwrap();
        let w = context.upload(&[of(1.0); 4]).unwrap();
        let mut y = context.alloc::<T>(4).unwrap();
        let mut out = y.tensor_mut(&[1, 4]).unwrap();
        let (x, w) = (x.tensor(&[1, 4]).unwrap(), w.tensor(&[4]).unwrap());
        ops::rmsnorm(stream, &mut out, &x, &w, ops::RmsnormOptions { eps: 0.0 }).unwrap();
        assert_eq!(stream.download(&y).unwrap(), [of(1.2), of(1.6), of(0.0), of(0.0)]);
    }
    run(&context, &stream, f16::from_f32);
    run(&context, &stream, bf16::from_f32);
}

#[test]
fn refusals_carry_the_librarys_words() {
    let context = cpu();
    let (x, w) = (context.alloc::<f32>(8).unwrap(), context.alloc::<f32>(3).unwrap());
    let mut y = context.alloc::<f32>(8).unwrap();
    let error = ops::rmsnorm(
        &context.default_stream(),
        &mut y.tensor_mut(&[2, 4]).unwrap(),
        &x.tensor(&[2, 4]).unwrap(),
        &w.tensor(&[3]).unwrap(),
        Default::default(),
    )
    .unwrap_err();
    assert_eq!(error.status(), Status::INVALID_SHAPE);
    assert!(error.message().starts_with("rmsnorm: weight: shape [3], expected [N] with N = 4"), "{error}");

    for (builder, status) in [
        (Context::builder().device("abacus"), Status::INVALID_ARGUMENT),
        (Context::builder().device("cpu\0"), Status::INVALID_ARGUMENT),
        (Context::builder().device("cpu").disable("no_such_op"), Status::INVALID_ARGUMENT),
        (Context::builder().device("cpu:7"), Status::NO_DEVICE),
    ] {
        assert_eq!(builder.build().unwrap_err().status(), status);
    }
    let disabled = Context::builder().device("cpu").disable("rmsnorm").build().unwrap();
    let weight = disabled.alloc::<f32>(4).unwrap();
    let refused = ops::rmsnorm(
        &disabled.default_stream(),
        &mut y.tensor_mut(&[2, 4]).unwrap(),
        &x.tensor(&[2, 4]).unwrap(),
        &weight.tensor(&[4]).unwrap(),
        Default::default(),
    );
    assert_eq!(refused.unwrap_err().status(), Status::UNSUPPORTED);
}

#[test]
fn fp8_in_bytes() {
    let context = cpu();
    let stream = context.default_stream();
    let x = context.upload(&[1.0f32, -2.0, 0.0, 0.5]).unwrap();
    // The largest magnitude becomes the largest value, which is 448 (0x7e) in e4m3fn and 240 (0x7f) in e4m3fnuz.
    for (dtype, bits, scale) in [
        (DType::E4M3FN, [0x76u8, 0xfe, 0, 0x6e], 2.0 / 448.0f32),
        (DType::E4M3FNUZ, [0x77, 0xff, 0, 0x6f], 2.0 / 240.0),
    ] {
        let mut q = context.alloc::<u8>(4).unwrap();
        let mut scales = context.alloc::<f32>(1).unwrap();
        ops::quantize_per_token(
            &stream,
            &mut q.tensor_mut_as(dtype, &[1, 4]).unwrap(),
            &mut scales.tensor_mut(&[1]).unwrap(),
            &x.tensor(&[1, 4]).unwrap(),
        )
        .unwrap();
        assert_eq!(stream.download(&q).unwrap(), bits, "{dtype}");
        assert_eq!(stream.download(&scales).unwrap(), [scale]);
    }
}

#[test]
fn one_number_of_any_shape() {
    let context = cpu();
    let stream = context.default_stream();
    let (x, scale) = (context.upload(&[2.0f32; 8]).unwrap(), context.upload(&[0.5f32]).unwrap());
    let quantise = |shape: &[usize]| {
        let mut q = context.alloc::<u8>(4)?;
        let mut output = q.tensor_mut_as(DType::E4M3FN, &[1, 4])?;
        ops::silu_and_mul_quant(&stream, &mut output, &x.tensor(&[1, 8])?, &scale.tensor(shape)?)?;
        stream.download(&q)
    };
    let expected = quantise(&[1]).unwrap();
    assert_ne!(expected, [0; 4]);
    for shape in [&[][..], &[1, 1], &[1; 6]] {
        assert_eq!(quantise(shape).unwrap(), expected, "{shape:?}");
    }
    assert!(TensorRef::from_slice(&[2.5f32], &[]).unwrap().shape().is_empty());
    let error = quantise(&[1, 0]).unwrap_err();
    assert_eq!(error.status(), Status::INVALID_RANK);
    assert!(error.message().ends_with("expected one element"), "{error}");
}

#[test]
fn unknown_statuses_stay_themselves() {
    let status = Status::from_code(12345);
    assert_eq!((status.code(), status.name(), status.to_string().as_str()), (12345, None, "status 12345"));
    assert_eq!(Status::INVALID_SHAPE.to_string(), "INVALID_SHAPE");
}

#[test]
fn views_stay_within_their_memory() {
    let context = cpu();
    let mut buffer = context.alloc::<f32>(12).unwrap();
    let refused = |r: Result<TensorRef<'_>>| r.unwrap_err().status();
    assert_eq!(refused(buffer.tensor(&[13])), Status::INVALID_SHAPE);
    assert_eq!(refused(buffer.tensor(&[usize::MAX, usize::MAX])), Status::OVERFLOW);
    assert_eq!(refused(buffer.tensor(&[1; 7])), Status::INVALID_RANK);
    assert_eq!(refused(buffer.tensor_as(DType::F64, &[7])), Status::INVALID_SHAPE);
    assert!(buffer.tensor_as(DType::BF16, &[24]).is_ok());
    assert_eq!(refused(buffer.tensor_strided(1, &[3, 4], &[4, 1])), Status::INVALID_SHAPE);
    assert_eq!(refused(buffer.tensor_strided(usize::MAX, &[2], &[1])), Status::INVALID_SHAPE);
    assert_eq!(refused(buffer.tensor_strided(0, &[2], &[usize::MAX])), Status::OVERFLOW);
    assert!(buffer.tensor_strided(0, &[5, 4], &[0, 1]).is_ok(), "an input may repeat its rows");
    for strides in [[0, 1], [1, 1], [3, 1], [2, 2]] {
        let overlapping = buffer.tensor_strided_mut(0, &[2, 4], &strides).unwrap_err();
        assert_eq!(overlapping.status(), Status::INVALID_STRIDE, "{strides:?}");
    }
    assert!(buffer.tensor_strided_mut(0, &[3, 4], &[1, 3]).is_ok(), "transposed is not overlapping");

    // Beside an extent of 0 the others may multiply past 64 bits.
    let long = 1 << 40;
    assert!(buffer.tensor_strided_mut(0, &[0, long, long], &[1, long, 1]).is_ok());
    let none = buffer.tensor_strided(0, &[long, long, 0], &[long, 1, 1]).unwrap();
    assert_eq!(none.reshape(&[0, 7]).unwrap().shape(), [0, 7]);

    let cube = buffer.tensor(&[2, 3, 2]).unwrap();
    let part = cube.select(1, 2).unwrap();
    assert_eq!((part.shape(), part.strides()), (&[2, 2][..], &[6, 1][..]));
    assert_eq!(refused(cube.narrow(1, 2, 2)), Status::INVALID_SHAPE);
    assert_eq!(refused(cube.narrow(3, 0, 1)), Status::INVALID_SHAPE);
    assert_eq!(refused(cube.narrow(0, usize::MAX, 2)), Status::OVERFLOW);
    assert_eq!(refused(part.reshape(&[4])), Status::INVALID_STRIDE);
    assert_eq!(cube.reshape(&[6, 2]).unwrap().shape(), [6, 2]);
    assert_eq!(refused(cube.reshape(&[5])), Status::INVALID_SHAPE);
    let heads = cube.narrow(2, 0, 2).unwrap().unflatten(2, 1).unwrap();
    assert_eq!((heads.shape(), heads.strides()), (&[2, 3, 2, 1][..], &[6, 2, 1, 1][..]));
    let halves = buffer.tensor_strided(0, &[2, 4], &[6, 1]).unwrap().unflatten(1, 2).unwrap();
    assert_eq!((halves.shape(), halves.strides()), (&[2, 2, 2][..], &[6, 2, 1][..]));
    assert_eq!(refused(cube.unflatten(1, 2)), Status::INVALID_SHAPE);
    assert_eq!(refused(cube.unflatten(1, 0)), Status::INVALID_SHAPE);
    assert_eq!(refused(cube.unflatten(3, 1)), Status::INVALID_SHAPE);
    assert!(cube.narrow(0, 2, 0).is_ok() && cube.narrow(1, 3, 0).is_ok());
}

#[test]
fn a_context_serves_many_threads() {
    let context = cpu();
    std::thread::scope(|scope| {
        for n in 1..=4usize {
            let context = context.clone();
            scope.spawn(move || {
                let stream = context.stream().unwrap();
                let x = context.upload(&vec![2.0f32; n]).unwrap();
                let mut y = context.alloc::<f32>(n).unwrap();
                for _ in 0..50 {
                    let (mut out, x) = (y.tensor_mut(&[1, n]).unwrap(), x.tensor(&[1, n]).unwrap());
                    let w = x.reshape(&[n]).unwrap();
                    ops::rmsnorm(&stream, &mut out, &x, &w, ops::RmsnormOptions { eps: 0.0 }).unwrap();
                    // This thread's message, whatever the others are told.
                    let wrong = [0.0f32; 9];
                    let wrong = TensorRef::from_slice(&wrong[..n + 1], &[n + 1]).unwrap();
                    let error = ops::rmsnorm(&stream, &mut out, &x, &wrong, Default::default()).unwrap_err();
                    assert!(error.message().contains(&format!("shape [{}]", n + 1)), "{error}");
                }
                assert_eq!(stream.download(&y).unwrap(), vec![2.0; n]);
            });
        }
    });
}

#[test]
fn without_a_device() {
    let context = Context::builder().validate_only("cpu").build().unwrap();
    let (x, w) = (TensorSpec::new(DType::F16, &[3, 8]).unwrap(), TensorSpec::new(DType::F16, &[8]).unwrap());
    let mut y = x.clone();
    let stream = context.default_stream();
    ops::rmsnorm(&stream, &mut y.output(), &x.input(), &w.input(), Default::default()).unwrap();
    assert_eq!(last_kernel().unwrap(), "rmsnorm/cpu");
    assert_eq!(context.alloc::<f32>(1).unwrap_err().status(), Status::UNSUPPORTED);
    // A context with a device takes no tensor without memory.
    let real = cpu();
    let error =
        ops::rmsnorm(&real.default_stream(), &mut y.output(), &x.input(), &w.input(), Default::default());
    assert_eq!(error.unwrap_err().status(), Status::NULL_POINTER);
}

#[test]
fn the_library_describes_itself() {
    assert_eq!(version().unwrap(), env!("CARGO_PKG_VERSION"));
    assert_eq!(device_count(DeviceKind::CPU).unwrap(), 1);
    let kernels = kernels().unwrap();
    for op in op_names().unwrap() {
        assert!(kernels.iter().any(|k| k.op == op && k.kernel == "cpu"), "{op} does not run on the CPU");
    }
    cpu().preload(Some("rmsnorm")).unwrap();
    assert_eq!(cpu().preload(Some("no_such_op")).unwrap_err().status(), Status::INVALID_ARGUMENT);
}

#[test]
fn rows_of_blocks() {
    // Two rows of two blocks each, as a GGUF file has them.
    let bytes = [0u8; 4 * 18];
    let x = TensorRef::from_bytes(&bytes, DType::Q4_0, &[2, 64]).unwrap();
    assert_eq!((DType::Q4_0.block(), DType::Q4_0.bytes(), DType::F16.block()), (32, 18, 1));
    assert_eq!(x.shape(), [2, 64]);
    assert_eq!(x.narrow(1, 32, 32).unwrap().shape(), [2, 32]);
    assert_eq!(x.select(0, 1).unwrap().shape(), [64]);
    assert_eq!(x.reshape(&[4, 32]).unwrap().strides(), [32, 1]);
    let refused = |r: Result<TensorRef<'_>>, text: &str| {
        let error = r.unwrap_err();
        assert_eq!(error.status(), Status::INVALID_SHAPE);
        assert!(error.to_string().contains(text), "{error}");
    };
    refused(TensorRef::from_bytes(&bytes, DType::Q4_0, &[3, 64]), "past the 128 elements");
    refused(TensorRef::from_bytes(&bytes, DType::Q4_0, &[2, 48]), "whole blocks of 32");
    refused(TensorRef::from_bytes(&bytes, DType::Q4_K, &[256]), "past the 0 elements");
    refused(x.narrow(1, 16, 32), "inside a block");
    refused(x.narrow(1, 32, 16), "whole blocks of 32");
    refused(x.select(1, 0), "made of blocks");
    refused(x.unflatten(1, 16), "whole blocks of 32");
    refused(x.reshape(&[8, 16]), "whole blocks of 32");
    for (dtype, size) in [(DType::Q8_0, 34), (DType::Q6_K, 210), (DType::MXFP4, 17)] {
        let block = vec![0u8; size];
        assert!(TensorRef::from_bytes(&block, dtype, &[dtype.block()]).is_ok());
        assert!(TensorRef::from_bytes(&block[1..], dtype, &[dtype.block()]).is_err());
    }
}

#[test]
fn contents_are_checked_where_asked() {
    let context = Context::builder().device("cpu").check_contents(true).build().unwrap();
    let stream = context.default_stream();
    // A page table whose first page is past the cache's two.
    let (q, cache) = (context.alloc::<f32>(8).unwrap(), context.alloc::<f32>(2 * 4 * 8).unwrap());
    let (indptr, last) = (context.upload(&[0i32, 1]).unwrap(), context.upload(&[1i32]).unwrap());
    let mut out = context.upload(&[7.0f32; 8]).unwrap();
    let call = |page: i32, out: &mut DeviceBuffer<f32>| {
        let indices = context.upload(&[page]).unwrap();
        // SAFETY: what is taken on trust is looked at.
        unsafe {
            ops::paged_attention_decode(
                &stream,
                &mut out.tensor_mut(&[1, 1, 8]).unwrap(),
                &q.tensor(&[1, 1, 8]).unwrap(),
                &cache.tensor(&[2, 4, 1, 8]).unwrap(),
                &cache.tensor(&[2, 4, 1, 8]).unwrap(),
                &indptr.tensor(&[2]).unwrap(),
                &indices.tensor(&[1]).unwrap(),
                &last.tensor(&[1]).unwrap(),
                Default::default(),
            )
        }
    };
    let error = call(2, &mut out).unwrap_err();
    assert_eq!(error.status(), Status::INVALID_CONTENTS);
    let text = "paged_attention_decode: kv_indices[0]: 2, expected below 2 (pages of k_cache)";
    assert!(error.to_string().contains(text), "{error}");
    call(1, &mut out).unwrap();
}
