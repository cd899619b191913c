//! bench.h for kernels in Rust: the size, random numbers, and the talk with the runner.

use std::io::{Read, Write};

fn tell(text: &str) {
    let mut output = std::io::stdout();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).expect("the runner listens");
    let mut byte = [0];
    while matches!(std::io::stdin().lock().read(&mut byte), Ok(1)) && byte[0] != b'\n' {}
}

pub fn size() -> u32 {
    std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1)
}

pub fn begin() {
    tell("begin\n");
}

pub fn end(checksum: u64) {
    tell(&format!("{checksum:016x}\nend\n"));
}

pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

pub fn mix(checksum: u64, value: u64) -> u64 {
    (checksum ^ value).wrapping_mul(0x100_0000_01b3).wrapping_add(checksum >> 29)
}
