//! A FIX client without an engine: it sends what the test says and reads what comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use ringfence_fix::codec::{Body, encode};
use ringfence_fix::tag;
use ringfence_kernel::types::Ts;

/// Longest time for anything to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Anything that bytes go through.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

/// One connection of a client that is called `CLIENT`, to `SERVER`.
pub(crate) struct Client {
    wire: Box<dyn Wire>,
    pub(crate) next_out: u64,
    came: Vec<u8>,
}

/// Returns a connection whose reads end.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

impl Client {
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        Self { wire: Box::new(wire), next_out: 1, came: Vec::new() }
    }
    /// Connects and logs on with the number `seq`.
    pub(crate) fn logged_on(address: SocketAddr, seq: u64) -> Self {
        let mut client = Self::new(connect(address));
        client.next_out = seq;
        client.send("A", "98=0|108=30|");
        let answer = client.read();
        assert!(answer.contains("|35=A|"), "{answer}");
        client
    }
    /// Returns a message under the next number; fields end with a bar.
    pub(crate) fn message(&mut self, msg_type: &str, fields: &str) -> Vec<u8> {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let mut header = Body::new();
        header.put(tag::MSG_TYPE, msg_type).put(tag::MSG_SEQ_NUM, self.next_out);
        header.put(tag::SENDER_COMP_ID, "CLIENT").put(tag::TARGET_COMP_ID, "SERVER");
        header.utc(tag::SENDING_TIME, Ts::from_nanos(i64::try_from(now).unwrap()));
        self.next_out += 1;
        let mut out = Vec::new();
        encode("FIX.4.4", header.bytes(), fields.replace('|', "\x01").as_bytes(), &mut out);
        out
    }
    pub(crate) fn send(&mut self, msg_type: &str, fields: &str) {
        let message = self.message(msg_type, fields);
        self.write(&message);
    }
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.wire.write_all(bytes).unwrap();
    }
    /// Writes to a peer that may be gone.
    pub(crate) fn write_or_lose(&mut self, bytes: &[u8]) {
        let _ = self.wire.write_all(bytes);
    }
    /// Returns the next message with bars for separators.
    pub(crate) fn read(&mut self) -> String {
        self.next().expect("expected a message, found the end")
    }
    /// Returns the next message, `None` at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            if let Some(message) = self.take() {
                return Some(message);
            }
            let mut bytes = [0; 4096];
            match self.wire.read(&mut bytes) {
                Ok(0) => return None,
                Ok(count) => self.came.extend_from_slice(&bytes[..count]),
                Err(why) if why.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(why) => panic!("nothing came: {why}"),
            }
        }
    }
    fn take(&mut self) -> Option<String> {
        let text: String = self.came.iter().map(|byte| char::from(*byte)).collect();
        let end = text.find("\x0110=")? + "\x0110=000\x01".len();
        let message = text.get(..end)?.replace('\x01', "|");
        self.came.drain(..end);
        Some(message)
    }
}

/// Returns the value of a field.
pub(crate) fn field<'a>(message: &'a str, tag: &str) -> Option<&'a str> {
    message.split('|').find_map(|field| field.strip_prefix(tag)?.strip_prefix('='))
}
