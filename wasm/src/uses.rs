//! When tokens were used last: noted per request, written to the log in batches.

use tokenward::Decision;

/// Instants are kept as offsets from 2000-01-01T00:00:00Z, as the registry keeps them.
const ORIGIN: u64 = 946_684_800;

/// The instants, by the number of the token in the order of issue; 0 for never.
#[derive(Default)]
pub(crate) struct Uses {
    offsets: Vec<u32>,
    dirty: bool,
}

impl Uses {
    /// Notes the use of a token whose request was allowed.
    #[inline]
    pub(crate) fn note(&mut self, decision: &Decision, now: u64) {
        let (true, Some(serial)) = (decision.allowed(), decision.token_serial()) else { return };
        let serial = serial as usize;
        if serial >= self.offsets.len() {
            self.offsets.resize(serial.saturating_add(1), 0);
        }
        if let (Some(known), Ok(offset)) = (self.offsets.get_mut(serial), u32::try_from(now.saturating_sub(ORIGIN)))
            && *known != offset
        {
            *known = offset;
            self.dirty = true;
        }
    }

    /// Seconds since 1970; 0 for never.
    pub(crate) fn get(&self, serial: u32) -> u64 {
        match self.offsets.get(serial as usize) {
            None | Some(0) => 0,
            Some(offset) => ORIGIN.saturating_add(u64::from(*offset)),
        }
    }

    /// Whether anything was noted that is not written.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Says that everything noted is written.
    pub(crate) fn clean(&mut self) {
        self.dirty = false;
    }
}
