// A small inventory in Rust: collections, traits, closures, 128-bit integers, files, arguments, environment, standard input,
// clocks, and a panic-free exit code. Written for Rust 1.63 (Debian 12's) and later.
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Tool { name: String, weight: f64 },
    Bolt { size: u32, count: u64 },
}

trait Worth {
    fn worth(&self) -> f64;
}

impl Worth for Item {
    fn worth(&self) -> f64 {
        match self {
            Item::Tool { weight, .. } => weight * 4.5,
            Item::Bolt { size, count } => f64::from(*size) * (*count as f64) / 8.0,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Tool { name, weight } => write!(f, "{name:>10} {weight:8.3} kg"),
            Item::Bolt { size, count } => write!(f, "{:>10} {count:8} pieces", format!("M{size}")),
        }
    }
}

fn read_items(input: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let bad = |what: &str| format!("line {}: {what}", number + 1);
        match fields.as_slice() {
            [] => continue,
            ["tool", name, weight] => items.push(Item::Tool {
                name: name.to_string(),
                weight: weight.parse().map_err(|_| bad("weight"))?,
            }),
            ["bolt", size, count] => items.push(Item::Bolt {
                size: size.parse().map_err(|_| bad("size"))?,
                count: count.parse().map_err(|_| bad("count"))?,
            }),
            _ => return Err(bad("neither tool nor bolt")),
        }
    }
    Ok(items)
}

fn collections() {
    let mut random = 88172645463325252u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut map: HashMap<u64, Vec<u64>> = HashMap::new();
    for _ in 0..40_000 {
        let value = next();
        map.entry(value % 997).or_default().push(value);
    }
    let ordered: BTreeMap<_, _> = map.iter().map(|(k, v)| (*k, v.iter().fold(0u64, |a, b| a.wrapping_mul(31).wrapping_add(*b)))).collect();
    let total = ordered.values().fold(0u128, |sum, v| sum * 3 % 0xffff_ffff_ffff_ffff_ffff_u128 + u128::from(*v));
    println!("{} buckets, total {total}", ordered.len());
    let mut heap: BinaryHeap<u64> = (0..5000).map(|_| next() % 100_000).collect();
    let top: Vec<u64> = std::iter::from_fn(|| heap.pop()).take(5).collect();
    println!("largest {top:?}");
    let mut sieve = vec![true; 200_000];
    for i in 2..450 {
        if sieve[i] {
            (i * i..sieve.len()).step_by(i).for_each(|k| sieve[k] = false);
        }
    }
    println!("{} primes", sieve.iter().skip(2).filter(|p| **p).count());
    let unique: HashSet<char> = "the quick brown fox".chars().filter(|c| c.is_alphabetic()).collect();
    let ring: VecDeque<i32> = (0..10).rev().collect();
    println!("{} letters, ring {:?}", unique.len(), ring.iter().step_by(3).collect::<Vec<_>>());
}

fn files(dir: &Path) -> io::Result<()> {
    let path = dir.join("inventory.bin");
    {
        let mut out = BufWriter::new(fs::File::create(&path)?);
        for i in 0u32..1000 {
            out.write_all(&i.wrapping_mul(2654435761).to_le_bytes())?;
        }
    }
    let mut file = fs::File::open(&path)?;
    file.seek(SeekFrom::Start(400))?;
    let mut word = [0u8; 4];
    file.read_exact(&mut word)?;
    println!("{} bytes, word 100 = {:#010x}", file.metadata()?.len(), u32::from_le_bytes(word));
    fs::create_dir_all(dir.join("deep/er"))?;
    fs::rename(&path, dir.join("deep/er/kept.bin"))?;
    fs::write(dir.join("deep/note.txt"), "one\ntwo\nthree\n")?;
    let lines = BufReader::new(fs::File::open(dir.join("deep/note.txt"))?).lines().collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<String> = fs::read_dir(dir.join("deep"))?.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned())).collect::<Result<_, _>>()?;
    names.sort();
    println!("{lines:?} in {names:?}");
    match fs::read_to_string(dir.join("absent")) {
        Err(error) => println!("absent: {:?}", error.kind()),
        Ok(_) => println!("absent: found"),
    }
    Ok(())
}

fn clocks() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(15));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(15));
    println!("after 2024: {}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs()) > 1_704_067_200);
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("{:?}", &args[1..]);
    println!("GREETING {:?}, HOME {:?}", std::env::var("GREETING"), std::env::var("HOME").is_ok());
    let mut input = String::new();
    io::stdin().read_to_string(&mut input).expect("standard input is UTF-8");
    match read_items(&input) {
        Ok(items) => {
            items.iter().for_each(|item| println!("{item}"));
            println!("worth {:.4}", items.iter().map(|i| i.worth()).sum::<f64>());
        }
        Err(error) => println!("refused, {error}"),
    }
    println!("{:?}", read_items("tool hammer heavy"));
    collections();
    clocks();
    if let Err(error) = files(Path::new(&args[0])) {
        println!("files: {error}");
        std::process::exit(1);
    }
    std::process::exit(5);
}
