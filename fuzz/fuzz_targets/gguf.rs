//! Any bytes: the parser must not panic, must not ask for what it has, and must give the same for a prefix that grows
//! as for the whole file.

#![no_main]

use ggweb_gguf::{Error, Header, Parsed, Writer, parse};
use libfuzzer_sys::fuzz_target;

/// Inputs up to this length grow by exactly what is asked; real headers would take hundreds of parses.
const EXACT_BYTES_MAX: usize = 1024;

fuzz_target!(|file: &[u8]| {
    let file_len = file.len() as u64;
    let whole = parse(file, Some(file_len));
    assert!(same(&whole, &grow(file, Some(file_len))), "grown and whole");

    match (parse(file, None), &whole) {
        (Ok(Parsed::NeedMore { at_least }), _) => {
            assert!(at_least > file_len, "{at_least} bytes asked of {file_len}");
            assert!(whole.is_err(), "a whole file is never too short");
        }
        (unknown, Ok(_)) => assert!(same(&unknown, &whole), "with and without the length"),
        (Ok(Parsed::Header(_)), Err(error)) => assert!(matches!(error, Error::OutOfFile { .. }), "{error}"),
        (Err(_), Err(_)) => {}
    }
    if let Ok(Parsed::Header(header)) = &whole {
        check(header, file_len);
        rewrite(header);
    }
});

/// Parses as a download would: only as far as asked each time, or twice as far where that would take many steps.
fn grow(file: &[u8], file_len: Option<u64>) -> ggweb_gguf::Result<Parsed> {
    let mut n = 0;
    loop {
        match parse(&file[..n], file_len)? {
            Parsed::NeedMore { at_least } => {
                assert!(at_least > n as u64 && at_least <= file.len() as u64, "{n} bytes, {at_least} asked");
                let n_doubled = if file.len() > EXACT_BYTES_MAX { 2 * n } else { 0 };
                n = (at_least as usize).max(n_doubled).min(file.len());
            }
            header => return Ok(header),
        }
    }
}

/// What the header promises its readers.
fn check(header: &Header, file_len: u64) {
    assert!(header.alignment.is_power_of_two(), "alignment");
    assert!(header.file_len_min <= file_len, "inside the file");
    for tensor in &header.tensors {
        assert!(tensor.offset >= header.data_offset, "behind the header");
        assert!(tensor.offset + tensor.n_bytes <= header.file_len_min, "inside the file");
        let n_weights = tensor.shape.iter().product();
        assert_eq!(tensor.ggml_type.n_bytes(n_weights), Some(tensor.n_bytes), "size");
    }
}

/// Metadata that was read can be written, and reads the same.
fn rewrite(header: &Header) {
    let mut writer = Writer::new();
    for (key, value) in header.metadata.iter() {
        writer.set(key, value.clone());
    }
    let file = writer.to_vec();
    let Ok(Parsed::Header(again)) = parse(&file, Some(file.len() as u64)) else { panic!("written and not read") };
    assert!(same_metadata(&again, header), "written and read");
}

/// Whether two results are equal, errors by their fields.
fn same(a: &ggweb_gguf::Result<Parsed>, b: &ggweb_gguf::Result<Parsed>) -> bool {
    match (a, b) {
        (Ok(Parsed::Header(a)), Ok(Parsed::Header(b))) => a.tensors == b.tensors && same_metadata(a, b),
        (a, b) => a == b,
    }
}

/// Whether the metadata of two headers is equal. NaN differs from itself, so what differs is compared as text.
fn same_metadata(a: &Header, b: &Header) -> bool {
    a.metadata == b.metadata
        || a.metadata.iter().zip(b.metadata.iter()).all(|(a, b)| a == b || format!("{a:?}") == format!("{b:?}"))
}
