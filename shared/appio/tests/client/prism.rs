//! The client against a server that others wrote, made from the sender's description of IO. What it
//! cannot judge (units of UTF-16, dates that do not exist) is checked before a message leaves.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use appio::CALL_MAX;
use engine::campaign::io::{Io, Profile};

use crate::{SERVICE, citizen, client, house, message, oracle};

/// The server, ended with the test.
struct Prism(Child);

impl Drop for Prism {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server and its address; none where it, or the description, is not there.
fn prism() -> Option<(Prism, String)> {
    let description = house().join("../shared/spec/appio/io-services-api-4.0.0.tightened.yaml");
    if !description.is_file() {
        eprintln!("SKIPPED: the description of IO is not there");
        return None;
    }
    let program = oracle()?.join("node_modules/@stoplight/prism-cli/dist/index.js");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new("node")
        .arg(program)
        .args(["mock", "--errors", "-h", "127.0.0.1", "-p", &free.to_string()])
        .arg(description)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = server.stdout.take().unwrap();
    let server = Prism(server);
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("listening")), "prism has not begun to listen");
    // What it says later is read, so that it does not wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    Some((server, format!("http://127.0.0.1:{free}")))
}

#[test]
fn what_the_client_asks_is_what_the_description_says() {
    let Some((_server, base)) = prism() else { return };
    let client = client(&base, CALL_MAX);
    assert!(matches!(client.profile(SERVICE, &citizen()), Ok(Profile::Allowed)));
    client.send(SERVICE, &citizen(), &message()).unwrap();
    let mut plain = message();
    (plain.due_date, plain.payment_data) = (None, None);
    client.send(SERVICE, &citizen(), &plain).unwrap();
    client.status(SERVICE, &citizen(), "01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap();
}
