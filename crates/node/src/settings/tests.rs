//! Settings are read into types, or refused with their place.

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::session::{self, Authenticator, Schedule};
use ringfence_gateway::DrainPolicy;
use ringfence_kernel::types::{Name, Ts};
use serde_json::{Value, json};

use super::*;
use crate::host::Unfit;

fn client() -> Value {
    json!({
        "name": "CLIENT", "of": "CLIENT", "role": "client", "side": "acceptor",
        "begin_string": "FIX.4.2", "sender_comp_id": "GW1", "target_comp_id": "CLIENT",
        "username": "buyside", "has_password": true, "dictionary": [], "dialect": null,
        "schedule": [{"name": "day", "trade_date": "2013-10-08", "start_ns": 10, "end_ns": 20}],
        "reset_on_logon": true, "reset_on_logout": false, "reset_on_disconnect": false,
        "next_expected": false, "resend_chunk": 100, "sender_sub_id": "DESK", "target_sub_id": null,
        "heartbeat_max_s": 60, "message_max": 500, "passed_over": [207, 9001],
        "accounts": ["client"]
    })
}

fn venue() -> Value {
    json!({
        "name": "LIT1", "of": "LIT1", "role": "venue", "side": "initiator",
        "begin_string": "FIXT.1.1", "sender_comp_id": "GW1", "target_comp_id": "LIT1",
        "username": null, "has_password": false, "dictionary": [], "dialect": null,
        "schedule": [], "reset_on_logon": false, "reset_on_logout": false,
        "reset_on_disconnect": false, "next_expected": true, "resend_chunk": 0,
        "sender_sub_id": null, "target_sub_id": null, "address": "[::1]:7101",
        "backups": ["backup.test:7201"], "tls": null, "heartbeat_s": 10,
        "reconnect": {"first_ns": 5, "max_ns": 50, "failures_max": 4, "failover_count": 2},
        "market_data": true
    })
}

fn node() -> Value {
    json!({
        "node": "GW1", "trade_date": "2013-10-08", "config_digest": "ab", "listen": ["127.0.0.1:0"],
        "tls": null, "journal": "journal", "durability": "process", "control": null,
        "inputs": null, "drain": "leave", "drain_timeout_ns": 1_000, "tick_ns": 250,
        "day_end_ns": 77, "new_day": null, "clock_step_max_ns": 9, "clock_offset_max_ns": 7,
        "clock_error_max_ns": 6, "clock_check_every_ns": 5, "clock_unfit": "refuse",
        "logon_timeout_ns": 8,
        "definitions": [
            {"ts": 0, "input": "strategy_definition", "strategy": "DMA", "direct": true}
        ],
        "sessions": [client(), venue()]
    })
}

fn secrets() -> Secrets {
    Secrets::new([("CLIENT".to_owned(), "s3cret".to_owned())])
}

fn read(value: &Value) -> Result<NodeSettings, SettingsError> {
    NodeSettings::read(&value.to_string(), &secrets())
}

/// Returns `value` with another value at a pointer; the place must be there.
fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    *value.pointer_mut(pointer).expect(pointer) = new;
    value
}

/// R13: what the configuration says arrives in the types of journal, sockets and sessions.
#[test]
fn settings_are_read() {
    let found = read(&node()).unwrap();
    let process = &found.process;
    assert_eq!((DrainPolicy::Leave, 250), (found.gateway.drain, found.gateway.tick_interval_ns));
    assert_eq!((1, 0), (found.definitions.len(), found.inputs.len()));
    assert_eq!("2013-10-08", process.host.journal.trade_date.to_string());
    let clock = process.host.clock.unwrap();
    assert_eq!((7, 6, 5), (clock.offset_max_ns, clock.error_max_ns, clock.check_every_ns));
    assert_eq!(Unfit::Refuse, clock.unfit);
    assert_eq!(vec![Role::Client, Role::Venue], roles(process));
    assert_eq!(Some(500), process.links.first().unwrap().message_max);
    assert_eq!(Some(&vec![207, 9_001]), found.gateway.passed_over.get(&SessionIndex::new(0)));
    let peers = process.host.peers.get(&SessionIndex::new(1)).unwrap().iter();
    let peers: Vec<String> = peers.map(ToString::to_string).collect();
    assert_eq!(vec!["[::1]:7101", "backup.test:7201"], peers);
    let [client, venue] = process.sessions.sessions.as_slice() else { panic!("two sessions") };
    assert!(matches!(client.role, session::Role::Acceptor));
    assert_eq!((30, 60), (client.heartbeat.secs, client.heartbeat.secs_max));
    assert_eq!(8, client.logon_timeout_ns);
    assert_eq!((false, 100), (client.next_expected, client.resend_chunk));
    assert_eq!((Name::new("DESK"), None), (client.sender_sub_id, client.target_sub_id));
    assert_eq!((true, 0), (venue.next_expected, venue.resend_chunk));
    assert_eq!(Some(Ts::from_nanos(77)), process.host.day_end);
    let window = session::Window { start: Ts::from_nanos(10), end: Ts::from_nanos(20) };
    assert_eq!(Schedule::Windows(vec![window]), client.schedule);
    let session::Role::Initiator(reconnect) = venue.role else { panic!("it dials") };
    assert_eq!((5, 50, 4), (reconnect.first_ns, reconnect.max_ns, reconnect.failures_max));
    assert_eq!(2, reconnect.failover_count);
    assert_eq!(Schedule::Always, venue.schedule);
}

fn roles(process: &ProcessSettings) -> Vec<Role> {
    process.links.iter().map(|link| link.role).collect()
}

/// R28: a logon shows user name and password of its own session, in full and no more.
#[test]
fn a_logon_must_show_both() {
    let process = read(&node()).unwrap().process;
    let admits = |session, username: Option<&str>, password: Option<&str>| {
        let (username, password) = (username.map(str::as_bytes), password.map(str::as_bytes));
        process.sessions.authenticator.admits(SessionIndex::new(session), username, password)
    };
    assert!(admits(0, Some("buyside"), Some("s3cret")));
    for (username, password) in [
        (Some("buyside"), Some("s3cre")),
        (Some("buyside"), Some("s3crets")),
        (Some("buyside"), Some("s3creT")),
        (Some("buyside"), Some("s3cret\0")),
        (Some("buyside"), Some("")),
        (Some("buyside"), None),
        (Some("sellside"), Some("s3cret")),
        (None, Some("s3cret")),
    ] {
        assert!(!admits(0, username, password), "{username:?} {password:?}");
    }
    assert!(admits(1, None, None));
    assert!(!admits(2, None, None));
}

/// R28: no form of settings that is printed has a password in it.
#[test]
fn passwords_are_not_printed() {
    let mut passwords = Passwords::default();
    let password = Some("s3cret".to_owned());
    passwords.push(secrets::Expected { username: None, password });
    assert!(passwords.admits(SessionIndex::new(0), None, Some(b"s3cret")));
    for text in [format!("{:?}", secrets()), format!("{passwords:?}")] {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

/// R13: a value that does not fit is refused with its place.
#[test]
fn what_does_not_fit_is_named() {
    for (pointer, new, place) in [
        ("/drain", json!("flee"), "drain"),
        ("/new_day", json!({"accepts": ["orders"]}), "new_day.accepts"),
        ("/day_end_ns", json!("noon"), "day_end_ns"),
        ("/sessions/0/next_expected", json!(true), "sessions"),
        ("/sessions/0/target_sub_id", json!(""), "sessions[0].target_sub_id"),
        ("/durability", json!("ram"), "durability"),
        ("/trade_date", json!("today"), "trade_date"),
        ("/tick_ns", json!(0), "tick_ns"),
        ("/tick_ns", json!(1.5), "tick_ns"),
        ("/logon_timeout_ns", json!(-1), "logon_timeout_ns"),
        ("/clock_offset_max_ns", json!(0), "clock_offset_max_ns"),
        ("/clock_unfit", json!("ignore"), "clock_unfit"),
        ("/listen/0", json!("localhost:1"), "listen"),
        ("/listen", json!({}), "listen"),
        ("/inputs", json!("no such file"), "inputs"),
        ("/definitions/0/input", json!("no_such"), "definitions[0]"),
        ("/sessions/0/role", json!("friend"), "sessions[0].role"),
        ("/sessions/0/passed_over/1", json!(18), "sessions[0].passed_over"),
        ("/sessions/0/passed_over/0", json!(-1), "sessions[0].passed_over[0]"),
        ("/sessions/0/side", json!("both"), "sessions[0].side"),
        ("/sessions/0/begin_string", json!("FIX.4.3"), "sessions[0].dictionary"),
        ("/sessions/0/sender_comp_id", json!(""), "sessions[0].sender_comp_id"),
        ("/sessions/0/has_password", json!(false), "sessions[0].has_password"),
        ("/sessions/0/dictionary", json!(["no such file"]), "sessions[0].dictionary"),
        ("/sessions/0/schedule/0/start_ns", json!(null), "sessions[0].schedule[0].start_ns"),
        ("/sessions/0/heartbeat_max_s", json!(-1), "sessions[0].heartbeat_max_s"),
        ("/sessions/0/heartbeat_max_s", json!(0), "sessions"),
        ("/sessions/0/reset_on_logon", json!(1), "sessions[0].reset_on_logon"),
        ("/sessions/1/address", json!("somewhere"), "sessions[1].address"),
        ("/sessions/1/backups/0", json!("somewhere"), "sessions[1].backups"),
        ("/sessions/1/backups", json!(["b:1", "b:2", "b:3", "b:4"]), "sessions[1].backups"),
        ("/sessions/1/reconnect/failover_count", json!(0), "sessions"),
        ("/sessions/1/tls", json!({"ca": "no such file"}), "sessions[1].tls"),
        ("/sessions/1/reconnect", json!(null), "sessions[1].reconnect"),
        ("/sessions/1/reconnect/first_ns", json!(51), "sessions"),
        ("/sessions/1", client(), "sessions"),
        ("/sessions/1", json!([]), "sessions[1]"),
    ] {
        let refused = read(&with(node(), pointer, new)).err().expect(pointer);
        assert_eq!(place, refused.place, "{pointer}: {refused}");
    }
}

/// R13: lines of a gateway that runs have no time, and the first bad one is the error.
#[test]
fn live_lines_have_no_time() {
    let good = br#"{"input": "phase_change", "phase": "continuous"}"#;
    assert_eq!(1, live_inputs(good).unwrap().len());
    let timed = b"\n{\"input\": \"phase_change\", \"phase\": \"continuous\", \"ts\": 0}\n";
    let refused = live_inputs(timed).unwrap_err();
    assert_eq!((2, true), (refused.line, refused.message.contains("expected none")));
    assert_eq!(1, live_inputs(b"{}").unwrap_err().line);
}
