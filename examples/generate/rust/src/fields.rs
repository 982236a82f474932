// SPDX-License-Identifier: Apache-2.0
//! What a checkpoint's JSON files and the options may hold. fields.json declares each field once, for this program and
//! for the one in Python: its kind, its range, and its default, by family where transformers' differ. All refusals of
//! values come from here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Failure, Result};

/// Bytes; what the safetensors format allows a header.
pub const LARGEST_JSON: u64 = 100_000_000;
/// Levels; what serde_json reads.
const DEEPEST_JSON: usize = 127;

pub type Object = Map<String, Value>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Kind {
    whole: Option<[u64; 2]>,
    step: Option<u64>,
    number: Option<[Value; 2]>,
    above: bool,
    flag: bool,
    text: bool,
    object: bool,
    one_of: Option<Vec<String>>,
    list: Option<Box<Kind>>,
    length: Option<usize>,
    or_list: bool,
    null: bool,
    optional: bool,
    default: Value,
    defaults: BTreeMap<String, Value>,
}

static FIELDS: LazyLock<BTreeMap<String, BTreeMap<String, Kind>>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../fields.json")).expect("fields.json is part of the program")
});

/// What the system says, as other languages have it: without its number.
pub fn os_text(e: &io::Error) -> String {
    let text = e.to_string();
    text.split(" (os error").next().unwrap_or_default().to_string()
}

/// A regular file of a checkpoint, and its size: a pipe would wait, and a device never end.
pub fn open_file(folder: &Path, name: &str) -> Result<(File, u64)> {
    let path = folder.join(name);
    let open = || -> io::Result<Option<(File, u64)>> {
        let about = std::fs::metadata(&path)?;
        Ok(if about.is_file() { Some((File::open(&path)?, about.len())) } else { None })
    };
    let reason = match open() {
        Ok(Some(file)) => return Ok(file),
        Ok(None) => format!("{name} is no regular file"),
        Err(e) if e.kind() == io::ErrorKind::NotFound => format!("it has no {name}"),
        Err(e) => format!("{name} cannot be read: {}", os_text(&e)),
    };
    Err(Failure::refused(folder, [reason]))
}

pub fn read_file(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let (file, size) = open_file(folder, name)?;
    if size > LARGEST_JSON {
        let reason = format!("{name} has {size} bytes, expected at most {LARGEST_JSON}");
        return Err(Failure::refused(folder, [reason]));
    }
    let mut data = Vec::new();
    match file.take(size).read_to_end(&mut data) {
        Ok(_) => Ok(data),
        Err(e) => Err(Failure::refused(folder, [format!("{name} cannot be read: {}", os_text(&e))])),
    }
}

pub fn read_json(folder: &Path, name: &str) -> Result<Object> {
    parse_json(folder, name, &read_file(folder, name)?)
}

pub fn parse_json(folder: &Path, name: &str, data: &[u8]) -> Result<Object> {
    let reason = match serde_json::from_slice(data) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(value) => format!("{name} is {}, expected an object", describe(&value)),
        Err(_) => {
            format!("{name} is not JSON in UTF-8, of finite numbers, at most {DEEPEST_JSON} levels deep")
        }
    };
    Err(Failure::refused(folder, [reason]))
}

pub fn describe(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".into(),
        Value::Array(_) => "a list".into(),
        Value::Number(n) if n.is_f64() => format!("{:?}", n.as_f64().unwrap_or_default()),
        Value::String(text) if text.chars().count() > 60 => {
            Value::String(text.chars().take(60).collect::<String>() + "...").to_string()
        }
        other => other.to_string(),
    }
}

impl Kind {
    fn expected(&self) -> String {
        let mut text = if let Some([low, high]) = self.whole {
            let what = self.step.map_or("a whole number".to_string(), |step| format!("a multiple of {step}"));
            format!("{what} from {low} to {high}")
        } else if let Some([low, high]) = &self.number {
            let from = if self.above { "above" } else { "from" };
            format!("a number {from} {} to {}", describe(low), describe(high))
        } else if let Some(values) = &self.one_of {
            match &values[..] {
                [value] => describe(&Value::from(value.as_str())),
                values => format!("one of {}", values.join(", ")),
            }
        } else if self.list.is_some() {
            self.length.map_or("a list".to_string(), |length| format!("a list of {length}"))
        } else {
            (if self.flag {
                "true or false"
            } else if self.text {
                "text"
            } else {
                "an object"
            })
            .to_string()
        };
        if self.or_list {
            text += " or a list of such";
        }
        if self.null {
            text += " or null";
        }
        text
    }

    fn fits(&self, value: &Value) -> bool {
        if value.is_null() {
            self.null
        } else if let Some([low, high]) = self.whole {
            let fits = |n| low <= n && n <= high && n % self.step.unwrap_or(1) == 0;
            value.as_u64().is_some_and(fits)
        } else if let Some([low, high]) = &self.number {
            let (low, high) = (low.as_f64(), high.as_f64());
            let number = value.as_f64();
            number.is_some() && low <= number && number <= high && (!self.above || number > low)
        } else if let Some(values) = &self.one_of {
            value.as_str().is_some_and(|text| values.iter().any(|v| v == text))
        } else if self.list.is_some() {
            value.as_array().is_some_and(|list| self.length.is_none_or(|length| list.len() == length))
        } else {
            (self.flag && value.is_boolean())
                || (self.text && value.is_string())
                || (self.object && value.is_object())
        }
    }

    /// What is wrong with a value, if anything is.
    pub fn fault(&self, name: &str, value: &Value) -> Option<String> {
        let item = self.list.as_deref().filter(|_| self.fits(value));
        match value {
            Value::Array(list) if self.or_list || item.is_some() => {
                let one = Kind { whole: self.whole, ..Default::default() };
                let item = item.unwrap_or(&one);
                list.iter().enumerate().find_map(|(i, v)| item.fault(&format!("{name}[{i}]"), v))
            }
            value if self.fits(value) => None,
            value => Some(format!("{name} is {}, expected {}", describe(value), self.expected())),
        }
    }
}

/// The declared fields of an object; null is what was refused, and what may be null.
pub struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    pub fn value(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub fn whole(&self, name: &str) -> Option<usize> {
        self.value(name).as_u64().map(|n| n as usize)
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.value(name).as_f64()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.value(name) == &Value::Bool(true)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).as_str()
    }

    pub fn list(&self, name: &str) -> Option<&Vec<Value>> {
        self.value(name).as_array()
    }

    /// An object that says something.
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.value(name).as_object().filter(|o| !o.is_empty())
    }
}

pub fn kind(section: &str, name: &str) -> &'static Kind {
    &FIELDS[section][name]
}

/// The declared fields of an object, with defaults in place of those that are missing.
pub fn read_fields(
    section: &str,
    raw: &Object,
    reasons: &mut Vec<String>,
    family: &str,
    prefix: &str,
) -> Fields {
    let mut values = BTreeMap::new();
    for (name, kind) in &FIELDS[section] {
        let given = raw.get(name);
        let value = given.unwrap_or(kind.defaults.get(family).unwrap_or(&kind.default));
        let mut reason = kind.fault(&format!("{prefix}{name}"), value);
        if given.is_none() && reason.is_some() {
            let missing = || format!("{prefix}{name} is missing, expected {}", kind.expected());
            reason = (!kind.optional).then(missing);
        }
        values.insert(name.as_str(), if reason.is_some() { Value::Null } else { value.clone() });
        reasons.extend(reason);
    }
    Fields(values)
}

/// What an option says: decimal digits are a number.
pub fn number_or_text(text: &str) -> Value {
    if text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c)) {
        if let Some(whole) = text.parse::<i128>().ok().filter(|_| text != "-0") {
            let value = u64::try_from(whole).map(Value::from);
            return value.or(i64::try_from(whole).map(Value::from)).unwrap_or(Value::from(whole as f64));
        }
        if let Some(number) = text.parse::<f64>().ok().filter(|n| n.is_finite()) {
            return Value::from(number);
        }
    }
    Value::from(text)
}
