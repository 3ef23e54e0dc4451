//! Lists of requests, decided together.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use tokenward::{Code, Error};
use tokenward_host::Request;

use crate::argument::{text, text_or_none};

/// Reads `[{"credential", "permission", "resource", "path"?}]` and hands it on as the core takes it.
///
/// # Errors
/// `type_invalid` for what is no list of dictionaries of texts; `field_missing`; `field_unknown`; `too_many`.
pub(crate) fn read<T>(requests: &Bound<'_, PyAny>, decide: impl FnOnce(&[Request<'_>]) -> T) -> Result<T, Error> {
    let items: Vec<Bound<'_, PyAny>> = if let Ok(list) = requests.cast::<PyList>() {
        list.iter().collect()
    } else if let Ok(tuple) = requests.cast::<PyTuple>() {
        tuple.iter().collect()
    } else {
        return Err(Error::new(Code::TypeInvalid).at("requests").expected("a list"));
    };
    if items.len() > tokenward::limits::BATCH {
        return Err(Error::new(Code::TooMany).at("requests"));
    }
    let fields = each(&items, Fields::of)?;
    let requests = each(&fields, Fields::request)?;
    Ok(decide(&requests))
}

fn each<'a, A, B>(items: &'a [A], read: impl Fn(&'a A) -> Result<B, Error>) -> Result<Vec<B>, Error> {
    let place = |(index, item)| read(item).map_err(|error| error.within(&format!("requests[{index}]")));
    items.iter().enumerate().map(place).collect()
}

/// The values of one request, held so that their texts can be borrowed.
struct Fields<'py> {
    credential: Option<Bound<'py, PyAny>>,
    permission: Option<Bound<'py, PyAny>>,
    resource: Option<Bound<'py, PyAny>>,
    path: Option<Bound<'py, PyAny>>,
}

impl<'py> Fields<'py> {
    fn of(item: &Bound<'py, PyAny>) -> Result<Self, Error> {
        let Ok(item) = item.cast::<PyDict>() else {
            return Err(Error::new(Code::TypeInvalid).expected("a dictionary"));
        };
        let mut fields = Fields { credential: None, permission: None, resource: None, path: None };
        for (position, (name, value)) in item.iter().enumerate() {
            // An unknown name is not part of the place: it may be a secret.
            let unknown = || Error::new(Code::FieldUnknown).at(format!("field {}", position.saturating_add(1)));
            let name = name.cast::<PyString>().ok().and_then(|name| name.to_str().ok()).ok_or_else(unknown)?;
            let field = match name {
                "credential" => &mut fields.credential,
                "permission" => &mut fields.permission,
                "resource" => &mut fields.resource,
                "path" => &mut fields.path,
                _ => return Err(unknown()),
            };
            *field = Some(value);
        }
        Ok(fields)
    }

    fn request(&self) -> Result<Request<'_>, Error> {
        fn required<'a, 'py>(
            value: Option<&'a Bound<'py, PyAny>>,
            place: &'static str,
        ) -> Result<&'a Bound<'py, PyAny>, Error> {
            value.ok_or(Error::new(Code::FieldMissing).at(place))
        }
        Ok(Request {
            credential: text_or_none(Some(required(self.credential.as_ref(), "credential")?), "credential")?,
            permission: text(required(self.permission.as_ref(), "permission")?, "permission")?,
            resource: text(required(self.resource.as_ref(), "resource")?, "resource")?,
            path: text_or_none(self.path.as_ref(), "path")?,
        })
    }
}
