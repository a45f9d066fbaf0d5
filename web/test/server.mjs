// The static server of the browser tests: folders mounted on paths, ranges, and faults on request.

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const MIME_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** What the package needs, and nothing more. */
const STRICT_CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

/**
 * Serves `mounts` (path prefix → folder or file text) on a free port of localhost.
 *
 * Query parameters of a request make faults: `cut=N` ends the connection after N bytes of each answer, `cuts=M`
 * does so only for the first M answers, `slow=MS` waits that long between pieces of 64 KiB, `status=S` answers S,
 * `ranges=off` ignores ranges, `then=FILE` sends that file of the same folder once the cuts are over, `hide=A,B`
 * leaves out these headers, `etag=weak` sends a weak one, `start=N` goes on N bytes off, `gzip=A` compresses although
 * asked not to. `csp` replaces the policy of every page and worker.
 */
export async function startServer(mounts, { csp = STRICT_CSP } = {}) {
  const requests = [];
  const cutsLeft = new Map();
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const { range, 'if-range': ifRange, 'accept-encoding': acceptEncoding } = request.headers;
    requests.push({ method: request.method, path: url.pathname, range, ifRange, acceptEncoding });
    response.setHeader('Content-Security-Policy', csp);
    const status = url.searchParams.get('status');
    if (status !== null) return end(response, Number(status));
    const found = find(mounts, decodeURIComponent(url.pathname));
    if (found === undefined) return end(response, 404);
    if (found.text !== undefined) {
      response.writeHead(200, headers(url.pathname.endsWith('.html') ? 'x.html' : 'x.js'));
      return response.end(found.text);
    }
    return sendFile(request, response, found.file, url, cutsLeft);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function find(mounts, path) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  for (const prefix of prefixes) {
    if (!path.startsWith(prefix)) continue;
    const mount = mounts[prefix];
    if (typeof mount === 'object') return path === prefix ? mount : undefined;
    const rest = normalize(path.slice(prefix.length));
    if (rest.startsWith('..')) return undefined;
    const file = join(mount, rest);
    if (existsSync(file) && statSync(file).isDirectory()) return { file: join(file, 'index.html') };
    return existsSync(file) ? { file } : undefined;
  }
  return undefined;
}

function headers(file) {
  return {
    'Content-Type': MIME_TYPES[extname(file)] ?? 'application/octet-stream',
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
  };
}

function end(response, status) {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end(String(status));
}

function sendFile(request, response, asked, url, cutsLeft) {
  const faults = url.searchParams;
  const cut = takeCut(url, cutsLeft);
  const isLater = cut === undefined && faults.has('then');
  const file = isLater ? join(dirname(asked), faults.get('then')) : asked;
  const { size, mtime } = statSync(file);
  const range = faults.get('ranges') === 'off' ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range);
  const off = range && Number(range[1]) > 0 ? Number(faults.get('start') ?? 0) : 0;
  const start = range ? Number(range[1]) + off : 0;
  const last = range?.[2] ? Number(range[2]) : size - 1;
  const etag = `"${size}-${mtime.getTime()}"`;
  const all = {
    ...headers(file),
    'Content-Length': last - start + 1,
    'Accept-Ranges': 'bytes',
    ETag: faults.get('etag') === 'weak' ? `W/${etag}` : etag,
    'Last-Modified': mtime.toUTCString(),
    ...(range ? { 'Content-Range': `bytes ${start}-${last}/${size}` } : {}),
  };
  for (const name of (faults.get('hide') ?? '').split(',')) delete all[name];
  if (faults.has('gzip')) return sendGzipped(response, file, all);
  response.writeHead(range ? 206 : 200, all);
  if (request.method === 'HEAD') return response.end();
  const slow = Number(faults.get('slow') ?? 0);
  if (cut === undefined && slow === 0) return createReadStream(file, { start, end: last }).pipe(response);
  return sendWithFaults(response, file, start, last, cut ?? Number.POSITIVE_INFINITY, slow);
}

function sendGzipped(response, file, all) {
  const body = gzipSync(readFileSync(file));
  response.writeHead(200, { ...all, 'Content-Encoding': 'gzip', 'Content-Length': body.length });
  response.end(body);
}

function takeCut(url, cutsLeft) {
  const cut = url.searchParams.get('cut');
  if (cut === null) return undefined;
  const left = cutsLeft.get(url.href) ?? Number(url.searchParams.get('cuts') ?? Number.POSITIVE_INFINITY);
  cutsLeft.set(url.href, left - 1);
  return left > 0 ? Number(cut) : undefined;
}

async function sendWithFaults(response, file, start, last, cut, slow) {
  let sent = 0;
  try {
    for await (const piece of createReadStream(file, { start, end: last, highWaterMark: 64 * 1024 })) {
      const part = piece.subarray(0, Math.max(cut - sent, 0));
      await new Promise((resolve, reject) =>
        response.write(part, (error) => (error ? reject(error) : resolve())),
      );
      sent += part.length;
      if (sent >= cut) return response.destroy();
      if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
    }
    response.end();
  } catch {
    response.destroy();
  }
}
