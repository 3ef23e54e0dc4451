//! `Guard.authorize`, called as Python calls its own methods.
//!
//! A method with `**params` that the macro makes costs about 30 ns more than this one, for parameters that most calls do
//! not have.
#![expect(unsafe_code, reason = "Python hands the arguments of a call over as raw pointers")]

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use pyo3::prelude::*;
use pyo3::{Borrowed, ffi};
use tokenward::{Code, Error};

use crate::argument::text;
use crate::failure::raised;
use crate::guard::Guard;

/// The arguments of a call: first those by position, then the values of those by name. They live as long as the call.
pub(crate) struct Given<'a, 'py> {
    py: Python<'py>,
    values: *const *mut ffi::PyObject,
    positional: usize,
    /// A tuple of texts, or null.
    keywords: *mut ffi::PyObject,
    named: usize,
    call: PhantomData<&'a ()>,
}

impl<'a, 'py: 'a> Given<'a, 'py> {
    /// How many are given by position.
    #[inline]
    pub(crate) fn positional(&self) -> usize {
        self.positional
    }

    /// How many are given by name.
    #[inline]
    pub(crate) fn named(&self) -> usize {
        self.named
    }

    /// One that is given by position.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> Option<Borrowed<'a, 'py, PyAny>> {
        // SAFETY: there are `positional` values, which the caller keeps alive during the call.
        (index < self.positional).then(|| unsafe { Borrowed::from_ptr(self.py, *self.values.add(index)) })
    }

    /// One that is given by name.
    pub(crate) fn by_name(&self, index: usize) -> Option<(&'a str, Borrowed<'a, 'py, PyAny>)> {
        if index >= self.named {
            return None;
        }
        // SAFETY: there are as many names as values behind the positional ones, all kept alive during the call.
        let (name, value) = unsafe {
            let name = ffi::PyTuple_GetItem(self.keywords, index.cast_signed());
            let value = *self.values.add(self.positional).add(index);
            (Borrowed::<PyAny>::from_ptr(self.py, name), Borrowed::from_ptr(self.py, value))
        };
        Some((text(name, "params").ok()?, value))
    }
}

unsafe extern "C" fn authorize(
    guard: *mut ffi::PyObject,
    values: *const *mut ffi::PyObject,
    positional: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: methods are called with the interpreter attached.
    let py = unsafe { Python::assume_attached() };
    let call = || {
        // SAFETY: the descriptor has checked that this is a guard.
        let guard = unsafe { Borrowed::from_ptr(py, guard).cast_unchecked::<Guard>() };
        // SAFETY: keywords are a tuple, or null.
        let named = if keywords.is_null() { 0 } else { unsafe { ffi::PyTuple_Size(keywords) }.unsigned_abs() };
        let given = Given { py, values, positional: positional.unsigned_abs(), keywords, named, call: PhantomData };
        guard.get().authorize(py, &given)
    };
    let failed = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(decision)) => return decision.into_ptr(),
        Ok(Err(error)) => error,
        Err(_) => raised(py, &Error::new(Code::Internal)),
    };
    failed.restore(py);
    ptr::null_mut()
}

struct Method(UnsafeCell<ffi::PyMethodDef>);

// SAFETY: Python reads it and never writes to it.
unsafe impl Sync for Method {}

static AUTHORIZE: Method = Method(UnsafeCell::new(ffi::PyMethodDef {
    ml_name: c"authorize".as_ptr(),
    ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: authorize },
    ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
    ml_doc: c"authorize($self, credential, path=None, **params)\n--\n\nDecides a request.".as_ptr(),
}));

/// Gives the class its method.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<Guard>();
    let raw: *mut c_void = class.as_ptr().cast();
    // SAFETY: the class is one, and the definition lives as long as the process.
    let method = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyDescr_NewMethod(raw.cast(), AUTHORIZE.0.get()))? };
    class.setattr("authorize", method)
}
