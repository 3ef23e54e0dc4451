//! Texts of arguments, read into room on the stack.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;

use napi::sys;
use tokenward::limits;

/// Room for one text. Make it larger than the limit of what it holds: what does not fit is cut, and is then still too
/// long for the core.
pub(crate) struct Text<const N: usize> {
    bytes: [MaybeUninit<u8>; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    #[inline]
    pub(crate) const fn new() -> Self {
        Text { bytes: [MaybeUninit::uninit(); N], length: 0 }
    }

    /// The text of a JavaScript value; none when the value is no string.
    ///
    /// # Safety
    /// `env` and `value` are those of a callback that is running.
    #[inline]
    pub(crate) unsafe fn read(&mut self, env: sys::napi_env, value: sys::napi_value) -> Option<&str> {
        let mut length = 0;
        // SAFETY: Node writes at most N bytes, the last of them a NUL, and says how many come before it.
        let status =
            unsafe { sys::napi_get_value_string_utf8(env, value, self.bytes.as_mut_ptr().cast(), N, &raw mut length) };
        if status != sys::Status::napi_ok {
            return None;
        }
        self.length = length.min(N);
        // SAFETY: so many bytes were written just now.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast::<u8>(), self.length) };
        // Node writes UTF-8 and U+FFFD for lone surrogates. Should another runtime not, nothing accepts this.
        Some(str::from_utf8(bytes).unwrap_or("\u{fffd}"))
    }

    /// Overwrites the text, which was a secret.
    #[inline]
    pub(crate) fn wipe(&mut self) {
        // SAFETY: the bytes are the array's own, and a byte may have any value.
        unsafe { ptr::write_bytes(self.bytes.as_mut_ptr(), 0, self.length) };
        black_box(&self.bytes);
    }
}

/// Room for several texts, one behind the other. Together they are cut as one text is.
pub(crate) struct Few<const N: usize> {
    bytes: [MaybeUninit<u8>; N],
    ends: [usize; limits::RESOURCE_DEPTH],
}

impl<const N: usize> Few<N> {
    pub(crate) const fn new() -> Self {
        Few { bytes: [MaybeUninit::uninit(); N], ends: [0; limits::RESOURCE_DEPTH] }
    }

    /// The texts of as many values as there is room for ends; what is no string reads as an empty text.
    ///
    /// # Safety
    /// `env` and `values` are those of a callback that is running.
    pub(crate) unsafe fn read_all(
        &mut self,
        env: sys::napi_env,
        values: &[sys::napi_value],
    ) -> impl Iterator<Item = &str> {
        let mut end: usize = 0;
        for (value, ended) in values.iter().zip(&mut self.ends) {
            let room = self.bytes.get_mut(end..).unwrap_or_default();
            let mut length = 0;
            // SAFETY: Node writes no more than there is room for, the last byte a NUL, and says how many come before it.
            let status = unsafe {
                sys::napi_get_value_string_utf8(env, *value, room.as_mut_ptr().cast(), room.len(), &raw mut length)
            };
            if status == sys::Status::napi_ok {
                end = end.wrapping_add(length.min(room.len()));
            }
            *ended = end;
        }
        // SAFETY: so many bytes were written just now, one text behind the other.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast::<u8>(), end) };
        let mut start = 0;
        self.ends.iter().take(values.len()).map(move |end| {
            let text = bytes.get(start..*end).and_then(|bytes| str::from_utf8(bytes).ok());
            start = *end;
            text.unwrap_or("\u{fffd}")
        })
    }
}

/// Texts of a list, one behind the other. Each is cut to `N` bytes; make that more than the limit of what they hold.
pub(crate) struct List<const N: usize> {
    bytes: Vec<u8>,
    spans: Vec<Option<(usize, usize)>>,
}

impl<const N: usize> List<N> {
    pub(crate) fn with_capacity(count: usize) -> Self {
        List { bytes: Vec::new(), spans: Vec::with_capacity(count) }
    }

    /// Takes the text of a value; none when the value is no string.
    ///
    /// # Safety
    /// `env` and `value` are those of a callback that is running.
    pub(crate) unsafe fn push(&mut self, env: sys::napi_env, value: sys::napi_value) {
        let start = self.bytes.len();
        self.bytes.reserve(N);
        let mut length = 0;
        let room = self.bytes.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: there is room for N bytes; Node writes no more, the last a NUL, and says how many come before it.
        let status = unsafe { sys::napi_get_value_string_utf8(env, value, room, N, &raw mut length) };
        if status != sys::Status::napi_ok {
            self.spans.push(None);
            return;
        }
        let end = start.saturating_add(length.min(N));
        // SAFETY: the bytes up to the new end were written just now.
        unsafe { self.bytes.set_len(end) };
        self.spans.push(Some((start, end)));
    }

    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let (start, end) = (*self.spans.get(index)?)?;
        let text = self.bytes.get(start..end).and_then(|bytes| str::from_utf8(bytes).ok());
        Some(text.unwrap_or("\u{fffd}"))
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }
}

impl<const N: usize> Drop for List<N> {
    /// Some of the texts were secrets. What the list left behind when it grew is not wiped.
    fn drop(&mut self) {
        self.bytes.fill(0);
        black_box(&self.bytes);
    }
}
