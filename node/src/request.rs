//! The request path: callbacks made by hand. Each holds what it decides with, reads plain strings, answers with a number,
//! and leaves the rest of the decision in cells that it shares with JavaScript.
#![expect(unsafe_code, reason = "Node-API is a C interface")]

use std::ffi::{CStr, c_void};
use std::ptr;

use napi::bindgen_prelude::{JsObjectValue, JsValue, Object, ToNapiValue, Unknown};
use napi::{Env, Status, sys};
use tokenward::{Code, Error, limits};
use tokenward_host::{Authority, Decision, Guard, Request, Verifier};

use crate::outcome::{Outcome, contained, failed};
use crate::text::{Few, List, Text};

/// More than the limit of what is read, so that a text that was cut to fit is still too long for the core.
const SLACK: usize = 8;
type Credential = Text<{ limits::AUTHORIZATION + SLACK }>;
type Resource = Text<{ limits::RESOURCE + SLACK }>;
type Path = Text<{ limits::PATH + SLACK }>;
type Texts = List<{ limits::PATH + SLACK }>;
type Permission = Text<{ limits::NAME + 1 + SLACK }>;

/// Says in a code that the decision is about a token.
const HAS_TOKEN: u32 = 0x80;
/// Credential, permission, resource, path of one request in a list.
const FIELDS: usize = 4;
/// Numbers of one decision in a list: code, revision, three words of the token's id.
const NUMBERS: usize = 5;
/// Credential, path, and the value of each parameter.
const GUARDED: usize = 2 + limits::RESOURCE_DEPTH;
/// Credential, path, and the name and value of each parameter.
const NAMED: usize = 2 + 2 * limits::RESOURCE_DEPTH;
/// Room for the values of parameters: more than a resource may have.
const VALUES: usize = limits::RESOURCE + SLACK;

/// What decides requests.
pub(crate) trait Decides: Send + Sync + 'static {
    fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision;
    fn authorize(&self, request: &Request<'_>) -> Decision;
    fn authorize_many(&self, requests: &[Request<'_>]) -> Vec<Decision>;
}

macro_rules! decides {
    ($noun:ty) => {
        impl Decides for $noun {
            fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision {
                self.authenticate(credential, realm, path)
            }

            #[inline]
            fn authorize(&self, request: &Request<'_>) -> Decision {
                self.authorize(request.credential, request.permission, request.resource, request.path)
            }

            fn authorize_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
                self.authorize_many(requests)
            }
        }
    };
}

decides!(Authority);
decides!(Verifier);

/// What a callback holds.
struct Held<T> {
    decides: T,
    /// Three numbers of JavaScript: the revision, and twelve bytes for the token's id.
    cells: *mut f64,
}

/// An object with the callbacks `authorize`, `authorizeMany`, `authenticate`. `cells` is a `Float64Array` of three.
pub(crate) fn callbacks<'env, T: Decides + Clone>(
    env: &'env Env,
    decides: &T,
    cells: &Unknown,
) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    let callbacks: [(&str, &CStr, sys::napi_callback); 3] = [
        ("authorize", c"authorize", Some(authorize::<T>)),
        ("authorizeMany", c"authorizeMany", Some(authorize_many::<T>)),
        ("authenticate", c"authenticate", Some(authenticate::<T>)),
    ];
    for (property, name, callback) in callbacks {
        object.set_named_property(property, function(env, name, callback, decides.clone(), cells)?)?;
    }
    Ok(object)
}

/// An object with the callbacks of a guard and the names of the template's parameters: `authorize` takes credential, path
/// and the values of the parameters in order, `authorizeNamed` credential, path and names and values in turn.
pub(crate) fn guard_callbacks<'env>(env: &'env Env, guard: &Guard, cells: &Unknown) -> napi::Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set_named_property("parameters", guard.parameters().map(str::to_owned).collect::<Vec<String>>())?;
    object.set_named_property("authorize", function(env, c"authorize", Some(enforce), guard.clone(), cells)?)?;
    let named = function(env, c"authorizeNamed", Some(enforce_named), guard.clone(), cells)?;
    object.set_named_property("authorizeNamed", named)?;
    Ok(object)
}

/// A function that holds what it decides with until JavaScript forgets it.
fn function<'env, T: 'static>(
    env: &'env Env,
    name: &CStr,
    callback: sys::napi_callback,
    decides: T,
    cells: &Unknown,
) -> napi::Result<Unknown<'env>> {
    let held = Box::into_raw(Box::new(Held { decides, cells: cells_of(env, cells)? })).cast::<c_void>();
    let mut made = ptr::null_mut();
    // SAFETY: the name ends with a NUL, as its length says; the callback takes `held` as its data.
    let status = unsafe { sys::napi_create_function(env.raw(), name.as_ptr(), -1, callback, held, &raw mut made) };
    // SAFETY: the function was made just now; `held` is given back exactly once, to the finalizer of its type.
    let status = if status == sys::Status::napi_ok {
        unsafe { sys::napi_add_finalizer(env.raw(), made, held, Some(forget::<T>), ptr::null_mut(), ptr::null_mut()) }
    } else {
        status
    };
    if status != sys::Status::napi_ok {
        // SAFETY: no finalizer has it.
        drop(unsafe { Box::from_raw(held.cast::<Held<T>>()) });
        return Err(napi::Error::from_status(Status::from(status)));
    }
    // The cells live as long as the function that writes into them.
    // SAFETY: all three values belong to the callback that is running.
    let status = unsafe { sys::napi_set_named_property(env.raw(), made, c"cells".as_ptr(), cells.raw()) };
    if status != sys::Status::napi_ok {
        return Err(napi::Error::from_status(Status::from(status)));
    }
    // SAFETY: it is a value of this environment.
    Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), made) })
}

/// Where a `Float64Array` of three has its numbers.
fn cells_of(env: &Env, cells: &Unknown) -> napi::Result<*mut f64> {
    let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
    // SAFETY: Node refuses what is no typed array; what is not asked for may be null.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            env.raw(),
            cells.raw(),
            &raw mut kind,
            &raw mut length,
            &raw mut data,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    if status != sys::Status::napi_ok || kind != sys::TypedarrayType::float64_array || length < 3 || data.is_null() {
        return Err(napi::Error::new(Status::InvalidArg, "cells"));
    }
    Ok(data.cast())
}

unsafe extern "C" fn forget<T>(_: sys::napi_env, held: *mut c_void, _: *mut c_void) {
    // SAFETY: `function` gave it away, and Node gives it back once.
    drop(unsafe { Box::from_raw(held.cast::<Held<T>>()) });
}

/// The arguments of a call and what its callback holds.
///
/// # Safety
/// The callback that is running was made by `function` with a `T`.
#[inline]
unsafe fn call<'held, const N: usize, T>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> ([sys::napi_value; N], usize, &'held Held<T>) {
    let (mut count, mut values, mut held) = (N, [ptr::null_mut(); N], ptr::null_mut());
    // SAFETY: Node fills N values, `undefined` where there are fewer, and says how many there were.
    unsafe { sys::napi_get_cb_info(env, info, &raw mut count, values.as_mut_ptr(), ptr::null_mut(), &raw mut held) };
    // SAFETY: by the contract above; JavaScript holds the function while it runs.
    (values, count, unsafe { &*held.cast::<Held<T>>() })
}

unsafe extern "C" fn authorize<T: Decides>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: `callbacks` made it; the values are those of this call.
    unsafe {
        let ([credential, permission, resource, path], _, held) = call::<4, T>(env, info);
        let (mut a, mut b, mut c, mut d) = (Credential::new(), Permission::new(), Resource::new(), Path::new());
        let request = Request {
            credential: a.read(env, credential),
            permission: b.read(env, permission).unwrap_or_default(),
            resource: c.read(env, resource).unwrap_or_default(),
            path: d.read(env, path),
        };
        let decision = contained(|| held.decides.authorize(&request));
        a.wipe();
        answer(env, decision, held.cells)
    }
}

unsafe extern "C" fn authenticate<T: Decides>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: `callbacks` made it; the values are those of this call.
    unsafe {
        let ([credential, realm, path], _, held) = call::<3, T>(env, info);
        let (mut a, mut b, mut c) = (Credential::new(), Resource::new(), Path::new());
        let decision = {
            let (credential, realm, path) = (a.read(env, credential), b.read(env, realm), c.read(env, path));
            contained(|| held.decides.authenticate(credential, realm, path))
        };
        a.wipe();
        answer(env, decision, held.cells)
    }
}

unsafe extern "C" fn enforce(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: `guard_callbacks` made it; the values are those of this call.
    unsafe {
        let ([credential, path, values @ ..], count, held) = call::<GUARDED, Guard>(env, info);
        let (mut a, mut b) = (Credential::new(), Path::new());
        let decision = {
            let (credential, path) = (a.read(env, credential), b.read(env, path));
            if count <= 2 {
                contained(|| held.decides.authorize(credential, &[], path))
            } else {
                let mut texts = Few::<VALUES>::new();
                let values = values.get(..count.wrapping_sub(2)).unwrap_or_default();
                let mut pairs = [("", ""); limits::RESOURCE_DEPTH];
                let given = texts.read_all(env, values);
                for (pair, named) in pairs.iter_mut().zip(held.decides.parameters().zip(given)) {
                    *pair = named;
                }
                contained(|| held.decides.authorize(credential, pairs.get(..values.len()).unwrap_or_default(), path))
            }
        };
        a.wipe();
        answer(env, decision.and_then(|decision| decision.map_err(|error| failed(&error))), held.cells)
    }
}

unsafe extern "C" fn enforce_named(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: `guard_callbacks` made it; the values are those of this call.
    unsafe {
        let ([credential, path, parameters @ ..], count, held) = call::<NAMED, Guard>(env, info);
        if count > NAMED {
            return outcome(env, failed(&Error::new(Code::GuardParameterUnknown)));
        }
        let (mut a, mut b) = (Credential::new(), Path::new());
        let mut texts = Texts::with_capacity(parameters.len());
        let given = parameters.get(..count.saturating_sub(2)).unwrap_or_default();
        for value in given {
            texts.push(env, *value);
        }
        let text = |index| texts.get(index).unwrap_or_default();
        let pairs: Vec<(&str, &str)> =
            (0..given.len()).step_by(2).map(|at| (text(at), text(at.saturating_add(1)))).collect();
        let decision = {
            let (credential, path) = (a.read(env, credential), b.read(env, path));
            contained(|| held.decides.authorize(credential, &pairs, path))
        };
        a.wipe();
        answer(env, decision.and_then(|decision| decision.map_err(|error| failed(&error))), held.cells)
    }
}

unsafe extern "C" fn authorize_many<T: Decides>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: `callbacks` made it; the values are those of this call.
    unsafe {
        let ([list], _, held) = call::<1, T>(env, info);
        let mut length = 0;
        sys::napi_get_array_length(env, list, &raw mut length);
        if length as usize > FIELDS * limits::BATCH {
            return outcome(env, failed(&Error::new(Code::TooMany).at("requests")));
        }
        let mut texts = Texts::with_capacity(length as usize);
        for index in 0..length {
            let mut value = ptr::null_mut();
            sys::napi_get_element(env, list, index, &raw mut value);
            texts.push(env, value);
        }
        let requests: Vec<Request<'_>> = (0..texts.len()).step_by(FIELDS).map(|first| request(&texts, first)).collect();
        let decisions = match contained(|| held.decides.authorize_many(&requests)) {
            Ok(decisions) => decisions,
            Err(error) => return outcome(env, error),
        };
        let numbers: Vec<f64> = decisions.iter().flat_map(numbers).collect();
        napi::bindgen_prelude::Float64Array::to_napi_value(env, numbers.into()).unwrap_or(ptr::null_mut())
    }
}

fn request(texts: &Texts, first: usize) -> Request<'_> {
    let text = |field| texts.get(first.saturating_add(field));
    Request {
        credential: text(0),
        permission: text(1).unwrap_or_default(),
        resource: text(2).unwrap_or_default(),
        path: text(3),
    }
}

/// The reason, counted from 1, below; whether there is a token; and the permission above.
#[inline]
fn code(decision: &Decision) -> u32 {
    let (reason, permission) = decision.parts();
    let token = if decision.token_id().is_some() { HAS_TOKEN } else { 0 };
    u32::from(reason).wrapping_add(1) | token | (u32::from(permission) << 8)
}

fn numbers(decision: &Decision) -> [f64; NUMBERS] {
    let mut words = [0.0; 3];
    for (word, bytes) in words.iter_mut().zip(decision.token_id().unwrap_or_default().as_chunks::<4>().0) {
        *word = f64::from(i32::from_le_bytes(*bytes));
    }
    let [first, second, third] = words;
    [f64::from(code(decision)), whole(decision.revision()), first, second, third]
}

/// The decision that an answer was.
pub(crate) fn decision(code: u32, revision: f64, words: [i32; 3]) -> Decision {
    let [reason, low, high, _] = code.to_le_bytes();
    let mut token = [0; 12];
    for (bytes, word) in token.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    let token = (u32::from(reason) & HAS_TOKEN != 0).then_some(token);
    let permission = u16::from_le_bytes([low, high]);
    Decision::from_parts(seconds(revision), (reason & 0x7f).wrapping_sub(1), permission, token)
}

/// Answers with the code, and leaves revision and token in the cells.
///
/// # Safety
/// `env` is that of a callback that is running, `cells` those of its function.
#[inline]
unsafe fn answer(env: sys::napi_env, decision: Result<Decision, Outcome>, cells: *mut f64) -> sys::napi_value {
    let decision = match decision {
        Ok(decision) => decision,
        // SAFETY: as above.
        Err(error) => return unsafe { outcome(env, error) },
    };
    let mut value = ptr::null_mut();
    // SAFETY: the function keeps its cells, three numbers of eight bytes, which JavaScript reads between calls only.
    unsafe {
        cells.write(whole(decision.revision()));
        if let Some(id) = decision.token_id() {
            cells.add(1).cast::<[u8; 12]>().write(id);
        }
        sys::napi_create_uint32(env, code(&decision), &raw mut value);
    }
    value
}

/// # Safety
/// `env` is that of a callback that is running.
unsafe fn outcome(env: sys::napi_env, texts: Outcome) -> sys::napi_value {
    // SAFETY: as above. Null is `undefined` for Node, which JavaScript takes for no answer.
    unsafe { Outcome::to_napi_value(env, texts).unwrap_or(ptr::null_mut()) }
}

/// A number of JavaScript as a whole number: fractions are cut off, NaN and what is below zero give 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and that is meant")]
pub(crate) fn seconds(number: f64) -> u64 {
    number as u64
}

/// A whole number as JavaScript has it: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "nothing here counts past 2^53")]
pub(crate) fn whole(number: u64) -> f64 {
    number as f64
}
