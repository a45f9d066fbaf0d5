//! Every kind of malformed file is an error that says what is wrong and where.

mod raw;

use ggweb_gguf::limits::{ARRAY_LEN_MAX, KEY_BYTES_MAX, N_KV_MAX, N_TENSORS_MAX, STRING_BYTES_MAX};
use ggweb_gguf::{Error, Parsed, parse};
use raw::Raw;

const U8: u32 = 0;
const U32: u32 = 4;
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const U64: u32 = 10;
const F32: u32 = 0; // As a tensor's type.
const Q4_0: u32 = 2;

#[test]
fn magic_and_version() {
    assert_eq!(
        Raw(b"<!DOCTYPE html>".to_vec()).message(),
        "not a GGUF file: expected the magic \"GGUF\" at byte 0, found \"<!DO\"; check that the download is the model \
         and not a web page or a Git LFS pointer"
    );
    for version in [0, 1, 4, 0x0003_0003] {
        assert_eq!(
            Raw::new(version, 0, 0).message(),
            format!(
                "GGUF version {version} (at byte 4) is not supported: expected 2 or 3; convert the model again"
            )
        );
    }
    assert_eq!(
        Raw::new(3_u32.swap_bytes(), 0, 0).message(),
        "this GGUF file is big-endian (version 3 with its bytes swapped, at byte 4); only little-endian files are \
         supported: use the file made for x86 or ARM"
    );
    assert_eq!(Raw::new(2, 0, 0).parse().unwrap().version, 2);
    assert_eq!(Raw::new(3, 0, 0).parse().unwrap().version, 3);
}

#[test]
fn truncated_files() {
    assert_eq!(
        Raw(b"GGUF\x03\0\0\0".to_vec()).message(),
        "the file is truncated: the header at byte 4 needs at least 24 bytes of file, but it has 8; download it again"
    );
    assert_eq!(
        Raw(Vec::new()).message(),
        "the file is truncated: the magic at byte 0 needs at least 4 bytes of file, but it has 0; download it again"
    );
    assert_eq!(
        Raw::new(3, 0, 1)
            .key("abc", STRING)
            .u64(10)
            .bytes(b"short")
            .message(),
        "the file is truncated: a string at byte 47 needs at least 57 bytes of file, but it has 52; download it again"
    );
}

#[test]
fn counts_near_the_end_of_u64() {
    for count in [
        u64::MAX,
        u64::MAX - 7,
        1 << 63,
        (1 << 61) + 1,
        u64::MAX / 24,
    ] {
        assert_eq!(
            Raw::new(3, count, 0).message(),
            format!(
                "the number of tensors at byte 8 is {count}, more than the limit of {N_TENSORS_MAX}; the file is malformed"
            )
        );
        assert_eq!(
            Raw::new(3, 0, count).parse(),
            Err(Error::OverLimit {
                what: "the number of metadata entries",
                offset: 16,
                found: count,
                limit: N_KV_MAX
            })
        );
        assert_eq!(
            Raw::new(3, 0, 1).u64(count).data(64).parse(),
            Err(Error::OverLimit {
                what: "a metadata key",
                offset: 24,
                found: count,
                limit: KEY_BYTES_MAX
            })
        );
        assert_eq!(
            Raw::new(3, 0, 1).key("k", STRING).u64(count).parse(),
            Err(Error::OverLimit {
                what: "the length of a string",
                offset: 37,
                found: count,
                limit: STRING_BYTES_MAX
            })
        );
        for element in 0..=12 {
            assert_eq!(
                Raw::new(3, 0, 1)
                    .key("k", ARRAY)
                    .u32(element)
                    .u64(count)
                    .parse(),
                Err(Error::OverLimit {
                    what: "the length of an array",
                    offset: 41,
                    found: count,
                    limit: ARRAY_LEN_MAX
                })
            );
        }
        let tensor_name = Raw::new(3, 1, 0).u64(count).data(64).parse();
        assert!(matches!(
            tensor_name,
            Err(Error::OverLimit {
                what: "a tensor's name",
                offset: 24,
                ..
            })
        ));
    }
}

#[test]
fn counts_within_limits_but_not_in_the_file() {
    let is_truncated = |raw: Raw| {
        assert!(
            matches!(raw.parse(), Err(Error::Truncated { .. })),
            "{:?}",
            raw.parse()
        );
    };
    is_truncated(Raw::new(3, N_TENSORS_MAX, 0));
    is_truncated(Raw::new(3, 0, N_KV_MAX));
    is_truncated(Raw::new(3, 0, 1).key("k", STRING).u64(STRING_BYTES_MAX));
    for element in 0..=12 {
        is_truncated(
            Raw::new(3, 0, 1)
                .key("k", ARRAY)
                .u32(element)
                .u64(ARRAY_LEN_MAX),
        );
    }
}

#[test]
fn a_count_is_asked_for_at_once() {
    // Nothing is allocated for the array's length: all that it promises has to be in the prefix first.
    for (element, bytes_min) in [(STRING, 8), (ARRAY, 12), (U64, 8), (U8, 1)] {
        let raw = Raw::new(3, 0, 1)
            .key("a", ARRAY)
            .u32(element)
            .u64(ARRAY_LEN_MAX)
            .data(512)
            .0;
        assert_eq!(
            parse(&raw, None),
            Ok(Parsed::NeedMore {
                at_least: 49 + bytes_min * ARRAY_LEN_MAX
            })
        );
    }
}

#[test]
fn metadata_values() {
    assert_eq!(
        Raw::new(3, 0, 1).key("k", 13).data(8).message(),
        "metadata \"k\": unknown value type 13 at byte 33; expected 0 to 12"
    );
    assert_eq!(
        Raw::new(3, 0, 1).key("k", ARRAY).u32(13).u64(0).message(),
        "metadata \"k\": unknown value type 13 at byte 37; expected 0 to 12"
    );
    assert_eq!(
        Raw::new(3, 0, 1).key("k", BOOL).bytes(&[2]).message(),
        "metadata \"k\": expected 0 or 1 for a bool at byte 37, found 2"
    );
    assert_eq!(
        Raw::new(3, 0, 1)
            .key("k", ARRAY)
            .u32(BOOL)
            .u64(3)
            .bytes(&[0, 1, 255])
            .message(),
        "metadata \"k\": expected 0 or 1 for a bool at byte 51, found 255"
    );
    assert_eq!(
        Raw::new(3, 0, 2)
            .key("k", U32)
            .u32(1)
            .key("k", U32)
            .u32(1)
            .message(),
        "metadata \"k\" stands twice, the second time at byte 41"
    );
    assert_eq!(
        Raw::new(3, 0, 1)
            .string(b"\xff")
            .u32(U8)
            .bytes(&[0])
            .message(),
        "a metadata key at byte 32 is not UTF-8"
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: u32| {
        let mut raw = Raw::new(3, 0, 1).key("k", ARRAY);
        for _ in 1..depth {
            raw = raw.u32(ARRAY).u64(1);
        }
        raw.u32(U8).u64(1).bytes(&[7])
    };
    assert!(nested(4).parse().is_ok());
    assert_eq!(
        nested(5).message(),
        "the nesting of arrays at byte 85 is 5, more than the limit of 4; the file is malformed"
    );
    assert!(nested(100_000).parse().is_err());
}

#[test]
fn alignment_is_a_power_of_two() {
    let aligned = |alignment: u32| {
        Raw::new(3, 0, 1)
            .key("general.alignment", U32)
            .u32(alignment)
    };
    for alignment in [1, 8, 32, 64, 4096, 1 << 20] {
        assert_eq!(
            aligned(alignment).parse().unwrap().alignment,
            u64::from(alignment)
        );
    }
    for alignment in [0, 3, 33, 1 << 21, u32::MAX] {
        assert_eq!(
            aligned(alignment).message(),
            format!(
                "metadata \"general.alignment\": expected a power of two up to 1048576, found {alignment}"
            )
        );
    }
    let huge = Raw::new(3, 0, 1).key("general.alignment", U64).u64(1 << 63);
    assert!(matches!(huge.parse(), Err(Error::BadAlignment { .. })));
    let text = Raw::new(3, 0, 1)
        .key("general.alignment", STRING)
        .string(b"32");
    assert_eq!(
        text.message(),
        "metadata \"general.alignment\": expected u64, found string"
    );
}

#[test]
fn tensor_names() {
    let twice = Raw::new(3, 2, 0)
        .tensor("w", &[8], F32, 0)
        .tensor("w", &[8], F32, 32)
        .data(64);
    assert_eq!(
        twice.message(),
        "tensor \"w\" stands twice, the second time at byte 57"
    );
    let long = "w".repeat(256);
    assert_eq!(
        Raw::new(3, 1, 0)
            .tensor(&long, &[8], F32, 0)
            .data(32)
            .message(),
        "a tensor's name at byte 24 is 256, more than the limit of 255; the file is malformed"
    );
    assert!(
        Raw::new(3, 1, 0)
            .tensor(&long[1..], &[8], F32, 0)
            .data(32)
            .parse()
            .is_ok()
    );
    let not_text = Raw::new(3, 1, 0)
        .string(b"\xc0")
        .u32(1)
        .u64(8)
        .u32(F32)
        .u64(0)
        .data(32);
    assert_eq!(
        not_text.message(),
        "a tensor's name at byte 32 is not UTF-8"
    );
}

#[test]
fn tensor_types_and_shapes() {
    let one = |dims: &[u64], type_id| Raw::new(3, 1, 0).tensor("w", dims, type_id, 0).data(1024);
    for id in [4, 5, 31, 36, 43, u32::MAX] {
        let offset = 24 + 9 + 4 + 8;
        assert_eq!(
            one(&[8], id).message(),
            format!(
                "tensor \"w\": unknown ggml type {id} at byte {offset}; the file is newer than this program, or malformed"
            )
        );
    }
    assert_eq!(
        one(&[1, 2, 3, 4, 5], F32).message(),
        "a tensor's number of dimensions at byte 33 is 5, more than the limit of 4; the file is malformed"
    );
    assert_eq!(
        one(&[8, 0], F32).message(),
        "tensor \"w\": dimension 0 of shape [0, 8] is 0"
    );
    assert_eq!(
        one(&[33, 2], Q4_0).message(),
        "tensor \"w\": rows of 33 weights are not whole Q4_0 blocks of 32"
    );
    for dims in [
        [1 << 32, 1 << 32],
        [1 << 62, 1],
        [1 << 61, 2],
        [u64::MAX, u64::MAX],
        [1 << 63, 2],
    ] {
        let (inner, outer) = (dims[0], dims[1]);
        assert_eq!(
            one(&dims, F32).message(),
            format!("tensor \"w\": the size of shape [{outer}, {inner}] in F32 overflows 64 bits")
        );
    }
    let scalar = one(&[], F32).parse().unwrap();
    assert_eq!(
        (scalar.tensors[0].shape.len(), scalar.tensors[0].n_bytes),
        (0, 4)
    );
}

#[test]
fn tensor_offsets() {
    let at = |offset| Raw::new(3, 1, 0).tensor("w", &[8], F32, offset).data(64);
    let data_offset = 64;
    assert_eq!(at(32).parse().unwrap().tensors[0].offset, data_offset + 32);
    assert_eq!(
        at(4).message(),
        "tensor \"w\": offset 4 in the data is not a multiple of the alignment 32"
    );
    assert_eq!(
        at(64).message(),
        "tensor \"w\": its 32 bytes at offset 128 end behind the file's 128 bytes; the file is truncated or malformed"
    );
    for offset in [u64::MAX - 31, 1 << 63, u64::MAX - 63] {
        assert!(
            matches!(at(offset).parse(), Err(Error::OutOfFile { .. })),
            "{offset}"
        );
        let known_or_not = parse(&at(u64::MAX - 31).0, None);
        assert!(
            matches!(known_or_not, Err(Error::OutOfFile { .. })),
            "overflows at any length"
        );
    }
    let overlapping = Raw::new(3, 2, 0)
        .tensor("b", &[16], F32, 32)
        .tensor("a", &[9], F32, 0)
        .data(96);
    assert_eq!(
        overlapping.message(),
        "tensor \"b\" at byte 128 overlaps tensor \"a\", which ends at byte 132; the file is malformed"
    );
    let same = Raw::new(3, 2, 0)
        .tensor("a", &[8], F32, 0)
        .tensor("b", &[8], F32, 0)
        .data(96);
    assert!(matches!(same.parse(), Err(Error::Overlap { .. })));
}

#[test]
fn an_unaligned_end_without_tensors_is_no_error() {
    let raw = Raw::new(3, 0, 1).key("k", 0).bytes(&[1]);
    let header = raw.parse().unwrap();
    assert_eq!(header.file_len_min, raw.0.len() as u64);
    assert_eq!(header.data_offset, 64);
}
