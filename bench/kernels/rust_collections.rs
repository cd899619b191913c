//! Rust's own collections and strings: BTreeMap, HashMap with its default hasher, String building and parsing.

mod bench;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

#[inline(never)]
fn index(seed: u64) -> u64 {
    let mut random = bench::Random(seed);
    let mut text = String::new();
    for _ in 0..3_000 {
        let bits = random.next();
        writeln!(text, "key{}={}", bits % 700, bits >> 48).unwrap();
    }
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap();
        *sums.entry(key).or_default() += value.parse::<u64>().unwrap();
        *counts.entry(key).or_default() += 1;
    }
    sums.iter().fold(0, |checksum, (key, sum)| bench::mix(checksum, sum * u64::from(counts[key]) + key.len() as u64))
}

fn main() {
    let rounds = bench::size();
    bench::begin();
    let checksum = (0..u64::from(rounds)).fold(0, |checksum, round| bench::mix(checksum, index(33 + round)));
    bench::end(checksum);
}
