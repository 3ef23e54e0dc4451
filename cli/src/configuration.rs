//! What holds for every command: flags over environment over file.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tokenward::{Document, PRESETS};

use crate::failure::Failure;
use crate::nearest::did_you_mean;

/// The options of every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// Where the tokens are kept: sqlite:PATH [env: TOKENWARD_STORE]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) store: Option<String>,
    /// The policy: the name of a preset or a file [env: TOKENWARD_POLICY]
    #[arg(long, global = true, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// The realm; may be left out while there is one only [env: TOKENWARD_REALM]
    #[arg(long, global = true, value_name = "KIND:ID")]
    pub(crate) realm: Option<String>,
    /// Act as this principal, with its rights, instead of as the host itself [env: TOKENWARD_AS]
    #[arg(long = "as", global = true, value_name = "user:NAME")]
    pub(crate) principal: Option<String>,
    /// Prove --as by the user's password, from TOKENWARD_PASSWORD, standard input or a prompt
    #[arg(long, global = true, requires = "principal")]
    pub(crate) with_password: bool,
    /// Act with a token, from TOKENWARD_TOKEN, standard input or a prompt
    #[arg(long, global = true, conflicts_with_all = ["principal", "with_password"])]
    pub(crate) with_token: bool,
    /// A table for people or JSON for programs [env: TOKENWARD_OUTPUT]
    #[arg(long, global = true, value_name = "FORM")]
    pub(crate) output: Option<Form>,
    /// Whether to use colour; NO_COLOR is heeded too [env: TOKENWARD_COLOR]
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) color: Option<Colour>,
    /// Decide and show what would be changed, and change nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// The file that says all this, instead of tokenward.toml here or in the configuration folder [env: TOKENWARD_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The form of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Table,
    /// For programs: one document.
    Json,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a session is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It is the host's own.
    System,
    /// The host vouches for the principal.
    Vouched(String),
    /// A user's password.
    Password(String),
    /// A token.
    Token,
}

/// What holds for this command.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    pub(crate) store: Option<String>,
    /// The name of a preset, or the text of a policy.
    pub(crate) policy: Option<String>,
    pub(crate) realm: Option<String>,
    pub(crate) proof: Proof,
    pub(crate) form: Form,
    pub(crate) dry_run: bool,
}

const FIELDS: [&str; 6] = ["store", "policy", "realm", "as", "output", "color"];

impl Configuration {
    /// Puts flags, environment and file together.
    ///
    /// # Errors
    /// `configuration_invalid`, `file_failed`, `policy_preset_unknown`.
    pub(crate) fn of(globals: &Globals) -> Result<Self, Failure> {
        let file = Settings::find(globals.config.as_deref())?;
        let pick =
            |flag: Option<&String>, name: &str| flag.cloned().or_else(|| variable(name)).or_else(|| file.get(name));
        let principal = pick(globals.principal.as_ref(), "as");
        let proof = match principal {
            _ if globals.with_token => Proof::Token,
            Some(principal) if globals.with_password => Proof::Password(principal),
            Some(principal) => Proof::Vouched(principal),
            None => Proof::System,
        };
        Ok(Configuration {
            store: pick(globals.store.as_ref(), "store"),
            policy: pick(globals.policy.as_ref(), "policy").map(|text| policy(&text)).transpose()?,
            realm: pick(globals.realm.as_ref(), "realm"),
            proof,
            form: globals.output.map_or_else(|| chosen(pick(None, "output"), "output"), Ok)?,
            dry_run: globals.dry_run,
        })
    }

    /// Whether to use colour, known before anything else can go wrong.
    ///
    /// # Errors
    /// `configuration_invalid`.
    pub(crate) fn colour(globals: &Globals) -> Result<Colour, Failure> {
        let file = Settings::find(globals.config.as_deref())?;
        globals.color.map_or_else(|| chosen(variable("color").or_else(|| file.get("color")), "color"), Ok)
    }
}

/// A variable of the environment; an empty one is as good as none.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(format!("TOKENWARD_{}", name.to_uppercase())).ok().filter(|value| !value.is_empty())
}

fn chosen<V: ValueEnum + Default>(text: Option<String>, name: &'static str) -> Result<V, Failure> {
    let Some(text) = text else { return Ok(V::default()) };
    V::from_str(&text, false).map_err(|_| {
        let names: Vec<String> = V::value_variants()
            .iter()
            .filter_map(|value| Some(value.to_possible_value()?.get_name().to_string()))
            .collect();
        let failure = Failure::own("configuration_invalid").at(name).saying("the value is not known").quoting(&text);
        failure.hint(format!("write {}", names.join(" or ")))
    })
}

/// The text of the policy that is meant: a preset by its name, or a file.
///
/// # Errors
/// `policy_preset_unknown` for what is neither; `file_failed`.
pub(crate) fn policy(name: &str) -> Result<String, Failure> {
    if PRESETS.contains(&name) {
        return Ok(name.to_string());
    }
    let path = Path::new(name);
    if !path.exists() && !name.contains(['/', '.']) {
        let presets = PRESETS.map(String::from);
        let unknown = tokenward::Error::new(tokenward::Code::PolicyPresetUnknown).at("policy");
        let otherwise = format!("name a preset ({}) or a file", PRESETS.join(", "));
        return Err(Failure::from(unknown).quoting(name).hint(did_you_mean(name, &presets, &otherwise)));
    }
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// The failure of a file.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::own("file_failed")
        .at(path.display().to_string())
        .saying(crate::failure::plain(&error.to_string()))
        .hint("is the path right, and may this user read and write there?")
}

/// What the file says.
struct Settings {
    fields: Document,
    folder: PathBuf,
}

impl Settings {
    /// The file that is named, or the one here, or the one in the configuration folder.
    fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let named = named.map(Path::to_path_buf).or_else(|| variable("config").map(PathBuf::from));
        if let Some(path) = named {
            return Settings::read(&path);
        }
        let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
        let folder = env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from).or(home);
        let places =
            [Some(PathBuf::from("tokenward.toml")), folder.map(|folder| folder.join("tokenward/tokenward.toml"))];
        match places.into_iter().flatten().find(|path| path.is_file()) {
            Some(path) => Settings::read(&path),
            None => Ok(Settings { fields: Document::Null, folder: PathBuf::new() }),
        }
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let within = |place: &str| format!("{}: {place}", path.display());
        let fields = Document::from_toml(&text).map_err(|error| {
            let place = within(error.place());
            Failure::own("configuration_invalid").at(place).saying("the file is not valid TOML")
        })?;
        let Document::Map(entries) = &fields else {
            return Ok(Settings { fields: Document::Null, folder: PathBuf::new() });
        };
        for (name, value) in entries {
            if !FIELDS.contains(&name.as_str()) {
                let fields = FIELDS.map(String::from);
                let otherwise = format!("known are {}", FIELDS.join(", "));
                let failure = Failure::own("configuration_invalid").at(within(name)).saying("the field is not known");
                return Err(failure.hint(did_you_mean(name, &fields, &otherwise)));
            }
            if value.as_text().is_none() {
                let failure = Failure::own("configuration_invalid").at(within(name)).saying("the value is not text");
                return Err(failure.hint("put it in quotes"));
            }
        }
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Settings { fields, folder })
    }

    /// A field; paths count from the folder of the file.
    fn get(&self, name: &str) -> Option<String> {
        let text = self.fields.get(name)?.as_text()?;
        let beside = |path: &str| self.folder.join(path).display().to_string();
        Some(match name {
            "store" => {
                text.strip_prefix("sqlite:").map_or_else(|| text.to_string(), |path| format!("sqlite:{}", beside(path)))
            }
            "policy" if text.contains(['/', '.']) => beside(text),
            _ => text.to_string(),
        })
    }
}
