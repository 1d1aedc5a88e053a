//! A server on this machine that does what a test says, and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer: status, further headers, body.
    Answer(u16, &'static str, String),
    /// The request is read, and the connection cut.
    Cut,
    /// The request is read, and nothing is ever said.
    Silence,
    /// The head of an answer, and then nothing.
    BreaksOff,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    pub headers: Vec<String>,
    pub body: String,
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Request>>,
    /// Connections on which nothing is said.
    silent: Mutex<Vec<TcpStream>>,
}

pub struct StandIn {
    pub base: String,
    shared: Arc<Shared>,
}

impl StandIn {
    /// A server that gives these replies, one after the other.
    pub fn with(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { replies: Mutex::new(replies.into()), ..Shared::default() });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&serving);
                // A client that goes away is part of the test.
                thread::spawn(move || drop(serve(connection, &shared)));
            }
        });
        Self { base, shared }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

fn serve(connection: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    while let Some(request) = read(&mut reader)? {
        shared.requests.lock().unwrap().push(request);
        let reply = shared.replies.lock().unwrap().pop_front();
        match reply {
            Some(Reply::Answer(status, headers, body)) => {
                write!(
                    connection,
                    "HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n{headers}\r\n{body}",
                    body.len()
                )?;
            }
            Some(Reply::BreaksOff) => {
                write!(connection, "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{{")?;
                return Ok(());
            }
            Some(Reply::Silence) => {
                shared.silent.lock().unwrap().push(connection);
                return Ok(());
            }
            Some(Reply::Cut) | None => return Ok(()),
        }
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length = lines.iter().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let line = lines.remove(0);
    Ok(Some(Request { line, headers: lines, body: String::from_utf8(body).unwrap() }))
}
