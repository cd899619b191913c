//! Compiles and runs WASI commands in Wasmer, as its CLI would, in those words of its CLI that the bench uses:
//!
//!     wasmer compile --llvm FILE -o ARTIFACT
//!     wasmer run [--quiet] --llvm FILE_OR_ARTIFACT [--] [ARGS...]
//!
//! Why not the CLI: with WASIX and the registry's client it compiles for more than an hour on two cores. The bench's little
//! WASI (wasi.h) takes the place of WASIX here, so there are no directories, and no CPython.
//!
//! What decides about speed is as in its CLI: see `engine`.

use std::ffi::{CStr, CString, c_char, c_int};
use std::fs::File;
use std::io::Read;
use std::process::exit;

use wasmer::sys::{CompilerConfig, EngineBuilder, LLVM, Target};
use wasmer::{
    Engine, Function, FunctionEnv, FunctionEnvMut, FunctionType, Imports, Instance, Memory, Module, Store, Type, Value,
    is_wasm, namespace,
};

type Failure = Box<dyn std::error::Error>;

/// As in wasi.h.
#[repr(C)]
struct Guest {
    argument_count: c_int,
    arguments: *const *const c_char,
    memory: *mut u8,
    memory_size: u64,
}

/// As in wasi.h.
#[repr(C)]
struct WasiFunction {
    name: *const c_char,
    parameters: *const c_char,
    call: extern "C" fn(*mut Guest, *const u64) -> u32,
}

unsafe extern "C" {
    safe fn wasi_function(index: usize) -> Option<&'static WasiFunction>;
}

struct Host {
    guest: Guest,
    memory: Option<Memory>, // known once the guest is instantiated
}

// SAFETY: the arguments are never freed and never written.
unsafe impl Send for Host {}

/// What Wasmer's CLI makes of `--llvm` alone (`get_engine` in its src/backend.rs): LLVM's optimisation level aggressive, passes
/// of Wasmer's choice, a thread for every core that the process may use, accesses of memory that are not volatile, tables
/// of functions that nobody writes as constants, each proposal that this compiler has, and this machine as the target:
/// LLVM's CPU "generic" with those of its features that Wasmer has names for.
/// https://github.com/wasmerio/wasmer/blob/v7.4.2/lib/cli/src/backend.rs
fn engine() -> Engine {
    let mut llvm = LLVM::new();
    llvm.non_volatile_memops(true).readonly_funcref_table(true);
    let target = Target::default();
    let features = llvm.supported_features_for_target(&target);
    EngineBuilder::new(llvm).set_features(Some(features)).set_target(Some(target)).engine().into()
}

fn compile(file: &str, artifact: &str) -> Result<(), Failure> {
    Ok(Module::from_file(&engine(), file)?.serialize_to_file(artifact)?)
}

/// One row of wasi.h as a function of the guest.
fn bind(store: &mut Store, host: &FunctionEnv<Host>, row: &'static WasiFunction) -> Function {
    // SAFETY: rows hold string literals.
    let letters = unsafe { CStr::from_ptr(row.parameters) }.to_bytes();
    let parameters: Vec<Type> =
        letters.iter().map(|letter| if *letter == b'I' { Type::I64 } else { Type::I32 }).collect();
    let function = row.call;
    let call = move |mut env: FunctionEnvMut<Host>, values: &[Value]| {
        let (host, store) = env.data_and_store_mut();
        if let Some(memory) = &host.memory {
            let view = memory.view(&store);
            (host.guest.memory, host.guest.memory_size) = (view.data_ptr(), view.data_size());
        }
        let words: Vec<u64> = values
            .iter()
            .map(|value| value.i32().map_or_else(|| value.unwrap_i64() as u64, |word| word as u32 as u64))
            .collect();
        Ok(vec![Value::I32(function(&mut host.guest, words.as_ptr()) as i32)])
    };
    Function::new_with_env(store, host, FunctionType::new(parameters, [Type::I32]), call)
}

fn run(file: &str, arguments: Vec<String>) -> Result<(), Failure> {
    let engine = engine();
    let mut magic = [0; 4];
    File::open(file)?.read_exact(&mut magic)?;
    // SAFETY: the artifact is one that `compile` left.
    let module = if is_wasm(magic) {
        Module::from_file(&engine, file)?
    } else {
        unsafe { Module::deserialize_from_file(&engine, file)? }
    };

    let mut words: Vec<*const c_char> = Vec::new();
    for argument in arguments {
        words.push(CString::new(argument)?.into_raw());
    }
    let guest = Guest {
        argument_count: words.len() as c_int,
        arguments: words.leak().as_ptr(),
        memory: std::ptr::null_mut(),
        memory_size: 0,
    };
    let mut store = Store::new(engine);
    let host = FunctionEnv::new(&mut store, Host { guest, memory: None });

    let leave = Function::new_typed(&mut store, |status: i32| -> () { exit(status) });
    let mut wasi = namespace! { "proc_exit" => leave };
    for row in (0..).map_while(|index| wasi_function(index)) {
        // SAFETY: rows hold string literals.
        wasi.insert(unsafe { CStr::from_ptr(row.name) }.to_str()?, bind(&mut store, &host, row));
    }
    let mut imports = Imports::new();
    imports.register_namespace("wasi_snapshot_preview1", wasi);
    let instance = Instance::new(&mut store, &module, &imports)?;
    host.as_mut(&mut store).memory = instance.exports.get_memory("memory").ok().cloned();
    instance.exports.get_function("_start")?.call(&mut store, &[])?;
    Ok(())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--quiet").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["--version"] => Ok(println!("wasmer {}, its crate in a host of swage's bench", env!("CARGO_PKG_VERSION"))),
        ["compile", "--llvm", file, "-o", artifact] => compile(file, artifact),
        ["run", "--llvm", file, "--", rest @ ..] | ["run", "--llvm", file, rest @ ..] => {
            run(file, std::iter::once(*file).chain(rest.iter().copied()).map(String::from).collect())
        }
        _ => Err("expected compile --llvm FILE -o ARTIFACT, or run --llvm FILE [--] ARGS...; there are no directories"
            .into()),
    };
    if let Err(failure) = result {
        eprintln!("wasmer: error: {failure}");
        exit(1);
    }
}
