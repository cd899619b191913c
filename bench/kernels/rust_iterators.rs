//! Chains of iterators over slices, vectors and options, with closures: how much of them is left in the machine code.

mod bench;

struct Reading {
    sensor: u32,
    value: f64,
    valid: bool,
}

#[inline(never)]
fn summarise(readings: &[Reading], limit: f64) -> u64 {
    let kept: Vec<(u32, f64)> =
        readings.iter().filter(|reading| reading.valid).map(|reading| (reading.sensor, reading.value)).filter(|pair| pair.1 < limit).collect();
    let even: f64 = kept.iter().filter(|pair| pair.0 % 2 == 0).map(|pair| pair.1).sum();
    let steepest = kept.windows(2).map(|pair| ((pair[1].1 - pair[0].1).abs() * 1000.0) as u64).max().unwrap_or(0);
    let pairs = kept.chunks(4).zip(readings.iter().rev()).filter(|(chunk, reading)| chunk[0].0 > reading.sensor).count();
    let longest = readings.split(|reading| !reading.valid).map(<[Reading]>::len).max().unwrap_or(0);
    let codes: u64 = kept.iter().flat_map(|pair| [pair.0, pair.0 >> 3]).enumerate().map(|(at, code)| u64::from(code) ^ at as u64).fold(0, u64::wrapping_add);
    codes.wrapping_mul(31) ^ (even as u64) ^ steepest << 8 ^ (pairs as u64) << 16 ^ (longest as u64) << 40
}

fn main() {
    let rounds = bench::size();
    let mut random = bench::Random(32);
    let readings: Vec<Reading> = (0..10_000)
        .map(|_| {
            let bits = random.next();
            Reading { sensor: (bits % 512) as u32, value: (bits >> 44) as f64 / 1024.0, valid: bits >> 20 & 7 != 0 }
        })
        .collect();
    bench::begin();
    let checksum = (0..rounds).fold(0, |checksum, round| bench::mix(checksum, summarise(&readings, 500.0 + f64::from(round % 500))));
    bench::end(checksum);
}
