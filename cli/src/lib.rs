//! The command line of tokenward: one behaviour, whether it was installed by cargo, pip or npm.
//!
//! [`run`] is all of it: the binary, the Python package and the Node.js package call it with the arguments that they got. It
//! reads and writes the standard streams of the process and ends by answering an exit status: 0 for what is allowed or
//! done, 1 for what is denied, 2 for what went wrong.

#![expect(clippy::doc_markdown, reason = "the comments of arguments are the help that people read in a terminal")]

// failure
mod failure;
mod nearest;
// values
mod given;
mod lifetime;
mod secret;
// nouns
mod configuration;
mod download;
mod reply;
// wholes
mod remedy;
mod opened;
// verbs
mod command;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use clap::{CommandFactory, Parser};
use tokenward::{Code, Error};

use command::Line;
use configuration::{Colour, Configuration, Form, variable};
use failure::Failure;
use reply::Reply;

/// Runs a command line, without the name of the program in front, and answers the exit status.
pub fn run<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let form = form_of(&arguments);
    // What stands on the command line is seen by everyone on the machine, and kept in the shell's history.
    if let Some(place) = arguments.iter().position(|argument| secret::looks_like_token(argument)) {
        let failure = Failure::from(Error::new(Code::SecretInText)).at(format!("argument {}", place.saturating_add(1)));
        let hint =
            "give it on standard input or in TOKENWARD_TOKEN; and revoke it, since the shell keeps what was typed";
        return tell(&failure.hint(hint), form);
    }
    let line = match Line::try_parse_from(std::iter::once(OsString::from("tokenward")).chain(arguments)) {
        Ok(line) => line,
        Err(error) => return unparsed(&error, form),
    };
    match perform(line) {
        Ok((reply, form)) => show(&reply, form).unwrap_or_else(|failure| tell(&failure, form)),
        Err((failure, form)) => tell(&failure, form),
    }
}

/// The command line as clap knows it: for completions and manual pages.
pub fn command() -> clap::Command {
    Line::command()
}

fn perform(line: Line) -> Result<(Reply, Form), (Failure, Form)> {
    let early = line.globals.output.unwrap_or_default();
    paint(Configuration::colour(&line.globals).map_err(|failure| (failure, early))?);
    let configuration = Configuration::of(&line.globals).map_err(|failure| (failure, early))?;
    let form = configuration.form;
    line.command.perform(&configuration).map(|reply| (reply, form)).map_err(|failure| (failure, form))
}

fn paint(colour: Colour) {
    match colour {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// The form that is asked for, as far as it can be told before the rest is understood.
fn form_of(arguments: &[OsString]) -> Form {
    let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let flag = words.windows(2).any(|pair| pair == ["--output", "json"]) || words.contains(&"--output=json");
    if flag || variable("output").as_deref() == Some("json") { Form::Json } else { Form::Table }
}

/// Shows help where it was asked for; else says what is not understood.
fn unparsed(error: &clap::Error, form: Form) -> u8 {
    if !error.use_stderr() {
        return u8::from(error.print().is_err()).saturating_mul(2);
    }
    if form == Form::Json {
        let text = error.to_string();
        let message = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default().replace('\n', " ");
        return tell(&Failure::own("usage").saying(message).hint("see --help"), form);
    }
    let _ = error.print();
    2
}

fn show(reply: &Reply, form: Form) -> Result<u8, Failure> {
    let output = reply.output(form);
    let mut stdout = anstream::stdout();
    let written = stdout.write_all(&output).and_then(|()| stdout.flush());
    match written {
        // Who reads the first lines only has read enough, unless what was cut off is shown only once.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !reply.is_secret() => {}
        Err(error) => {
            let failure = Failure::own("output_failed").saying(failure::plain(&error.to_string()));
            let hint = reply.is_secret().then(|| "the token was issued and not shown: revoke it".to_string());
            return Err(failure.hint_if(hint));
        }
        Ok(()) => {}
    }
    if form == Form::Table
        && let Some(note) = reply.note()
    {
        let _ = writeln!(anstream::stderr(), "{note}");
    }
    Ok(reply.status())
}

/// Tells of a failure on standard error.
fn tell(failure: &Failure, form: Form) -> u8 {
    let mut stderr = anstream::stderr();
    let _ = match form {
        Form::Json => writeln!(stderr, "{}", failure.to_json()),
        Form::Table => writeln!(stderr, "{failure}"),
    };
    failure.status()
}

/// Whether people are looking at standard error.
fn watched() -> bool {
    io::stderr().is_terminal()
}
