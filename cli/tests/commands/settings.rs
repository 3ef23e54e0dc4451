//! Settings of a realm; flags over environment over file.

use std::fs;

use tokenward::Document;

use crate::bench::{Bench, text};

#[test]
fn settings_are_shown_and_changed() {
    let bench = Bench::empty();
    bench.done("realm create project:sales --policy dataprep --administrator user:ana");
    bench.done("settings update --api-access on --maximum-lifetime 90d");
    let settings = bench.json("settings show");
    assert_eq!(settings.get("api_access"), Some(&Document::Bool(true)));
    assert_eq!(settings.get("maximum_lifetime_days"), Some(&Document::Integer(90)));
    let long = bench.refused(2, "token create --expires 365d --as user:ana");
    assert_eq!(text(&long, "code"), "lifetime_too_long");
    assert!(text(&long, "hint").contains("--expires 90d"), "{}", long.to_json());
    assert_eq!(text(&bench.refused(2, "settings update"), "code"), "usage");
}

#[test]
fn flags_go_over_the_environment_over_the_file() {
    let bench = Bench::empty();
    fs::write(
        bench.path("tokenward.toml"),
        "store = \"sqlite:file.db\"\nrealm = \"organization:file\"\noutput = \"json\"\n",
    )
    .unwrap();
    let run = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = bench.command();
        command.env_remove("TOKENWARD_STORE").args(arguments).envs(environment.iter().copied());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["realm", "create", "organization:file"], &[]).0, Some(0));
    assert!(bench.path("file.db").exists());
    assert_eq!(run(&["token", "list"], &[]), (Some(0), "[]\n".to_string()), "store, realm and form of the file");
    let (status, text) = run(&["token", "list"], &[("TOKENWARD_REALM", "organization:environment")]);
    assert!(status == Some(2) && text.contains("realm_not_found"), "{text}");
    let flag = ["token", "list", "--realm", "organization:file"];
    assert_eq!(run(&flag, &[("TOKENWARD_REALM", "organization:environment")]).0, Some(0));
    assert!(run(&["token", "list", "--output", "table"], &[]).1.contains("nothing found"));

    for (file, place) in
        [("stor = \"x\"", "stor"), ("store = 7", "store"), ("store = ", "line 1"), ("output = \"yaml\"", "output")]
    {
        fs::write(bench.path("tokenward.toml"), file).unwrap();
        let (status, text) = run(&["realm", "list"], &[]);
        assert!(status == Some(2) && text.contains("configuration_invalid") && text.contains(place), "{file}: {text}");
    }
}
