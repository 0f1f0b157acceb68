//! The dictionary of a session, built in or from files.

use std::fs;
use std::path::Path;

use ringfence_fix::dict::{
    Dictionary, DictionaryError, Policies, Specification, TEXT_BYTES_MAX, Version,
};

use super::SettingsError;

/// What an application adds to the dictionary of each of its sessions.
pub type Own = fn(Specification) -> Result<Specification, DictionaryError>;

/// Returns the dictionary of a version: the built-in one, or that of XML files (one, or two for
/// FIXT.1.1: the transport's and the application's), in a dialect if there is one.
///
/// `own` puts on top what the application itself adds; `place` is where the session stands in the
/// settings.
pub(super) fn load(
    begin_string: &str,
    files: &[&str],
    dialect: Option<&str>,
    own: Own,
    place: &str,
) -> Result<Dictionary, SettingsError> {
    let refuse = |file: &str, why: String| {
        SettingsError::at(format!("{place}.dictionary"), format!("{file}: {why}"))
    };
    let specification = match files {
        [] => {
            let version = Version::of(begin_string);
            let version = version.ok_or_else(|| refuse(begin_string, "not built in".into()))?;
            Specification::compact(version).map_err(|why| refuse(begin_string, why.to_string()))
        }
        [file] => Specification::from_xml(&read(file, place)?)
            .map_err(|why| refuse(file, why.to_string())),
        [transport, application] => {
            let texts = (read(transport, place)?, read(application, place)?);
            Specification::from_xml_pair(&texts.0, &texts.1)
                .map_err(|why| refuse(application, why.to_string()))
        }
        [_, _, third, ..] => Err(refuse(third, "expected at most two files".into())),
    }?;
    let specification = match dialect {
        None => specification,
        Some(file) => specification
            .with_dialect(&read(file, place)?)
            .map_err(|why| refuse(file, why.to_string()))?,
    };
    let specification = own(specification).map_err(|why| refuse(begin_string, why.to_string()))?;
    let dictionary = specification.dictionary(Policies::default());
    if dictionary.begin_string() != begin_string {
        let found = format!("for {}, expected {begin_string}", dictionary.begin_string());
        return Err(refuse(files.first().copied().unwrap_or_default(), found));
    }
    Ok(dictionary)
}

fn read(file: &str, place: &str) -> Result<String, SettingsError> {
    let refuse = |why: String| SettingsError::at(format!("{place}.dictionary"), why);
    let path = Path::new(file);
    let length = fs::metadata(path).map_err(|why| refuse(format!("{file}: {why}")))?.len();
    if usize::try_from(length).map_or(true, |length| length > TEXT_BYTES_MAX) {
        return Err(refuse(format!("{file}: expected at most {TEXT_BYTES_MAX} bytes")));
    }
    fs::read_to_string(path).map_err(|why| refuse(format!("{file}: {why}")))
}
