// Downloads: what is asked for, what the answers are taken to say, and what is not joined. Part of the unit tests.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { joined, someBytes } from './fake-engine.mjs';
import { bytes, hasCode, loadFake } from './load-fake.mjs';
import { startServer } from './server.mjs';

let dir;
let server;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ggweb-downloads-'));
  // The same length and another content; the same content at another time; another length.
  const other = someBytes(bytes.length).map((byte) => byte ^ 1);
  for (const [name, content, time] of [
    ['model.gguf', bytes, 1000],
    ['edited.gguf', other, 2000],
    ['longer.gguf', someBytes(bytes.length + 1), 1000],
  ]) {
    writeFileSync(join(dir, name), content);
    utimesSync(join(dir, name), time, time);
  }
  server = await startServer({ '/': dir });
});

after(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

const url = (query) => `${server.origin}/model.gguf?${query}`;

async function arrivesWhole(query, total) {
  const { model, seen } = await loadFake(url(query));
  assert.ok(joined(seen.chunks).equals(bytes), `${query}: the bytes differ`);
  assert.equal(seen.options.total_bytes, total, query);
  model.dispose();
}

test('every request is for bytes as they are, with headers that any origin may send', async () => {
  const from = server.requests.length;
  await arrivesWhole('cut=1500000&cuts=1', bytes.length);
  const [first, second] = server.requests.slice(from);
  assert.equal(first.range, 'bytes=0-');
  assert.match(second.range, /^bytes=[1-9]\d*-$/);
  for (const { ifRange, acceptEncoding } of [first, second]) {
    assert.equal(ifRange, undefined);
    assert.equal(acceptEncoding, 'identity');
  }
});

test('the size is found in ranges, in whole files, and not in what is compressed', async () => {
  await arrivesWhole('ranges=off', bytes.length);
  await arrivesWhole('hide=Content-Range', bytes.length);
  await arrivesWhole('hide=Content-Length', bytes.length);
  await arrivesWhole('hide=Content-Length&ranges=off', undefined);
  await arrivesWhole('gzip=1', undefined);
});

test('a download goes on where something shows that the file is the same', async () => {
  for (const hidden of ['ETag', 'Last-Modified', 'Content-Range', 'ETag,Content-Range', 'Content-Length']) {
    await arrivesWhole(`cut=1500000&cuts=1&hide=${hidden}`, bytes.length);
  }
  await arrivesWhole('cut=1500000&cuts=1&etag=weak', bytes.length);
  await arrivesWhole('cut=1500000&cuts=1&ranges=off', bytes.length);
});

test('two versions of a file are never joined', async () => {
  const refused = async (query, why) => {
    const cut = `cut=1500000&cuts=1&${query}`;
    await assert.rejects(
      loadFake(url(cut)),
      (error) => hasCode('download-failed')(error) && why.test(error.message),
    );
  };
  const changed = /broke at byte \d+, and the file has changed since; load it again/;
  for (const more of ['', '&hide=ETag', '&hide=Last-Modified', '&etag=weak', '&hide=ETag,Content-Range']) {
    await refused(`then=edited.gguf${more}`, changed);
    await refused(`then=edited.gguf&ranges=off${more}`, changed);
  }
  await refused('then=longer.gguf&hide=ETag', changed);
  await refused('then=longer.gguf&hide=ETag,Content-Range', changed);
  const early = loadFake(url('cut=0&cuts=1&then=longer.gguf&hide=ETag'));
  await assert.rejects(early, /broke at byte 0, and the file has changed since/);
  await refused('hide=ETag,Last-Modified', /nothing shows whether the file is still the same/);
  await refused('etag=weak&hide=Last-Modified', /nothing shows whether/);
  await refused('start=7', /the server went on at byte \d+/);
  await refused('hide=Content-Range,Content-Length', /does not show where it went on/);
});
