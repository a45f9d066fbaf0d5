//! A growing prefix gives what the whole file gives, and a file cut anywhere is an error.

use ggweb_gguf::{Array, Error, GgmlType, Header, Metadata, Parsed, Strings, Value, Writer, parse};

/// A file with a value of every type.
fn every_type() -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .set("u8", 1_u8)
        .set("i8", -2_i8)
        .set("u16", 3_u16)
        .set("i16", -4_i16);
    writer
        .set("u32", 5_u32)
        .set("i32", -6_i32)
        .set("u64", 7_u64)
        .set("i64", -8_i64);
    writer
        .set("f32", 1.5_f32)
        .set("f64", -2.5_f64)
        .set("bool", true)
        .set("string", "text \u{e9}");
    writer
        .set("u8s", vec![1_u8, 2])
        .set("i8s", vec![-1_i8])
        .set("u16s", vec![1_u16, 2])
        .set("i16s", vec![-1_i16]);
    writer
        .set("u32s", vec![1_u32, 2])
        .set("i32s", vec![-1_i32])
        .set("u64s", vec![1_u64])
        .set("i64s", vec![-1_i64]);
    writer
        .set("f32s", vec![0.5_f32, 2.0])
        .set("f64s", vec![0.25_f64])
        .set("bools", vec![true, false]);
    writer.set("strings", ["a", "", "bcd"].into_iter().collect::<Strings>());
    writer.set("none", Strings::default());
    let inner = |items: &[u32]| Array::U32(items.to_vec());
    writer.set(
        "arrays",
        Array::Array(vec![
            inner(&[1, 2]),
            inner(&[]),
            Array::Array(vec![inner(&[3])]),
        ]),
    );
    writer.set("general.alignment", 64_u32);
    writer.tensor("token_embd.weight", GgmlType::Q8_0, &[2, 32], vec![1; 68]);
    writer.tensor("output_norm.weight", GgmlType::F32, &[3], vec![2; 12]);
    writer.tensor("cube", GgmlType::F16, &[4, 3, 2], vec![3; 48]);
    writer.to_vec()
}

fn whole(file: &[u8], file_len: Option<u64>) -> Header {
    match parse(file, file_len).expect("well-formed") {
        Parsed::Header(header) => *header,
        Parsed::NeedMore { at_least } => {
            panic!("{at_least} bytes asked of a whole file of {}", file.len())
        }
    }
}

#[test]
fn what_is_written_is_read() {
    let file = every_type();
    let header = whole(&file, Some(file.len() as u64));
    assert_eq!((header.version, header.alignment), (3, 64));
    assert_eq!(header.metadata.get("i16"), Some(&Value::I16(-4)));
    assert_eq!(
        header.metadata.get("bools"),
        Some(&Value::Array(Array::Bool(vec![true, false])))
    );
    assert_eq!(
        header.metadata.strings("strings").unwrap().unwrap().get(2),
        Some(b"bcd".as_slice())
    );
    let again: Metadata = header
        .metadata
        .iter()
        .map(|(key, value)| (key, value.clone()))
        .collect();
    assert_eq!(again, header.metadata);

    let tensors: Vec<_> = header
        .tensors
        .iter()
        .map(|t| (t.name.as_str(), t.shape.as_slice(), t.n_bytes))
        .collect();
    let expected: [(&str, &[u64], u64); 3] = [
        ("token_embd.weight", &[2, 32], 68),
        ("output_norm.weight", &[3], 12),
        ("cube", &[4, 3, 2], 48),
    ];
    assert_eq!(tensors, expected);
    for (tensor, byte) in header.tensors.iter().zip(1_u8..) {
        let bytes = &file[tensor.offset as usize..][..tensor.n_bytes as usize];
        assert!(bytes.iter().all(|&found| found == byte), "{}", tensor.name);
        assert_eq!(tensor.offset % 64, 0);
    }
    assert_eq!(header.data_offset, header.tensors[0].offset);
    assert_eq!(
        header.file_len_min,
        header.tensor("cube").map(|cube| cube.offset + 48).unwrap()
    );
    assert_eq!(header.tensor("sphere"), None);
}

#[test]
fn write_to_gives_the_same_bytes() {
    let mut writer = Writer::new();
    writer
        .set("general.alignment", 64_u32)
        .tensor("a", GgmlType::I8, &[5], vec![9; 5]);
    let mut out = Vec::new();
    writer.write_to(&mut out).unwrap();
    assert_eq!(out, writer.to_vec());
}

#[test]
fn every_prefix_asks_for_more_until_the_header_is_whole() {
    let file = every_type();
    let file_len = file.len() as u64;
    let expected = whole(&file, Some(file_len));
    let mut n_need_more = 0;
    for n in 0..=file.len() {
        for known in [None, Some(file_len)] {
            match parse(&file[..n], known).expect("a prefix of a well-formed file") {
                Parsed::Header(header) => assert_eq!(*header, expected),
                Parsed::NeedMore { at_least } => {
                    assert!(
                        n as u64 <= expected.data_offset,
                        "the header is whole at {n} bytes"
                    );
                    assert!(
                        at_least > n as u64 && at_least <= expected.data_offset,
                        "{n} bytes, {at_least} asked"
                    );
                    n_need_more += 1;
                }
            }
        }
    }
    assert!(n_need_more > 1000, "most prefixes are too short");
}

#[test]
fn a_file_cut_at_any_byte_is_an_error() {
    let file = every_type();
    let header = whole(&file, None);
    for n in 0..header.file_len_min as usize {
        match parse(&file[..n], Some(n as u64)) {
            Err(Error::Truncated {
                needed, file_len, ..
            }) => assert!(needed > file_len && file_len == n as u64),
            Err(Error::OutOfFile { file_len, .. }) => assert_eq!(file_len, n as u64),
            other => panic!("cut at {n}: {other:?}"),
        }
    }
    let n = header.file_len_min;
    assert_eq!(
        whole(&file[..n as usize], Some(n)),
        header,
        "padding behind the last tensor may be missing"
    );
}

#[test]
fn a_large_vocabulary_takes_few_steps() {
    let mut writer = Writer::new();
    let tokens: Strings = (0..256_000).map(|id| format!("token{id}")).collect();
    writer.set("tokenizer.ggml.tokens", tokens);
    let file = writer.to_vec();
    let mut n = 4096;
    let mut n_calls = 1;
    while let Parsed::NeedMore { at_least } = parse(&file[..n], None).unwrap() {
        n = (at_least as usize).max(2 * n).min(file.len());
        n_calls += 1;
    }
    assert!(n_calls <= 6, "{n_calls} calls");
}
