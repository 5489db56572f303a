//! Stands before a feed, passes everything on, and remembers which URLs were asked.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Listener {
    base_url: String,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Listener {
    pub fn before(base_url: &str) -> Self {
        let (host, path) = base_url.trim_start_matches("http://").split_once('/').unwrap();
        let (host, path) = (host.to_owned(), path.to_owned());
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/{path}", socket.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        thread::spawn(move || {
            for client in socket.incoming() {
                pass_on(client.unwrap(), TcpStream::connect(&host).unwrap(), &notes);
            }
        });
        Listener { base_url, heard }
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Everything that was sent since the last call, headers and bodies included.
    pub fn sent(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut *self.heard.lock().unwrap())).unwrap()
    }

    /// The URLs asked since the last call.
    pub fn requests(&mut self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let text = String::from_utf8(heard).unwrap();
        text.lines().filter_map(|line| line.strip_prefix("GET ")).map(str::to_owned).collect()
    }
}

fn pass_on(client: TcpStream, server: TcpStream, heard: &Arc<Mutex<Vec<u8>>>) {
    let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
    let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
    let heard = Arc::clone(heard);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from_client.read(&mut buffer) {
            heard.lock().unwrap().extend_from_slice(&buffer[..read]);
            if to_server.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        // A program that was killed hangs up; the server must hear of it. Neither end may still be there.
        let _ = to_server.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
