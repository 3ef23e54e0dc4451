//! What nobody can do without: one block of SHA-256, and one access to memory that no cache holds.

use crate::world::Chance;

/// A chain of blocks, each beginning where the one before ended.
pub(crate) struct Hash {
    state: [u32; 8],
    block: [u8; 64],
}

impl Hash {
    pub(crate) fn new() -> Self {
        Hash { state: [0x6a09_e667; 8], block: [7; 64] }
    }

    pub(crate) fn block(&mut self) -> u32 {
        sha2::block_api::compress256(&mut self.state, std::slice::from_ref(&self.block));
        self.state[0]
    }
}

/// Lines of a table as large as that of so many tokens, in which each access depends on what the one before has read.
pub(crate) struct Memory {
    lines: Vec<[u64; 8]>,
    order: Vec<u32>,
    carried: u64,
}

impl Memory {
    pub(crate) fn new(tokens: usize, accesses: usize) -> Self {
        let lines = vec![[2u64; 8]; tokens * 1000 / 815];
        let mut chance = Chance::new();
        let order = (0..accesses).map(|_| chance.below(lines.len()) as u32).collect();
        Memory { lines, order, carried: 0 }
    }

    pub(crate) fn access(&mut self, call: usize) -> u64 {
        // What is read is even, so that the bit is 0; the processor has to wait for it all the same.
        let place = self.order[call] as usize ^ usize::from(self.carried & 1 == 1);
        self.carried = self.lines[place][(call & 7) ^ 3];
        self.carried
    }
}
