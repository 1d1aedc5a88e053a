//! A service on loopback that is told what to answer: AWS on a bad day.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aws::{Access, Cloud, Names};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// `DynamoDB_20120810.Query`, `AmazonSQS.SendMessage`; of S3 the method and the path.
    pub what: String,
    pub body: String,
}

/// What is answered.
pub enum Answer {
    /// Status and body.
    Said(u16, String),
    /// The head of an answer whose body has so many bytes, and only the first of them.
    Cut(usize, String),
    /// Nothing: the connection is closed.
    HungUp,
    /// Nothing: the connection stays open.
    Silence,
}

pub struct Stub {
    endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Answers every request by what it asks and by how many asked the same before.
    pub fn answering(answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (got, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (got, answer) = (Arc::clone(&got), Arc::clone(&answer));
                // The client may hang up whenever it likes.
                thread::spawn(move || drop(serve(stream, &got, &*answer)));
            }
        });
        Self { endpoint, requests }
    }

    pub fn cloud(&self) -> Cloud {
        let access = Access {
            region: "eu-south-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            key_id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        };
        let names = Names {
            ledger: "ledger".to_owned(),
            journal: "journal".to_owned(),
            reconcile_queue: format!("{}/queue", self.endpoint),
        };
        Cloud::new(&access, names).unwrap()
    }

    /// The requests for this, in order.
    pub fn asked(&self, what: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| request.what == what).cloned().collect()
    }
}

fn serve(
    mut stream: TcpStream,
    requests: &Mutex<Vec<Request>>,
    answer: &impl Fn(&Request, usize) -> Answer,
) -> std::io::Result<()> {
    let request = read(&stream)?;
    let before = {
        let mut requests = requests.lock().unwrap();
        let before = requests.iter().filter(|it| it.what == request.what).count();
        requests.push(request.clone());
        before
    };
    let mut say = |status: u16, length: usize, body: &str| {
        write!(
            stream,
            "HTTP/1.1 {status} so\r\nContent-Length: {length}\r\nETag: \"tag\"\r\n\
             Connection: close\r\n\r\n{body}"
        )
    };
    match answer(&request, before) {
        Answer::Said(status, body) => say(status, body.len(), &body),
        Answer::Cut(length, body) => say(200, length, &body),
        Answer::HungUp => Ok(()),
        Answer::Silence => {
            // Until the client hangs up.
            stream.read(&mut [0]).map(drop)
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut what: Vec<_> = line.split(' ').take(2).map(str::to_owned).collect();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match &*name.to_lowercase() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => what = vec![value.to_owned()],
            "expect" => (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let what = what.join(" ");
    let what = what.split('?').next().unwrap_or_default().to_owned();
    Ok(Request { what, body })
}
