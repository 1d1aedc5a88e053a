//! A stateful IO on this machine: it has citizens who use it and citizens who do not, remembers
//! every message that it took, and breaks when it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What happens to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is taken, and the connection cut before the answer.
    CutAfter,
    /// 429, to wait one second.
    Busy,
    /// 500 of the function: not taken.
    Fails,
    /// 403.
    LockedOut,
}

/// A message as it was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub recipient: String,
    pub body: Value,
}

#[derive(Debug, Default)]
pub struct State {
    pub taken: Vec<Taken>,
    pub profiles: BTreeSet<String>,
    /// Faults, by the number of the message that they happen to.
    pub faults: BTreeMap<usize, Fault>,
    posts: usize,
}

#[derive(Clone)]
pub struct Fake {
    pub base: String,
    pub state: Arc<Mutex<State>>,
}

impl Fake {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let fake = Self { base, state: Arc::default() };
        let state = Arc::clone(&fake.state);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                // A client that goes away is part of the test.
                thread::spawn(move || drop(serve(connection, &state)));
            }
        });
        fake
    }

    pub fn breaks(&self, faults: &[(usize, Fault)]) {
        self.state.lock().unwrap().faults.extend(faults.iter().copied());
    }

    /// How often each citizen got each text.
    pub fn received(&self) -> BTreeMap<(String, String), usize> {
        let mut received = BTreeMap::new();
        for message in &self.state.lock().unwrap().taken {
            let text = message.body["content"]["markdown"].to_string();
            *received.entry((message.recipient.clone(), text)).or_default() += 1;
        }
        received
    }
}

/// Of seven citizens one does not use IO, and one does not want the service.
pub fn standing(code: &str) -> u32 {
    code.bytes().map(u32::from).sum::<u32>() % 7
}

fn serve(mut connection: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some((line, body)) = read(&mut reader)? {
        let answer = match line.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["POST", "/api/v1/profiles"] => Some(profile(&body, state)),
            ["POST", "/api/v1/messages"] => message(&body, state),
            ["GET", _] => Some((200, "", json!({"message": {}, "status": "PROCESSED"}))),
            _ => Some((404, "", json!({}))),
        };
        let Some((status, headers, body)) = answer else { return Ok(()) };
        let body = body.to_string();
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )?;
    }
    Ok(())
}

type Answer = (u16, &'static str, Value);

fn profile(body: &Value, state: &Mutex<State>) -> Answer {
    let code = body["fiscal_code"].as_str().unwrap();
    state.lock().unwrap().profiles.insert(code.to_owned());
    match standing(code) {
        0 => (404, "", json!({"title": "Not found"})),
        1 => (200, "", json!({"sender_allowed": false})),
        _ => (200, "", json!({"sender_allowed": true})),
    }
}

fn message(body: &Value, state: &Mutex<State>) -> Option<Answer> {
    const PROBLEM: &str = "Content-Type: application/problem+json\r\n";
    let mut state = state.lock().unwrap();
    state.posts += 1;
    let post = state.posts;
    let fault = state.faults.remove(&post);
    match fault {
        Some(Fault::Busy) => return Some((429, "x-rate-limit-retry-after: 1\r\n", json!({}))),
        Some(Fault::Fails) => return Some((500, PROBLEM, json!({"title": "Internal"}))),
        Some(Fault::LockedOut) => {
            return Some((403, PROBLEM, json!({"title": "Recipient forbidden"})));
        }
        Some(Fault::CutAfter) | None => {}
    }
    let recipient = body["fiscal_code"].as_str().unwrap().to_owned();
    state.taken.push(Taken { recipient, body: body.clone() });
    let id = format!("{:026}", state.taken.len());
    (fault.is_none()).then(|| (201, "", json!({"id": id})))
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Value)>> {
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(said) = line.strip_prefix("content-length:") {
            length = said.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((first, serde_json::from_slice(&body).unwrap_or(Value::Null))))
}
