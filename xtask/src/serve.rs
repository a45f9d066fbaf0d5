//! A small static file server for the demo page: GET and HEAD, one byte range, right MIME types.
//!
//! It sends no isolation headers (COOP, COEP): the package needs none, and the demo shows that.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;

/// A request's head longer than this is refused.
const HEAD_BYTES_MAX: u64 = 16 * 1024;
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves one folder on localhost.
pub(crate) struct Server {
    listener: TcpListener,
    dir: PathBuf,
}

impl Server {
    /// Takes the port; 0 takes a free one.
    pub(crate) fn bind(dir: &Path, port: u16) -> Result<Self> {
        Ok(Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, port))?,
            dir: dir.canonicalize()?,
        })
    }

    pub(crate) fn port(&self) -> Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Answers requests, each on a thread of its own, for ever.
    pub(crate) fn run(self) -> Result<()> {
        for stream in self.listener.incoming() {
            let dir = self.dir.clone();
            // A client that goes away in the middle is no failure of the server.
            std::thread::spawn(move || stream.map(|stream| answer(stream, &dir)));
        }
        Ok(())
    }
}

/// Method, path and range of a request.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    is_head: bool,
    path: String,
    range: Option<String>,
}

fn answer(mut stream: TcpStream, dir: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let Some(request) = read_request(&stream)? else {
        return send_status(&mut stream, "400 Bad Request");
    };
    let Some(path) = resolve(dir, &request.path).filter(|path| path.is_file()) else {
        return send_status(&mut stream, "404 Not Found");
    };
    let mut file = File::open(&path)?;
    let metadata = file.metadata()?;
    let len = metadata.len();
    let (status, start, end) = match request
        .range
        .as_deref()
        .map(|range| parse_range(range, len))
    {
        None => ("200 OK", 0, len),
        Some(Some((start, end))) => ("206 Partial Content", start, end),
        Some(None) => return send_status(&mut stream, "416 Range Not Satisfiable"),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nAccept-Ranges: bytes\r\n\
         Cache-Control: no-cache\r\nETag: {}\r\nConnection: close\r\n",
        mime_type(&path),
        end - start,
        entity_tag(&metadata)?
    )?;
    if status.starts_with("206") {
        write!(stream, "Content-Range: bytes {start}-{}/{len}\r\n", end - 1)?;
    }
    stream.write_all(b"\r\n")?;
    if !request.is_head {
        file.seek(SeekFrom::Start(start))?;
        std::io::copy(&mut file.take(end - start), &mut stream)?;
    }
    stream.flush()
}

/// A name for these bytes of the file: with it a download that broke off goes on where it was.
fn entity_tag(metadata: &std::fs::Metadata) -> std::io::Result<String> {
    let since = metadata.modified()?.duration_since(UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    Ok(format!("\"{nanos:x}-{:x}\"", metadata.len()))
}

fn send_status(stream: &mut TcpStream, status: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{status}",
        status.len()
    )
}

fn read_request(stream: &TcpStream) -> std::io::Result<Option<Request>> {
    let mut lines = BufReader::new(stream.take(HEAD_BYTES_MAX)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next());
    let (Some(target), true) = (target, matches!(method, "GET" | "HEAD")) else {
        return Ok(None);
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let mut range = None;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("range")
        {
            range = Some(value.trim().to_owned());
        }
    }
    Ok(Some(Request {
        is_head: method == "HEAD",
        path: percent_decoded(path),
        range,
    }))
}

/// The file a path names; none for a path that leads out of the folder.
fn resolve(dir: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    let is_inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let full = dir.join(relative);
    is_inside.then(|| {
        if full.is_dir() {
            full.join("index.html")
        } else {
            full
        }
    })
}

/// The bytes `start..end` of `bytes=a-b`, `bytes=a-` or `bytes=-n`; none where nothing is left to send.
fn parse_range(range: &str, len: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = if first.is_empty() {
        (len.saturating_sub(last.parse().ok()?), len)
    } else if last.is_empty() {
        (first.parse().ok()?, len)
    } else {
        (
            first.parse().ok()?,
            last.parse::<u64>().ok()?.saturating_add(1).min(len),
        )
    };
    (start < end).then_some((start, end))
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn mime_type(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|end| end.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        assert_eq!(parse_range("bytes=0-9", 100), Some((0, 10)));
        assert_eq!(parse_range("bytes=90-", 100), Some((90, 100)));
        assert_eq!(parse_range("bytes=90-1000", 100), Some((90, 100)));
        assert_eq!(parse_range("bytes=-5", 100), Some((95, 100)));
        assert_eq!(parse_range("bytes=100-", 100), None);
        assert_eq!(parse_range("bytes=9-3", 100), None);
        assert_eq!(parse_range("pages=1-2", 100), None);
    }

    #[test]
    fn paths_stay_in_the_folder() {
        let dir = Path::new("/srv/demo");
        assert_eq!(resolve(dir, "/a/b.js"), Some(dir.join("a/b.js")));
        assert_eq!(resolve(dir, "/../secret"), None);
        assert_eq!(resolve(dir, "/a/../../secret"), None);
        assert_eq!(resolve(dir, "//etc/passwd"), Some(dir.join("etc/passwd")));
    }

    #[test]
    fn percent_signs_are_decoded_where_they_mean_something() {
        assert_eq!(percent_decoded("/a%20b"), "/a b");
        assert_eq!(percent_decoded("/100%"), "/100%");
        assert_eq!(percent_decoded("/%zz"), "/%zz");
        assert_eq!(percent_decoded("/%2e%2e/x"), "/../x");
    }

    #[test]
    fn a_file_is_served_whole_and_in_part() {
        let dir = std::env::temp_dir().join(format!("ggweb-serve-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("engine.wasm"), b"0123456789").unwrap();
        let server = Server::bind(&dir, 0).unwrap();
        let port = server.port().unwrap();
        std::thread::spawn(move || server.run());
        let ask = |head: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        };
        let whole = ask("GET /engine.wasm HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(whole.starts_with("HTTP/1.1 200 OK\r\n"), "{whole}");
        assert!(
            whole.contains("Content-Type: application/wasm\r\n"),
            "{whole}"
        );
        assert!(whole.ends_with("\r\n\r\n0123456789"), "{whole}");
        let part = ask("GET /engine.wasm HTTP/1.1\r\nRange: bytes=4-6\r\n\r\n");
        assert!(part.starts_with("HTTP/1.1 206"), "{part}");
        assert!(part.contains("Content-Range: bytes 4-6/10\r\n"), "{part}");
        let tag = |answer: &str| {
            let line = answer.lines().find(|line| line.starts_with("ETag: \""));
            line.map(str::to_owned)
        };
        assert!(tag(&whole).is_some() && tag(&whole) == tag(&part), "{part}");
        assert!(part.ends_with("\r\n\r\n456"), "{part}");
        assert!(ask("GET /none HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(ask("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
