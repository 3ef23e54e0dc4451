//! Judges the write-ahead log before SQLite does.
//!
//! SQLite recovers a write-ahead log up to the first frame whose checksum fails and forgets the rest. That is right for an
//! append that a crash interrupted, and wrong for a flipped bit with acknowledged appends behind it: those would vanish
//! without a word. Every append is synced before the next begins, so frames of a *later* append behind a bad frame prove
//! that the bad one had been written whole.
//!
//! The proof has to hold against innocent remains as well: writers that were killed leave frames behind the end of the log,
//! which later, shorter appends overwrite in part. Such remains never continue the checksums of what stands before them. So
//! two frames count as neighbours only where the checksum of the second continues the first, and a boundary between two
//! appends is seen within neighbours only: a frame behind a commit, or a page written twice (an append writes a page once).
//!
//! The format is that of SQLite's file format document, fixed since SQLite 3.7.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tokenward::{Code, Error};

use super::failure::{incoherent, unreachable};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC: u32 = 0x377f_0682;
/// For so long a log is to lie still, or look the same, before it is called damaged.
const SETTLED: Duration = Duration::from_secs(1);

/// What was found behind the last whole append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// Nothing of this log.
    Clean,
    /// Frames that no commit closes: an append that was interrupted.
    Torn,
    /// A bad frame (by its number) that frames of a later append follow.
    Damaged { frame: u64 },
}

/// Whether the write-ahead log ends in an interrupted append.
///
/// A log that is being written can look damaged for a moment, and while the machine is busy a moment is long. So damage is
/// believed of a log that nobody has touched for a while, or that looks the same for as long.
///
/// # Errors
///
/// `log_damaged` when a bad frame stands before good ones; `store_busy` when it was written all the time, so that it could
/// not be told; `store_failed` when the file cannot be read.
pub(super) fn is_torn(path: &Path, patience: Duration) -> Result<bool, Error> {
    let began = Instant::now();
    let (mut last, mut since) = (look(path)?, began);
    loop {
        match last.1 {
            Tail::Clean => return Ok(false),
            Tail::Torn => return Ok(true),
            Tail::Damaged { .. } if since.elapsed() >= SETTLED || untouched(path) => return Err(incoherent()),
            Tail::Damaged { .. } if began.elapsed() >= patience.max(SETTLED.saturating_mul(2)) => {
                return Err(Error::new(Code::StoreBusy).at("store"));
            }
            Tail::Damaged { .. } => {}
        }
        thread::sleep(Duration::from_millis(2));
        let now = look(path)?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

/// Whether nobody has written to a file for a while.
fn untouched(path: &Path) -> bool {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    // A file of the future says nothing of when it was written.
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= SETTLED))
}

fn look(path: &Path) -> Result<([u8; HEADER], Tail), Error> {
    let mut header = [0; HEADER];
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((header, Tail::Clean)),
        Err(_) => return Err(unreachable()),
    };
    let mut reader = BufReader::with_capacity(1 << 16, file);
    if !fill(&mut reader, &mut header)? {
        return Ok((header, Tail::Clean));
    }
    let tail = match Format::of(&header) {
        Some(format) => Scan::new(format).run(&mut reader)?,
        // The header is synced before the first frame is written. Bad, with something behind it, it is damage.
        None if fill(&mut reader, &mut [0; FRAME_HEADER])? => Tail::Damaged { frame: 0 },
        None => Tail::Clean,
    };
    Ok((header, tail))
}

/// What the header says of all frames.
struct Format {
    big_endian: bool,
    page_size: usize,
    salts: (u32, u32),
    seed: Sum,
}

type Sum = (u32, u32);

impl Format {
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let magic = word(header, 0);
        let page_size = word(header, 8);
        if magic & !1 != MAGIC || !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
            return None;
        }
        let big_endian = magic & 1 == 1;
        let seed = checksum(big_endian, (0, 0), header.get(..24)?);
        (seed == (word(header, 24), word(header, 28))).then_some(Format {
            big_endian,
            page_size: usize::try_from(page_size).ok()?,
            salts: (word(header, 16), word(header, 20)),
            seed,
        })
    }
}

/// The state between two frames.
struct Scan {
    format: Format,
    /// The checksum stored in the frame before.
    stored: Sum,
    /// The checksum computed for the frame before, when all before that one is good.
    computed: Option<Sum>,
    /// The first bad frame.
    bad: Option<u64>,
    /// The pages of the frames since the last boundary, each the neighbour of the one before.
    pages: HashSet<u32>,
    /// Whether one of these frames is a commit.
    committed: bool,
    /// Whether frames of this log stand behind the last good commit.
    torn: bool,
}

struct Frame {
    page: u32,
    commits: bool,
    salts: (u32, u32),
    stored: Sum,
}

impl Scan {
    fn new(format: Format) -> Self {
        let seed = format.seed;
        let pages = HashSet::new();
        Scan { format, stored: seed, computed: Some(seed), bad: None, pages, committed: false, torn: false }
    }

    fn run(mut self, reader: &mut impl Read) -> Result<Tail, Error> {
        let mut header = [0; FRAME_HEADER];
        let mut page = vec![0; self.format.page_size];
        let mut number = 0_u64;
        while fill(reader, &mut header)? {
            let salts = (word(&header, 8), word(&header, 12));
            if !fill(reader, &mut page)? {
                self.torn |= salts == self.format.salts;
                break;
            }
            number = number.saturating_add(1);
            if let Some(frame) = self.step(number, &header, &page) {
                return Ok(Tail::Damaged { frame });
            }
        }
        Ok(if self.torn { Tail::Torn } else { Tail::Clean })
    }

    /// Takes the next frame; answers the bad one once it is proven to be damage.
    fn step(&mut self, number: u64, header: &[u8; FRAME_HEADER], data: &[u8]) -> Option<u64> {
        let frame = Frame {
            page: word(header, 0),
            commits: word(header, 4) != 0,
            salts: (word(header, 8), word(header, 12)),
            stored: (word(header, 16), word(header, 20)),
        };
        let head = header.get(..8).unwrap_or_default();
        let sum = |seed| checksum(self.format.big_endian, checksum(self.format.big_endian, seed, head), data);
        let of_this_log = frame.salts == self.format.salts;
        if self.bad.is_none() {
            let computed = sum(self.stored);
            if of_this_log && frame.page != 0 && computed == frame.stored {
                self.stored = computed;
                self.torn = !frame.commits;
                if frame.commits {
                    self.pages.clear();
                } else {
                    self.pages.insert(frame.page);
                }
                return None;
            }
            self.bad = Some(number);
            self.torn |= of_this_log;
            self.computed = Some(computed);
            self.stored = frame.stored;
            self.pages.insert(frame.page);
            self.committed = frame.commits;
            return None;
        }
        let continues = |seed: Option<Sum>| seed.is_some_and(|seed| sum(seed) == frame.stored);
        let neighbour = of_this_log && (continues(Some(self.stored)) || continues(self.computed));
        self.torn |= of_this_log;
        self.computed = None;
        self.stored = frame.stored;
        if !neighbour {
            self.pages.clear();
            self.committed = false;
        }
        // The page of a commit may repeat one that a big append had to write early.
        let repeats = !frame.commits && self.pages.contains(&frame.page);
        let boundary = neighbour && (self.committed || repeats);
        self.pages.insert(frame.page);
        self.committed |= frame.commits && of_this_log;
        if boundary { self.bad } else { None }
    }
}

/// SQLite's checksum over pairs of 32-bit words.
fn checksum(big_endian: bool, seed: Sum, bytes: &[u8]) -> Sum {
    let (mut one, mut two) = seed;
    let (pairs, _) = bytes.as_chunks::<8>();
    for &[a, b, c, d, e, f, g, h] in pairs {
        let (x, y) = if big_endian {
            (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
        } else {
            (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
        };
        one = one.wrapping_add(x).wrapping_add(two);
        two = two.wrapping_add(y).wrapping_add(one);
    }
    (one, two)
}

/// The big-endian word at `at`; 0 behind the end.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_be_bytes(*four))
}

/// Reads all of `bytes`, or answers false at the end of the file.
fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> Result<bool, Error> {
    match reader.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(_) => Err(unreachable()),
    }
}
