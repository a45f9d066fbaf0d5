//! Counter-based random numbers: Philox4x32-10.

const ROUNDS: u32 = 10;
/// Multipliers of the round function.
const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
/// What the key grows by between rounds: the golden ratio and √3 − 1, as fractions of 2³².
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Four random words for a key and a counter; equal arguments always give equal words.
///
/// # Source
/// Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
pub fn philox4x32_10(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let [mut k0, mut k1] = key;
    let mut c = counter;
    for _ in 0..ROUNDS {
        let (hi0, lo0) = multiply(M0, c[0]);
        let (hi1, lo1) = multiply(M1, c[2]);
        c = [hi1 ^ c[1] ^ k0, lo1, hi0 ^ c[3] ^ k1, lo0];
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    c
}

/// The random number of one position of one sequence, in [0, 1).
///
/// The mapping, which every other implementation (a shader, say) has to follow:
/// - key = (low word of `seed`, high word of `seed`);
/// - counter = (low word of `position`, low word of `sequence`, high word of `position`, high word of
///   `sequence`), so (position, sequence, 0, 0) for everything that fits in 32 bits;
/// - the number is `(word >> 8) × 2⁻²⁴` with the *first* output word: 24 bits, so exact in f32 and below 1.
pub fn uniform(seed: u64, position: u64, sequence: u64) -> f32 {
    let [seed_lo, seed_hi] = words(seed);
    let [position_lo, position_hi] = words(position);
    let [sequence_lo, sequence_hi] = words(sequence);
    let [word, ..] = philox4x32_10(
        [seed_lo, seed_hi],
        [position_lo, sequence_lo, position_hi, sequence_hi],
    );
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// High and low word of the product.
fn multiply(a: u32, b: u32) -> (u32, u32) {
    let [lo, hi] = words(u64::from(a) * u64::from(b));
    (hi, lo)
}

/// Low and high word.
fn words(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random123's `tests/kat_vectors`, lines `philox4x32 10`: counter, key, output.
    const KNOWN_ANSWERS: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        (
            [0; 4],
            [0; 2],
            [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8],
        ),
        (
            [u32::MAX; 4],
            [u32::MAX; 2],
            [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD],
        ),
        (
            [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
            [0xA409_3822, 0x299F_31D0],
            [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1],
        ),
    ];

    #[test]
    fn known_answers() {
        for (counter, key, expected) in KNOWN_ANSWERS {
            assert_eq!(philox4x32_10(key, counter), expected);
        }
    }

    #[test]
    fn uniform_takes_the_top_24_bits_of_the_first_word() {
        assert_eq!(uniform(0, 0, 0), 0x66_27E8 as f32 / 16_777_216.0);
        assert_eq!(
            uniform(u64::MAX, u64::MAX, u64::MAX),
            0x40_8F27 as f32 / 16_777_216.0
        );
        // Low words first, in key and counter; the high words come behind them.
        let (position, sequence) = (0x1319_8A2E_243F_6A88, 0x0370_7344_85A3_08D3);
        assert_eq!(
            uniform(0x299F_31D0_A409_3822, position, sequence),
            0xD1_6CFE as f32 / 16_777_216.0
        );
    }

    #[test]
    fn uniform_stays_below_one_and_is_flat() {
        let mut bins = [0_u32; 16];
        for position in 0..160_000 {
            let u = uniform(1, position, 0);
            assert!((0.0..1.0).contains(&u), "{u} at {position}");
            bins[(u * 16.0) as usize] += 1;
        }
        // Expected 10 000 each with a standard deviation of 97; five of them is the bound.
        assert!(bins.iter().all(|&n| n.abs_diff(10_000) < 485), "{bins:?}");
    }

    #[test]
    fn seed_position_and_sequence_all_matter() {
        let u = uniform(5, 6, 7);
        for other in [
            uniform(6, 6, 7),
            uniform(5, 7, 7),
            uniform(5, 6, 8),
            uniform(5 << 32, 6, 7),
            uniform(5, 7, 6),
        ] {
            assert_ne!(u, other);
        }
    }
}
