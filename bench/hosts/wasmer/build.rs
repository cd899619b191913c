//! Compiles the C side: the bench's little WASI.
fn main() {
    println!("cargo::rerun-if-changed=../wasi.h");
    println!("cargo::rerun-if-changed=wasi.c");
    cc::Build::new().file("wasi.c").compile("wasi");
}
